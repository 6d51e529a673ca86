package models_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// A user who enters while a session change is committed and not published would be told of it twice.
func TestJoinReadsOnlyPublishedSessionChanges(t *testing.T) {
	start := func(t *testing.T, store *models.Store) error {
		_, err := store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"})
		return err
	}
	end := func(t *testing.T, store *models.Store) error {
		_, err := store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"})
		return err
	}
	join := func(t *testing.T, store *models.Store, actor models.Actor) error {
		_, err := store.Join(t.Context(), actor, mathClass)
		return err
	}
	resume := func(t *testing.T, store *models.Store, actor models.Actor) error {
		_, err := store.Resume(t.Context(), actor, []models.ResumeRequest{{ClassID: mathClass, Since: 1}})
		return err
	}
	for name, tt := range map[string]struct {
		change func(*testing.T, *models.Store) error
		enter  func(*testing.T, *models.Store, models.Actor) error
	}{
		"join and start": {start, join}, "join and end": {end, join},
		"resume and start": {start, resume}, "resume and end": {end, resume},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var watched, published atomic.Bool
				arrived, open := make(chan struct{}), make(chan struct{})
				hold := func(models.Event) {
					if watched.Load() {
						close(arrived)
						<-open
						published.Store(true)
					}
				}
				store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: hold})
				student := classroom(t, store, mathClass, 1)[0]
				watched.Store(true)
				changed, entered := make(chan error, 1), make(chan bool, 1)
				go func() { changed <- tt.change(t, store) }()
				<-arrived
				go func() {
					if err := tt.enter(t, store, student); err != nil {
						t.Error(err)
					}
					entered <- published.Load()
				}()
				// Time for an entry that does not wait. One that waits does so however long this is.
				time.AfterFunc(50*time.Millisecond, func() { close(open) })
				if !<-entered {
					t.Error("entered before the change was published")
				}
				if err := <-changed; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
