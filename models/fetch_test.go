package models_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// reader is a client that keeps a session up to date by asking for what has changed.
type reader struct {
	store   *models.Store
	actor   models.Actor
	until   models.Timestamp
	records map[models.ID]models.Mark
}

// read asks once, and returns how many records it was sent, and whether these were all.
func (r *reader) read(ctx context.Context, t *testing.T) (sent int, all bool) {
	t.Helper()
	found := must(r.store.FetchSince(ctx, r.actor, mathClass, time.Now().UTC().Format(time.DateOnly), "lecture", r.until))(t)
	if found.Since == 0 {
		r.records = map[models.ID]models.Mark{}
	}
	for _, mark := range found.Records {
		r.records[mark.StudentID] = mark
	}
	if found.Until < r.until {
		t.Errorf("until went back from %v to %v", r.until, found.Until)
	}
	r.until = found.Until
	return len(found.Records), found.Since == 0
}

func (r *reader) compare(t *testing.T) {
	t.Helper()
	found := must(r.store.Fetch(t.Context(), r.actor, mathClass, time.Now().UTC().Format(time.DateOnly), "lecture"))(t)
	if len(found.Records) != len(r.records) {
		t.Errorf("the reader has %d records, the database %d", len(r.records), len(found.Records))
	}
	for _, mark := range found.Records {
		if r.records[mark.StudentID] != mark {
			t.Errorf("the reader has %+v, the database %+v", r.records[mark.StudentID], mark)
		}
	}
}

// TestFetchSinceMissesNothingUnderLoad has readers on two servers, of which one has a wrong clock, while students mark on both.
func TestFetchSinceMissesNothingUnderLoad(t *testing.T) {
	eachTwoNodes(t, func(t *testing.T, nodes []*models.Store) {
		students := classroom(t, nodes[0], mathClass, 200)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var reading, marking sync.WaitGroup
		readers := []*reader{{store: nodes[0], actor: asha}, {store: nodes[1], actor: students[0]}}
		for _, reader := range readers {
			reading.Go(func() {
				for ctx.Err() == nil {
					reader.read(t.Context(), t)
				}
			})
		}
		for i, who := range students {
			marking.Go(func() {
				for n, status := range []models.Status{models.Present, models.Late, models.Present} {
					if _, err := nodes[(i+n)%2].Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", Status: status}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		marking.Wait()
		stop()
		reading.Wait()
		for _, reader := range readers {
			reader.read(t.Context(), t)
			reader.compare(t)
			if sent, all := reader.read(t.Context(), t); sent > 0 || all {
				t.Errorf("with nothing new, %d records were sent, all of them: %v", sent, all)
			}
		}
	})
}

// TestFetchSinceSendsAllWhereMarksDoNotSuffice: what a reader has afterwards is what a new one gets, whatever changed meanwhile. With all,
// the answer has all records, otherwise those that were marked.
func TestFetchSinceSendsAllWhereMarksDoNotSuffice(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, s *models.Store) error
		all    bool
		sent   int
	}{
		{"nothing", func(*testing.T, *models.Store) error { return nil }, false, 0},
		{"a mark", func(t *testing.T, s *models.Store) error {
			_, err := record(t, s, chen, chen.ID, models.Present)
			return err
		}, false, 1},
		{"the end", func(t *testing.T, s *models.Store) error { _, err := s.End(t.Context(), asha, endLecture); return err }, false, 0},
		{"a correction", func(t *testing.T, s *models.Store) error {
			found := today(t, s, "lecture")
			_, err := s.CorrectMark(t.Context(), asha, found.Records[0].SessionID, chen.ID, models.Excused, "ill")
			return err
		}, false, 1},
		{"a student removed", func(t *testing.T, s *models.Store) error {
			return s.RemoveFromRoster(t.Context(), asha, mathClass, chen.ID)
		}, false, 0},
		{"a student renamed", func(t *testing.T, s *models.Store) error {
			_, err := s.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID, Name: "Chen Li"}})
			return err
		}, true, 2},
		{"a student erased", func(t *testing.T, s *models.Store) error { return s.EraseStudent(t.Context(), admin, chen.ID) }, true, 2},
		{"another visibility", func(t *testing.T, s *models.Store) error {
			_, err := s.ChangeClass(t.Context(), asha, mathClass, models.ClassChange{Visibility: models.VisibilityOwn})
			return err
		}, true, 2},
		{"opened again", func(t *testing.T, s *models.Store) error {
			_, err := s.End(t.Context(), asha, endLecture)
			initiate(t, s, mathClass, "lecture")
			return err
		}, true, 2},
		{"a class of the same id", func(t *testing.T, s *models.Store) error {
			if _, err := s.End(t.Context(), asha, endLecture); err != nil {
				return err
			}
			if err := s.DeleteClass(t.Context(), asha, mathClass, models.Deletion{WithMarks: true, Name: "Mathematics"}); err != nil {
				return err
			}
			lesson(t, s)
			return nil
		}, true, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				store := db.Open(t, models.Options{Mode: models.ModeSigned})
				lesson(t, store)
				reader := &reader{store: store, actor: asha}
				if sent, all := reader.read(t.Context(), t); sent != 2 || !all {
					t.Fatalf("the first answer has %d records, all of them: %v", sent, all)
				}
				if err := test.change(t, store); err != nil {
					t.Fatal(err)
				}
				if sent, all := reader.read(t.Context(), t); sent != test.sent || all != test.all {
					t.Errorf("%d records were sent, all of them: %v", sent, all)
				}
				reader.compare(t)
			})
		})
	}
}

// TestFetchSinceFromTheFutureSendsAll: a database that was restored from a backup has not seen what the client has.
func TestFetchSinceFromTheFutureSendsAll(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{Mode: models.ModeSigned})
	lesson(t, store)
	reader := &reader{store: store, actor: asha}
	reader.read(t.Context(), t)
	future := reader.until + 1
	found := must(store.FetchSince(t.Context(), asha, mathClass, time.Now().UTC().Format(time.DateOnly), "lecture", future))(t)
	if found.Since != 0 || len(found.Records) != 2 || found.Until >= future {
		t.Errorf("%d records since %v until %v", len(found.Records), found.Since, found.Until)
	}
}

// TestFetchSinceKeepsVisibility: a student of a class with visibility own is sent their own changes.
func TestFetchSinceKeepsVisibility(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{Mode: models.ModeSigned})
	lesson(t, store)
	must(store.ChangeClass(t.Context(), asha, mathClass, models.ClassChange{Visibility: models.VisibilityOwn}))(t)
	reader := &reader{store: store, actor: chen}
	reader.read(t.Context(), t)
	for who, want := range map[models.Actor]int{divya: 0, chen: 1} {
		must(record(t, store, who, who.ID, models.Present))(t)
		if sent, all := reader.read(t.Context(), t); sent != want || all {
			t.Errorf("after the mark of %s, %d records were sent, all of them: %v", who.ID.Key, sent, all)
		}
	}
	reader.compare(t)
}

// FuzzParseTimestamp: what is accepted is written back as it was.
func FuzzParseTimestamp(f *testing.F) {
	for _, seed := range []string{"", "2026-03-02T09:00:00.000Z", "1970-01-01T00:00:00.000Z", "2026-03-02", "0000-01-01T00:00:00.000Z", "2026-03-02T09:00:00,000Z", "2026-13-02T09:00:00.000Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		moment, err := models.ParseTimestamp(text)
		if err == nil && moment.String() != text {
			t.Errorf("%q was read as %v", text, moment)
		}
	})
}
