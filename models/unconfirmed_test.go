package models_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// A session change whose COMMIT was not answered is published once, if it was committed: when it is repeated, or by EndOverdue.
func TestUnconfirmedSessionChangeIsPublishedOnce(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	db.DSN = relay.DSN(db.Name) + "?readTimeout=1s"
	var made publicationCount
	store := db.Open(t, made.options(models.ModeOpen))
	number := 0
	for _, op := range operations {
		if op.name != "initiate" && op.name != "end" {
			continue
		}
		for _, test := range []struct {
			name      string
			fault     modelstest.Fault
			committed bool
		}{
			{"committed", modelstest.LoseAnswer, true},
			{"not committed", modelstest.End, false},
		} {
			for _, next := range []string{"repeated", "end overdue"} {
				t.Run(op.name+"/"+test.name+"/"+next, func(t *testing.T) {
					number++
					class := models.ID{Key: fmt.Sprint("class ", number)}
					classroom(t, store, class, 1)
					made.take()
					choose, _ := modelstest.FirstOf("COMMIT", test.fault)
					relay.AtStatement(choose)
					err := op.run(t.Context(), store, class)
					relay.AtStatement(nil)
					if count := made.take(); !errors.Is(err, models.ErrUnknownOutcome) || count != 0 {
						t.Fatalf("got %v and %d published, want an unknown outcome", err, count)
					}
					want := 1 // the repetition makes the change, or publishes the one that was made
					if next == "end overdue" {
						must(store.EndOverdue(t.Context()))(t)
						if !test.committed {
							want = 0
						}
					} else if err := op.run(t.Context(), store, class); err != nil {
						t.Fatal(err)
					}
					if count := made.take(); count != want {
						t.Errorf("%d published, want %d", count, want)
					}
					if err := op.run(t.Context(), store, class); err != nil {
						t.Fatal(err)
					}
					if count := made.take(); count != 1-want {
						t.Errorf("%d published by another repetition, want %d", count, 1-want)
					}
				})
			}
		}
	}
}
