package models_test

import (
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestSilentServerDoesNotKeepClassLocked cuts a server off in the middle of a transaction. The database does not learn of it, as when
// a machine dies. Another server must be able to use the class again.
func TestSilentServerDoesNotKeepClassLocked(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	other := db.Open(t, models.Options{Mode: models.ModeOpen, Logger: quiet()})
	db.DSN = relay.DSN(db.Name) + "?readTimeout=100ms"
	silent := db.Open(t, models.Options{Mode: models.ModeOpen, Logger: quiet()})
	for _, op := range operations {
		if op.name != "mark" && op.name != "initiate" {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			class := models.ID{Key: "class of " + op.name}
			classroom(t, other, class, 1)
			must(other.AddToRoster(t.Context(), asha, class, []models.Student{{ID: chen.ID}}))(t)
			vanish, vanished := modelstest.FirstOf(op.statement, modelstest.Vanish)
			relay.AtStatement(vanish)
			_ = op.run(t.Context(), silent, class) // it fails, or waits in vain for its own lock
			relay.AtStatement(nil)
			if !vanished() {
				t.Fatalf("no statement contains %q", op.statement)
			}
			for deadline := time.Now().Add(30 * time.Second); ; {
				_, err := other.Record(t.Context(), chen, models.MarkRequest{ClassID: class, SessionType: "lecture"})
				if err == nil {
					return
				}
				if time.Now().After(deadline) {
					t.Fatal(err)
				}
			}
		})
	}
}
