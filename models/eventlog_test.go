package models_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// clustered opens a store that is one of several on a MariaDB. It returns what the store published, too.
func clustered(t *testing.T, db *modelstest.Database, options models.Options) (*models.Store, func() []models.LogEntry) {
	t.Helper()
	var mu sync.Mutex
	var published []models.LogEntry
	options.Mode, options.Cluster = models.ModeSigned, true
	options.OnEvent = func(event models.Event) {
		mu.Lock()
		defer mu.Unlock()
		published = append(published, event.Entry)
	}
	return db.Open(t, options), func() []models.LogEntry {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(published)
	}
}

func decoded(t *testing.T, entry models.LogEntry) models.Event {
	t.Helper()
	event, unknown, err := models.DecodeEvent(entry.Body)
	if unknown || err != nil {
		t.Errorf("entry %d: unknown %v, %v", entry.Seq, unknown, err)
	}
	return event
}

// described returns an entry as its number and what it says.
func described(t *testing.T, entry models.LogEntry) string {
	t.Helper()
	event := decoded(t, entry)
	text := fmt.Sprint(entry.Seq)
	for _, m := range event.Marks {
		text += fmt.Sprintf(" %s %s", m.StudentID, m.Status)
	}
	for _, s := range event.Sessions {
		text += fmt.Sprintf(" %s %s %v", s.Type, s.State, s.Frequency)
		if s.Proof == models.ProofCode || s.LateAt != 0 || s.EndsAt != 0 {
			// The start is a timestamp of the class, which may be milliseconds ahead of the clock.
			text += fmt.Sprintf(" %s %d %d", s.Proof, (s.LateAt-s.StartedAt+500)/60_000, (s.EndsAt-s.StartedAt+500)/60_000)
		}
	}
	if event.Removal != nil {
		text += fmt.Sprintf(" removed %v deleted %v", event.Removal.Users, event.Removal.Deleted)
	}
	for _, f := range event.Flags {
		text += fmt.Sprintf(" %s for %v", describeFlag(f), event.Teachers)
	}
	return text + string(event.Visibility)
}

// TestEachChangeOfClassIsLoggedOnce has a line for each change of a class. One that changes nothing or is refused logs nothing.
func TestEachChangeOfClassIsLoggedOnce(t *testing.T) {
	db := modelstest.MariaDB(t)
	clock := newStepClock()
	store, published := clustered(t, db, models.Options{Clock: clock.now})
	ctx := t.Context()
	must(store.CreateClass(ctx, asha, mathClass, "Math"))(t)
	must(store.AddToRoster(ctx, asha, mathClass, []models.Student{{ID: chen.ID}}))(t)
	var session models.Session
	start := func(frequency ...float64) func() error {
		return func() error {
			result, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture", Frequency: frequency})
			session = result.Session
			return err
		}
	}
	end := func() error {
		_, err := store.End(ctx, asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"})
		return err
	}
	record := func(actor models.Actor, status models.Status) func() error {
		return func() error {
			_, err := store.Record(ctx, actor, models.MarkRequest{ClassID: mathClass, StudentID: chen.ID, Status: status, SessionType: "lecture"})
			return err
		}
	}
	correct := func(status models.Status) func() error {
		return func() error {
			_, err := store.CorrectMark(ctx, asha, session.ID, chen.ID, status, "ill")
			return err
		}
	}
	visibility := func(visibility models.Visibility) func() error {
		return func() error {
			_, err := store.ChangeClass(ctx, asha, mathClass, models.ClassChange{Visibility: visibility})
			return err
		}
	}
	onDevice := func(actor models.Actor) error {
		_, err := store.Record(ctx, actor, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", DeviceID: "one phone"})
		return err
	}
	var want []string
	for _, change := range []struct {
		name   string
		does   func() error
		logged string // empty: nothing
	}{
		{"mark without a session", record(chen, models.Present), ""},
		{"start", start(440), "1 lecture active [440]"},
		{"start again", start(440), ""},
		{"other frequency", start(450, 460), "2 lecture active [450 460]"},
		{"mark", record(chen, models.Late), "3 chen late"},
		{"same mark", record(chen, models.Late), ""},
		{"refused mark", record(student("divya"), models.Present), ""},
		{"mark on a device", func() error {
			_, err := store.AddToRoster(ctx, asha, mathClass, []models.Student{{ID: models.ID{Key: "ilse"}}, {ID: models.ID{Key: "jan"}}})
			return errors.Join(err, onDevice(student("ilse")))
		}, "4 ilse present"},
		{"mark on the same device", func() error { return onDevice(student("jan")) }, "5 jan present shared_device ilse jan for [asha]"},
		{"mark by the teacher", record(asha, models.Present), "6 chen present"},
		{"mark after the teacher's", record(chen, models.Late), ""},
		{"correction", correct(models.Excused), "7 chen excused"},
		{"same correction", correct(models.Excused), ""},
		{"end", end, "8 lecture completed [450 460]"},
		{"end again", end, ""},
		{"correction after the end", correct(models.Absent), "9 chen absent"},
		{"reopening", start(), "10 lecture active []"},
		{"other rules", func() error {
			_, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture", Rules: models.RulesChange{
				Proof: new(models.ProofCode), LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(30)),
			}})
			return err
		}, "11 lecture active [] code 10 30"},
		{"no rules", func() error {
			_, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture", Rules: models.RulesChange{
				Proof: new(models.ProofNone), LateAfter: new(models.Minutes(0)), EndsAfter: new(models.Minutes(0)),
			}})
			return err
		}, "12 lecture active []"},
		{"end of an overdue session", func() error {
			clock.move(3 * time.Hour)
			_, err := store.EndOverdue(ctx)
			return err
		}, "13 lecture completed []"},
		{"visibility", visibility(models.VisibilityOwn), "14own"},
		{"same visibility", visibility(models.VisibilityOwn), ""},
		{"a student on the roster", func() error {
			_, err := store.AddToRoster(ctx, asha, mathClass, []models.Student{{ID: models.ID{Key: "hugo"}}})
			return err
		}, ""},
		{"a roster without one", func() error {
			_, err := store.ReplaceRoster(ctx, asha, mathClass, []models.Student{{ID: chen.ID}})
			return err
		}, "15 removed [{hugo student} {ilse student} {jan student}] deleted false"},
		{"the same roster", func() error {
			_, err := store.ReplaceRoster(ctx, asha, mathClass, []models.Student{{ID: chen.ID}})
			return err
		}, ""},
		{"a removed student", func() error { return store.RemoveFromRoster(ctx, asha, mathClass, chen.ID) }, "16 removed [{chen student}] deleted false"},
		{"another teacher", func() error { _, err := store.AddTeacher(ctx, asha, mathClass, boris.ID); return err }, ""},
		{"a removed teacher", func() error { return store.RemoveTeacher(ctx, asha, mathClass, boris.ID) }, "17 removed [{boris teacher}] deleted false"},
		{"the class", func() error {
			return store.DeleteClass(ctx, asha, mathClass, models.Deletion{WithMarks: true, Name: "Math"})
		}, "18 removed [] deleted true"},
		{"the class anew", func() error { _, err := store.CreateClass(ctx, asha, mathClass, "Math"); return err }, ""},
		{"visibility of the new class", visibility(models.VisibilityOwn), "19own"},
	} {
		err := change.does()
		if change.logged != "" {
			if err != nil {
				t.Fatalf("%s: %v", change.name, err)
			}
			want = append(want, change.logged)
		}
		read := must(store.Log().Of(ctx, models.StreamOf(mathClass), 0, 100))(t)
		for from, entries := range map[string][]models.LogEntry{"logged": read, "published": published()} {
			var got []string
			for _, entry := range entries {
				got = append(got, described(t, entry))
			}
			if !slices.Equal(got, want) {
				t.Fatalf("after %s, %s: %q, want %q", change.name, from, got, want)
			}
		}
	}
	if newest := must(store.Log().Newest(ctx, []string{models.StreamOf(mathClass), "c:elsewhere"}))(t); len(newest) != 1 || newest["c:Math"] != 19 {
		t.Errorf("newest %v", newest)
	}
}

// TestLogOfTwoNodesHasNoGaps has two servers record marks of two classes at once.
func TestLogOfTwoNodesHasNoGaps(t *testing.T) {
	db := modelstest.MariaDB(t)
	first, publishedFirst := clustered(t, db, models.Options{})
	second, publishedSecond := clustered(t, db, models.Options{})
	nodes := []*models.Store{first, second}
	classes := []models.ID{mathClass, {Key: "Physics"}}
	var all sync.WaitGroup
	for _, class := range classes {
		for i, who := range classroom(t, first, class, 60) {
			all.Go(func() {
				for round := range 4 {
					status := []models.Status{models.Present, models.Late}[round%2]
					must(nodes[(i+round)%2].Record(context.Background(), who, models.MarkRequest{ClassID: class, Status: status, SessionType: "lecture"}))(t)
				}
			})
		}
	}
	all.Wait()
	published := append(publishedFirst(), publishedSecond()...)
	for _, class := range classes {
		entries := must(first.Log().Of(t.Context(), models.StreamOf(class), 0, 10_000))(t)
		marks := 0
		for i, entry := range entries {
			if entry.Seq != int64(i)+1 || i > 0 && entry.ID <= entries[i-1].ID {
				t.Fatalf("entry %d of %s has number %d and id %d", i, class, entry.Seq, entry.ID)
			}
			count := 0
			for _, p := range published {
				if p.Stream == entry.Stream && p.Seq == entry.Seq && string(p.Body) == string(entry.Body) {
					count++
				}
			}
			if count != 1 {
				t.Errorf("%s %d was published %d times", class, entry.Seq, count)
			}
			marks += len(decoded(t, entry).Marks)
		}
		if marks != 60*4 {
			t.Errorf("%d marks of %s are in the log", marks, class)
		}
	}
}

func TestLogIsReadByIDAndPruned(t *testing.T) {
	db := modelstest.MariaDB(t)
	slow := func() time.Time { return time.Now().Add(-2 * time.Hour) }
	store, _ := clustered(t, db, models.Options{Clock: slow})
	who := classroom(t, store, mathClass, 1)[0]
	for i := range 1500 {
		status := []models.Status{models.Present, models.Late}[i%2]
		must(store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, Status: status, SessionType: "lecture"}))(t)
	}
	log := store.Log()
	last := must(log.Last(t.Context()))(t)
	ids := func(entries []models.LogEntry) (ids []int64) {
		for _, entry := range entries {
			ids = append(ids, entry.ID)
		}
		return ids
	}
	if got := ids(must(log.After(t.Context(), last-2, []int64{last - 5, last + 7}, 10))(t)); !slices.Equal(got, []int64{last - 5, last - 1, last}) {
		t.Errorf("read %v up to %d", got, last)
	}
	for _, test := range []struct {
		name  string
		ahead time.Duration // the clock of the server that prunes
		age   time.Duration
		left  int
	}{
		{"nothing is old", 0, time.Hour, 1501},
		{"nothing is old for a server whose clock is fast", 2 * time.Hour, time.Hour, 1501},
		{"everything is old", 0, -time.Hour, 501},
		{"everything is old for a server whose clock is slow", -2 * time.Hour, -time.Hour, 501},
	} {
		pruner, _ := clustered(t, db, models.Options{Clock: func() time.Time { return time.Now().Add(test.ahead) }})
		if err := pruner.Log().Prune(t.Context(), test.age); err != nil {
			t.Fatal(err)
		}
		if left := len(must(log.After(t.Context(), 0, nil, 10_000))(t)); left != test.left {
			t.Errorf("%s: %d entries are left, want %d", test.name, left, test.left)
		}
	}
	if newest := must(log.Newest(t.Context(), []string{models.StreamOf(mathClass)}))(t); newest[models.StreamOf(mathClass)] != 1501 {
		t.Errorf("newest %v", newest)
	}
}

func TestClusterOnSQLiteIsRefused(t *testing.T) {
	_, err := models.Open(t.Context(), models.Options{DataDir: t.TempDir(), Cluster: true})
	if err == nil || !strings.Contains(err.Error(), "SQLite") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(`{"class":"Math","marks":[{"session":1,"type":"lecture","student":7,"name":"","status":"late","at":5}],"later":true}`))
	f.Add([]byte(`{"class":5,"sessions":[{"id":1,"day":"2026-03-02","type":"lab","state":"active","teacher":"a","frequency":[440],"startedAt":1,"endedAt":0}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, _, err := models.DecodeEvent(body)
		if err == nil && len(event.Marks)+len(event.Sessions) > len(body) {
			t.Errorf("%d bytes are %d marks and %d sessions", len(body), len(event.Marks), len(event.Sessions))
		}
	})
}

func TestDatabaseIDIsSharedAndUnique(t *testing.T) {
	ids := map[string]bool{}
	for range 2 {
		db := modelstest.MariaDB(t)
		first, second := db.Open(t, models.Options{}), db.Open(t, models.Options{})
		id := must(first.DatabaseID(t.Context()))(t)
		if other := must(second.DatabaseID(t.Context()))(t); id != other || len(id) < 20 || ids[id] {
			t.Errorf("%q and %q", id, other)
		}
		ids[id] = true
	}
}

// TestClusterNeedsNoMoreRoundTrips counts the statements, as they are sent to the database, of a mark and of a join. Those of a server
// that is alone do not touch the log.
func TestClusterNeedsNoMoreRoundTrips(t *testing.T) {
	sent := func(cluster bool) (statements []string) {
		db := modelstest.MariaDB(t)
		relay := modelstest.NewRelay(t, db.Server)
		db.DSN = relay.DSN(db.Name)
		store := db.Open(t, models.Options{Mode: models.ModeSigned, Cluster: cluster})
		who := classroom(t, store, mathClass, 1)[0]
		use := func(status models.Status) {
			must(store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, Status: status, SessionType: "lecture"}))(t)
			must(store.Join(t.Context(), who, mathClass))(t)
		}
		use(models.Present) // connects
		var mu sync.Mutex
		relay.AtStatement(func(statement string) modelstest.Fault {
			mu.Lock()
			defer mu.Unlock()
			statements = append(statements, statement)
			return modelstest.Pass
		})
		use(models.Late)
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(statements)
	}
	alone, clustered := sent(false), sent(true)
	if len(alone) != 3 || len(clustered) != 3 { // the mark's two and the join's one
		t.Errorf("%d round trips alone, %d in a cluster", len(alone), len(clustered))
	}
	for _, statement := range alone {
		if slices.ContainsFunc([]string{"events", "SET seq", "rooms", "node_presence", "nodes"}, func(part string) bool { return strings.Contains(statement, part) }) {
			t.Errorf("a server that is alone sent %s", statement)
		}
	}
}
