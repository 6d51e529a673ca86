package models_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestNodeBatchWaitsForBatchOfOtherNode has a node commit marks of a class while another node's batch holds its lock. The second batch
// must wait for the first, instead of being tried again and again, class by class in the end: that made marks fail in a burst.
func TestNodeBatchWaitsForBatchOfOtherNode(t *testing.T) {
	db := modelstest.MariaDB(t)
	options := models.Options{Mode: models.ModeOpen, Logger: quiet(), Cluster: true}
	open := func() (*models.Store, *modelstest.Relay) {
		relay := modelstest.NewRelay(t, db.Server)
		through := *db
		through.DSN = relay.DSN(db.Name)
		return through.Open(t, options), relay
	}
	first, firstRelay := open()
	second, secondRelay := open()
	classroom(t, first, mathClass, 1)
	must(first.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID}, {ID: models.ID{Key: "divya"}}}))(t)

	written, release := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	firstRelay.AtStatement(func(statement string) modelstest.Fault {
		if strings.Contains(statement, "INSERT INTO marks") && held.CompareAndSwap(false, true) {
			close(written)
			<-release
		}
		return modelstest.Pass
	})
	var batches atomic.Int64
	secondRelay.AtStatement(func(statement string) modelstest.Fault {
		if strings.HasPrefix(statement, "START TRANSACTION") {
			batches.Add(1)
		}
		return modelstest.Pass
	})
	results := make(chan error, 2)
	mark := func(store *models.Store, student string) {
		_, err := store.Record(t.Context(), models.Actor{ID: models.ID{Key: student}, Role: models.RoleStudent}, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
		results <- err
	}
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	go mark(first, chen.ID.Key)
	<-written
	go mark(second, "divya")
	eventually(t, func() bool { return waitingForLocks(t, db) > 0 })
	letGo()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if count := batches.Load(); count != 1 {
		t.Errorf("the second batch was begun %d times", count)
	}
}
