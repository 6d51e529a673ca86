package models_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestUnknownOutcomeOfMarkIsFoundOut loses the answer to the COMMIT of a student's mark, or the COMMIT. Then somebody else changes
// something on another server, and the mark is tried again. It must be confirmed if it was recorded, and otherwise be decided anew.
func TestUnknownOutcomeOfMarkIsFoundOut(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	direct := db.Open(t, models.Options{Mode: models.ModeOpen, Logger: quiet()})
	db.DSN = relay.DSN(db.Name)
	var published publicationCount
	alone := published.options(models.ModeOpen)
	node := alone
	node.Cluster = true
	number := 0
	for _, store := range []struct {
		name string
		*models.Store
	}{{"alone", db.Open(t, alone)}, {"node", db.Open(t, node)}} {
		for _, meanwhile := range []struct {
			name    string
			change  func(class models.ID) error
			refused error // what a mark gets that was not recorded before
			stands  bool  // a mark that was recorded before is still the student's
		}{
			{"nothing", func(models.ID) error { return nil }, nil, true},
			{"the session ends", func(class models.ID) error {
				_, err := direct.End(t.Context(), asha, models.EndRequest{ClassID: class, SessionType: "lecture"})
				return err
			}, models.ErrNoActiveSession, false},
			{"the teacher sets another status", func(class models.ID) error {
				_, err := direct.Record(t.Context(), asha, models.MarkRequest{ClassID: class, SessionType: "lecture", StudentID: chen.ID, Status: models.Excused})
				return err
			}, models.ErrSetByTeacher, false},
			{"the student sets another status", func(class models.ID) error {
				_, err := direct.Record(t.Context(), chen, models.MarkRequest{ClassID: class, SessionType: "lecture", Status: models.Late})
				return err
			}, nil, false},
		} {
			for _, outcome := range []struct {
				name     string
				fault    modelstest.Fault
				recorded bool
			}{{"recorded", modelstest.LoseAnswer, true}, {"not recorded", modelstest.End, false}} {
				t.Run(store.name+"/"+meanwhile.name+"/"+outcome.name, func(t *testing.T) {
					number++
					class := models.ID{Key: fmt.Sprint("class ", number)}
					classroom(t, store.Store, class, 1)
					must(store.AddToRoster(t.Context(), asha, class, []models.Student{{ID: chen.ID}}))(t)
					must(store.Join(t.Context(), asha, class))(t) // and there is a connection for batches
					published.take()

					lose, lost := modelstest.FirstOf("INSERT INTO marks", outcome.fault)
					var changed atomic.Bool
					relay.AtStatement(func(statement string) modelstest.Fault {
						if lost() && strings.HasPrefix(statement, "START TRANSACTION") && changed.CompareAndSwap(false, true) {
							if err := meanwhile.change(class); err != nil {
								t.Error(err)
							}
						}
						return lose(statement)
					})
					result, err := store.Record(t.Context(), chen, models.MarkRequest{ClassID: class, SessionType: "lecture", Status: models.Present})
					relay.AtStatement(nil)

					if !changed.Load() {
						t.Fatal("there was no second attempt")
					}
					if outcome.recorded || meanwhile.refused == nil {
						if err != nil || !result.Changed || result.Mark.Status != models.Present {
							t.Errorf("got %+v, %v", result, err)
						}
					} else if !errors.Is(err, meanwhile.refused) {
						t.Errorf("got %v, want %v", err, meanwhile.refused)
					}
					if rows := presentChanges(t, direct, class); err != nil && rows != 0 || err == nil && rows != 1 {
						t.Errorf("the audit trail has the mark %d times", rows)
					}
					// A server that is alone publishes what the attempt before has recorded, in a cluster the log has it.
					want := 0
					if err == nil && (!outcome.recorded || store.name == "alone" && meanwhile.stands) {
						want = 1
					}
					if count := published.take(); count != want {
						t.Errorf("%d published, want %d", count, want)
					}
				})
			}
		}
	}
}

// presentChanges returns how often the audit trail of a class's lecture says that chen became present.
func presentChanges(t *testing.T, store *models.Store, class models.ID) (count int) {
	t.Helper()
	for _, session := range must(store.SessionsBetween(t.Context(), asha, class, "", ""))(t) {
		for _, change := range must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{StudentID: chen.ID}))(t).Changes {
			if change.To == models.Present {
				count++
			}
		}
	}
	return count
}
