package models_test

import (
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestNodeIsDeclaredDeadWhenItsLeaseIsOld has a line for each state in which one node may declare another dead. Their leases outlive the test, so they
// are renewed only where it says so.
func TestNodeIsDeclaredDeadWhenItsLeaseIsOld(t *testing.T) {
	const tooOld = "UPDATE nodes SET alive_at = alive_at - 7200000 WHERE name = "
	for _, test := range []struct {
		name, change string
		steady       bool // the observer has renewed its own lease for long enough
		dead         bool
	}{
		{"in time", "", true, false},
		{"too old", tooOld + "'a'", true, true},
		{"too old, and the observer was paused", tooOld + "'a'", false, false},
		{"too old, as that of the observer is", tooOld + "'a' OR name = 'b'", true, false},
		{"too old for another observer", "UPDATE nodes SET gone_at = 1 WHERE name = 'a'", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := modelstest.MariaDB(t)
			node := func(name string) (*models.Store, *models.Registration) {
				store := db.Open(t, models.Options{Logger: quiet()})
				store.SetNodeLease(time.Hour)
				return store, must(store.Register(t.Context(), name))(t)
			}
			_, a := node("a")
			observer, b := node("b")
			if b.MayDeclareDead() {
				t.Error("a node may declare others dead before it has renewed its own lease")
			}
			if test.steady {
				b.Steady()
			}
			if test.change != "" {
				observer.Exec(t, test.change)
			}
			first := a.Incarnation()
			dead := observer.DeclareDead(t, b)
			if got := len(dead) == 1 && dead[0] == first; got != test.dead || len(dead) > 1 {
				t.Errorf("dead: %v, incarnation %d", dead, first)
			}
			a.Renew()
			if again := a.Incarnation(); (again != first) != test.dead {
				t.Errorf("the node was incarnation %d and is %d", first, again)
			}
			unregister(t, a)
			unregister(t, b)
		})
	}
}
