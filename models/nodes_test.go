package models_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// eachTwoNodes opens databases twice, as two server processes do. The clock of the second is wrong.
func eachTwoNodes(t *testing.T, test func(t *testing.T, nodes []*models.Store)) {
	t.Helper()
	now := time.Now().UTC()
	untilNoon := now.Truncate(24 * time.Hour).Add(12 * time.Hour).Sub(now) // at which both have the same day
	for name, wrong := range map[string]time.Duration{"3 s slow": -3 * time.Second, "1 h slow": -time.Hour, "1 h fast": time.Hour} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				open := func(ahead time.Duration) *models.Store {
					clock := func() time.Time { return time.Now().Add(ahead) }
					return db.Open(t, models.Options{Mode: models.ModeSigned, Clock: clock, Cluster: db.DSN != "", Logger: quiet()})
				}
				test(t, []*models.Store{open(untilNoon), open(untilNoon + wrong)})
			})
		})
	}
}

func TestTwoNodesGiveResultsOfOne(t *testing.T) {
	eachTwoNodes(t, func(t *testing.T, nodes []*models.Store) {
		students := classroom(t, nodes[0], mathClass, 200)
		// Every student marks twice on each node, all at once: one of the four is the change.
		var changed atomic.Int64
		var all sync.WaitGroup
		for i, who := range students {
			for n := range 4 {
				all.Go(func() {
					req := models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}
					result, err := nodes[(i+n)%2].Record(t.Context(), who, req)
					if err != nil {
						t.Error(err)
					}
					if result.Changed {
						changed.Add(1)
					}
				})
			}
		}
		all.Wait()
		if changed.Load() != 200 {
			t.Errorf("200 marks were %d changes", changed.Load())
		}
		found := today(t, nodes[1], "lecture")
		for _, m := range found.Records {
			if m.Status != models.Present {
				t.Errorf("%s is %s", m.StudentID, m.Status)
			}
		}
		changes := must(nodes[0].Changes(t.Context(), asha, found.Records[0].SessionID, models.ChangesRequest{}))(t).Changes
		if len(changes) != 400 { // absent, present
			t.Errorf("the audit trail has %d lines", len(changes))
		}
	})
}

func TestClassTimestampsNeverGoBack(t *testing.T) {
	eachTwoNodes(t, func(t *testing.T, nodes []*models.Store) {
		students := classroom(t, nodes[0], mathClass, 40)
		var last models.Timestamp
		for i, who := range students {
			m := must(nodes[i%2].Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}))(t).Mark
			if m.RecordedAt < last {
				t.Fatalf("after %v came %v", last, m.RecordedAt)
			}
			last = m.RecordedAt
		}
		ended := must(nodes[1].End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t).Session
		again := must(nodes[1].Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture"}))(t).Session
		if ended.EndedAt < last || again.StartedAt < ended.EndedAt {
			t.Errorf("last mark %v, ended %v, started again %v", last, ended.EndedAt, again.StartedAt)
		}
	})
}

func TestRecordAfterEndIsRefused(t *testing.T) {
	eachTwoNodes(t, func(t *testing.T, nodes []*models.Store) {
		students := classroom(t, nodes[0], mathClass, 60)
		for round := range 5 {
			for _, who := range students { // back to absent
				must(nodes[0].Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, Status: models.Late, SessionType: "lecture"}))(t)
			}
			var all sync.WaitGroup
			confirmed := make([]bool, len(students))
			for i, who := range students {
				all.Go(func() {
					_, err := nodes[i%2].Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
					if confirmed[i] = err == nil; err != nil && !errors.Is(err, models.ErrNoActiveSession) {
						t.Error(err)
					}
				})
			}
			ended := must(nodes[round%2].End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t).Session
			all.Wait()
			for i, m := range today(t, nodes[0], "lecture").Records {
				if confirmed[i] != (m.Status == models.Present) {
					t.Errorf("%s was confirmed: %v, and is %s", m.StudentID, confirmed[i], m.Status)
				}
				if m.RecordedAt > ended.EndedAt {
					t.Errorf("%s was marked at %v, after the end at %v", m.StudentID, m.RecordedAt, ended.EndedAt)
				}
			}
			initiate(t, nodes[0], mathClass, "lecture")
		}
	})
}

func TestOverdueSessionsEndOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published atomic.Int64
		later := func() time.Time { return time.Now().Add(3 * time.Hour) }
		starter := db.Open(t, models.Options{Mode: models.ModeSigned})
		options := models.Options{Clock: later, OnEvent: func(event models.Event) { published.Add(int64(len(event.Sessions))) }}
		nodes := []*models.Store{db.Open(t, options), db.Open(t, options), db.Open(t, options)}
		for i := range 20 {
			classroom(t, starter, models.ID{Key: fmt.Sprint("class ", i)}, 2)
		}
		if ended := must(starter.EndOverdue(t.Context()))(t); len(ended) != 0 {
			t.Errorf("%d ended before their time", len(ended))
		}
		var all sync.WaitGroup
		var returned atomic.Int64
		for _, node := range nodes {
			for range 3 {
				all.Go(func() {
					ended, err := node.EndOverdue(t.Context())
					if err != nil {
						t.Error(err)
					}
					returned.Add(int64(len(ended)))
				})
			}
		}
		all.Wait()
		if published.Load() != 20 || returned.Load() != 20 {
			t.Errorf("20 sessions were ended %d times and published %d times", returned.Load(), published.Load())
		}
		_, err := starter.Record(t.Context(), student("student-0000"), models.MarkRequest{ClassID: models.ID{Key: "class 0"}, SessionType: "lecture"})
		wantRefusal(t, err, models.ErrNoActiveSession)
	})
}

func TestSimultaneousInitiatesStartOneSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		nodes := []*models.Store{db.Open(t, models.Options{}), db.Open(t, models.Options{})}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				if _, err := nodes[i%2].Join(t.Context(), student(fmt.Sprint("student ", i%50)), mathClass); err != nil {
					t.Error(err)
				}
			})
		}
		must(nodes[0].Join(t.Context(), asha, mathClass))(t)
		all.Wait()
		if roster := must(nodes[0].Roster(t.Context(), asha, mathClass))(t); len(roster) != 50 {
			t.Errorf("%d students are on the roster", len(roster))
		}
		var changed atomic.Int64
		for i := range 20 {
			all.Go(func() {
				result, err := nodes[i%2].Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"})
				if err != nil {
					t.Error(err)
				}
				if result.Changed {
					changed.Add(1)
				}
			})
		}
		all.Wait()
		if changed.Load() != 1 || len(today(t, nodes[0], "lab").Records) != 50 {
			t.Errorf("the session was started %d times, with %d records", changed.Load(), len(today(t, nodes[0], "lab").Records))
		}
	})
}

// TestPublicationOrderFollowsCommits has marks, ends, starts and corrections race; what a node publishes of a class must be
// in the order of its timestamps.
func TestPublicationOrderFollowsCommits(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var at []models.Timestamp
		store := db.Open(t, models.Options{
			Mode: models.ModeSigned,
			OnEvent: func(event models.Event) {
				for _, m := range event.Marks {
					at = append(at, m.RecordedAt)
				}
				for _, s := range event.Sessions {
					at = append(at, max(s.StartedAt, s.EndedAt))
				}
			},
		})
		students := classroom(t, store, mathClass, 20)
		session := today(t, store, "lecture").Records[0].SessionID
		var all sync.WaitGroup
		for _, who := range students {
			all.Go(func() {
				for i := range 20 {
					status := []models.Status{models.Present, models.Late}[i%2]
					_, err := store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, Status: status, SessionType: "lecture"})
					if err != nil && !errors.Is(err, models.ErrNoActiveSession) && !errors.Is(err, models.ErrSetByTeacher) {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			for i := range 10 {
				must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
				must(store.CorrectMark(t.Context(), asha, session, students[i].ID, models.Excused, "ill"))(t)
				initiate(t, store, mathClass, "lecture")
			}
		})
		all.Wait()
		if !slices.IsSorted(at) || len(at) < 30 {
			t.Errorf("%d publications went back in time: %v", len(at), at)
		}
	})
}

// TestEndIsPublishedAfterEarlierMarks has a session end while the marks that were committed before are still being
// published.
func TestEndIsPublishedAfterEarlierMarks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		ended := make(chan struct{})
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: func(event models.Event) {
			gate.publish(event)
			for _, session := range event.Sessions {
				if session.State == models.StateCompleted {
					close(ended)
				}
			}
		}})
		who := classroom(t, store, mathClass, 1)[0]
		var all sync.WaitGroup
		all.Go(func() {
			if err := marking(t, store, who, mathClass)(); err != nil {
				t.Error(err)
			}
		})
		<-gate.arrived
		all.Go(func() {
			must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		})
		eventually(t, func() bool { // until the end waits for the marks; on SQLite, for their connection
			select {
			case <-ended:
				t.Error("the end was published in the middle of the marks before it")
				return true
			default:
				return waitsIn("models.(*Store).attempt", "sync.(*Mutex).Lock", "sql.(*DB).conn")
			}
		})
		close(gate.open)
		all.Wait()
		<-ended
	})
}
