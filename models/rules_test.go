package models_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestRefusalsNameTheCause has every rule with its refusal. In each case, nothing may have changed.
func TestRefusalsNameTheCause(t *testing.T) {
	mark := func(actor models.Actor, change func(*models.MarkRequest)) func(context.Context, *models.Store) error {
		return func(ctx context.Context, store *models.Store) error {
			req := models.MarkRequest{ClassID: mathClass, StudentID: actor.ID, SessionType: "lecture"}
			change(&req)
			_, err := store.Record(ctx, actor, req)
			return err
		}
	}
	start := func(actor models.Actor, req models.InitiateRequest) func(context.Context, *models.Store) error {
		return func(ctx context.Context, store *models.Store) error {
			_, err := store.Initiate(ctx, actor, req)
			return err
		}
	}
	end := func(actor models.Actor, req models.EndRequest) func(context.Context, *models.Store) error {
		return func(ctx context.Context, store *models.Store) error {
			_, err := store.End(ctx, actor, req)
			return err
		}
	}
	fetch := func(actor models.Actor, class models.ID, date, sessionType string) func(context.Context, *models.Store) error {
		return func(ctx context.Context, store *models.Store) error {
			_, err := store.Fetch(ctx, actor, class, date, sessionType)
			return err
		}
	}
	none := models.ID{Key: "no such class"}
	unenrolled := student("unenrolled")
	for _, test := range []struct {
		rule   string
		do     func(context.Context, *models.Store) error
		signed string
		open   string // empty: the same
	}{
		{"a student does not initiate", start(chen, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"}), "Only teachers can initiate attendance", ""},
		{"the teacher of another class does not initiate", start(boris, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"}), "Class not found", "Not authorized to manage this class"},
		{"initiate as another teacher", start(asha, models.InitiateRequest{ClassID: mathClass, TeacherID: boris.ID, SessionType: "lab"}), "Not authorized to manage this class", ""},
		{"a class that does not exist has no sessions", start(asha, models.InitiateRequest{ClassID: none, SessionType: "lab"}), "Class not found", ""},
		{"a session type is a word", start(asha, models.InitiateRequest{ClassID: mathClass, SessionType: "a b"}), models.ErrInvalidSessionType.Error(), ""},
		{"a session type is not too long", start(asha, models.InitiateRequest{ClassID: mathClass, SessionType: strings.Repeat("a", 33)}), models.ErrInvalidSessionType.Error(), ""},
		{"no tone is above 24 kHz", start(asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab", Frequency: []float64{18000, 24001}}), models.ErrInvalidFrequency.Error(), ""},
		{"no tone is silent", start(asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab", Frequency: []float64{0}}), models.ErrInvalidFrequency.Error(), ""},
		{"there are 16 tones", start(asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab", Frequency: make([]float64, 17)}), models.ErrInvalidFrequency.Error(), ""},

		{"a student does not end", end(chen, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}), "Only teachers can end attendance sessions", ""},
		{"the teacher of another class does not end", end(boris, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}), "Class not found", "Not authorized to manage this class"},
		{"end as another teacher", end(asha, models.EndRequest{ClassID: mathClass, TeacherID: boris.ID, SessionType: "lecture"}), "Not authorized to manage this class", ""},
		{"what was never started does not end", end(asha, models.EndRequest{ClassID: mathClass, SessionType: "lab"}), "No active attendance session for this class and session type", ""},

		{"a student marks only themselves", mark(chen, func(r *models.MarkRequest) { r.StudentID = divya.ID }), "Students can only mark their own attendance", ""},
		{"a student does not excuse themselves", mark(chen, func(r *models.MarkRequest) { r.Status = models.Excused }), "Only the teacher can excuse a student", ""},
		{"a status is one of four", mark(chen, func(r *models.MarkRequest) { r.Status = "here" }), "status must be present, late, absent or excused", ""},
		{"a mark needs an active session", mark(chen, func(r *models.MarkRequest) { r.SessionType = "lab" }), "No active attendance session for this class and session type", ""},
		{"a mark needs a class", mark(chen, func(r *models.MarkRequest) { r.ClassID = none }), "Class not found", ""},
		{"class ids compare exactly", mark(chen, func(r *models.MarkRequest) { r.ClassID = models.ID{Key: "math"} }), "Class not found", ""},
		{"class ids compare exactly, spaces included", mark(chen, func(r *models.MarkRequest) { r.ClassID = models.ID{Key: "Math "} }), "Class not found", ""},
		{"mark of an unenrolled student", mark(unenrolled, func(r *models.MarkRequest) { r.SessionType = "lab" }), "Class not found", "No active attendance session for this class and session type"},
		{"the teacher of another class does not mark", mark(boris, func(r *models.MarkRequest) { r.StudentID = chen.ID }), "Class not found", "Not authorized to manage this class"},
		{"a teacher marks who is on the roster", mark(asha, func(r *models.MarkRequest) { r.StudentID = unenrolled.ID }), "This student is not on the roster of the class", ""},
		{"a name has an end", mark(chen, func(r *models.MarkRequest) { r.StudentName = strings.Repeat("ñ", 201) }), models.ErrInvalidName.Error(), ""},
		{"what the teacher set stays", func(ctx context.Context, store *models.Store) error {
			req := models.MarkRequest{ClassID: mathClass, StudentID: divya.ID, Status: models.Absent, SessionType: "lecture"}
			if _, err := store.Record(ctx, asha, req); err != nil {
				return err
			}
			_, err := store.Record(ctx, divya, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
			return err
		}, "The teacher has set this mark, so only the teacher can change it", ""},

		{"fetch by an unenrolled student", fetch(unenrolled, mathClass, "2026-01-01", "lecture"), "Class not found", ""},
		{"the teacher of another class does not fetch", fetch(boris, mathClass, "2026-01-01", "lecture"), "Class not found", "ok"},
		{"a date is a date", fetch(asha, mathClass, "01/02/2026", "lecture"), "Invalid date format", ""},
		{"a day exists", fetch(asha, mathClass, "2026-02-30", "lecture"), "Invalid date format", ""},

		{"a student does not manage the roster", func(ctx context.Context, store *models.Store) error {
			_, err := store.Roster(ctx, chen, mathClass)
			return err
		}, "Not authorized to manage this class", ""},
		{"students do not make classes", func(ctx context.Context, store *models.Store) error {
			_, err := store.CreateClass(ctx, chen, none, "")
			return err
		}, "Only teachers can manage classes", ""},
		{"an id is taken once", func(ctx context.Context, store *models.Store) error {
			_, err := store.CreateClass(ctx, boris, mathClass, "")
			return err
		}, "A class with this id exists already", ""},
		{"what is active is not archived", func(ctx context.Context, store *models.Store) error {
			_, err := store.ArchiveClass(ctx, asha, mathClass, true)
			return err
		}, "End the active attendance session first", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				for _, mode := range []models.Mode{models.ModeSigned, models.ModeOpen} {
					if mode == models.ModeOpen && db.Server != nil {
						return // the rules do not depend on the database, so one mode there is enough
					}
					store := db.Open(t, models.Options{Mode: mode, AllowOpen: true})
					want := test.signed
					if mode == models.ModeSigned {
						lesson(t, store)
					} else if test.open != "" {
						want = test.open
					}
					err := test.do(t.Context(), store)
					if want == "ok" {
						if err != nil {
							t.Errorf("mode %v: %v", mode, err)
						}
						continue
					}
					if err == nil || err.Error() != want {
						t.Errorf("mode %v: got %v, want %q", mode, err, want)
					}
					for _, m := range today(t, store, "lecture").Records {
						if m.Status != models.Absent {
							t.Errorf("mode %v: %s is %s now", mode, m.StudentID, m.Status)
						}
					}
				}
			})
		})
	}
}

func today(t *testing.T, store *models.Store, sessionType string) models.FetchResult {
	t.Helper()
	return must(store.Fetch(t.Context(), asha, mathClass, time.Now().UTC().Format(time.DateOnly), sessionType))(t)
}

// publications collects what a store publishes. Its callbacks come one at a time, so it needs no lock if read in between.
type publications struct {
	marks          []models.Mark
	started, ended []models.Session
}

func (p *publications) options() models.Options {
	return models.Options{
		Mode: models.ModeSigned,
		OnEvent: func(event models.Event) {
			p.marks = append(p.marks, event.Marks...)
			for _, session := range event.Sessions {
				if session.State == models.StateActive {
					p.started = append(p.started, session)
				} else {
					p.ended = append(p.ended, session)
				}
			}
		},
	}
}

func TestRepeatedRequestsChangeNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		store := db.Open(t, published.options())
		session := lesson(t, store)
		for range 2 {
			again := must(store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
			if again.Changed || again.Session.ID != session.ID || again.Session.StartedAt != session.StartedAt {
				t.Errorf("initiating what is active: %+v", again)
			}
		}
		for i := range 3 {
			result := must(record(t, store, chen, chen.ID, models.Present))(t)
			if result.Changed != (i == 0) || result.Mark.Status != models.Present || result.Mark.StudentName != "Chen" {
				t.Errorf("marking for the %d. time: %+v", i+1, result)
			}
		}
		for i := range 3 {
			result := must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
			if result.Changed != (i == 0) || result.Session.State != models.StateCompleted {
				t.Errorf("ending for the %d. time: %+v", i+1, result)
			}
		}
		if len(published.started) != 1 || len(published.marks) != 1 || len(published.ended) != 1 {
			t.Errorf("published %+v", published)
		}
		_, err := record(t, store, divya, divya.ID, models.Present)
		wantRefusal(t, err, models.ErrNoActiveSession)
	})
}

func TestInitiateAgainKeepsMarks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		store := db.Open(t, published.options())
		session := lesson(t, store)
		must(record(t, store, chen, chen.ID, models.Late))(t)
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: models.ID{Key: "new"}, Name: "New"}}))(t)
		again := must(store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		if !again.Changed || again.Session.ID != session.ID || again.Session.State != models.StateActive || again.Session.EndedAt != 0 {
			t.Errorf("reopened: %+v", again)
		}
		got := map[string]models.Status{}
		for _, m := range today(t, store, "lecture").Records {
			got[m.StudentID.Key] = m.Status
		}
		if len(got) != 3 || got["chen"] != models.Late || got["divya"] != models.Absent || got["new"] != models.Absent {
			t.Errorf("after reopening: %v", got)
		}
		if len(published.started) != 2 {
			t.Errorf("started was published %d times", len(published.started))
		}
	})
}

func TestFrequencyIsKeptAndReplaced(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		store := db.Open(t, published.options())
		must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
		for i, step := range []struct {
			given, want []float64
			changed     bool
		}{
			{[]float64{18000.5}, []float64{18000.5}, true},
			{nil, []float64{18000.5}, false},
			{[]float64{18000.5}, []float64{18000.5}, false},
			{[]float64{19000, 20000}, []float64{19000, 20000}, true},
		} {
			req := models.InitiateRequest{ClassID: mathClass, SessionType: "lecture", Frequency: step.given}
			result := must(store.Initiate(t.Context(), asha, req))(t)
			joined := must(store.Join(t.Context(), asha, mathClass))(t)
			if result.Changed != step.changed || len(joined.Active) != 1 || !slices.Equal(result.Session.Frequency, step.want) ||
				!slices.Equal(joined.Active[0].Frequency, step.want) {
				t.Errorf("step %d: got %+v, a joiner sees %+v", i, result, joined.Active)
			}
		}
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		if again := initiate(t, store, mathClass, "lecture"); len(again.Frequency) != 0 {
			t.Errorf("opened again without a frequency, it has %v", again.Frequency)
		}
		if len(published.started) != 3 {
			t.Errorf("published %+v", published.started)
		}
	})
}

func TestMarkConfirmedByTeacherBindsStudent(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		store := db.Open(t, published.options())
		lesson(t, store)
		if result := must(record(t, store, asha, chen.ID, models.Absent))(t); result.Changed {
			t.Error("absent was already so, but was published again")
		}
		_, err := record(t, store, chen, chen.ID, models.Present)
		wantRefusal(t, err, models.ErrSetByTeacher)
		if result := must(record(t, store, chen, chen.ID, models.Absent))(t); result.Changed {
			t.Error("the student says what the teacher said, and that was a change")
		}
		must(record(t, store, asha, chen.ID, models.Excused))(t)
		if len(published.marks) != 1 || published.marks[0].Status != models.Excused || !published.marks[0].ByTeacher {
			t.Errorf("published %+v", published.marks)
		}
	})
}

func TestIDsAreReturnedInStoredForm(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		store := db.Open(t, published.options())
		five, textFive := models.ID{Key: "5", Number: true}, models.ID{Key: "5"}
		must(store.CreateClass(t.Context(), asha, physics, "Physics"))(t)
		must(store.AddToRoster(t.Context(), asha, physics, []models.Student{{ID: five, Name: "Five"}, {ID: models.ID{Key: "05"}, Name: "Other"}}))(t)
		initiate(t, store, physics, "lecture")
		day := time.Now().UTC().Format(time.DateOnly)
		found := must(store.Fetch(t.Context(), asha, physics, day, "lecture"))(t)
		if len(found.Records) != 2 || found.Records[1].StudentID != five || found.Records[0].StudentID.Key != "05" {
			t.Fatalf("records %+v", found.Records)
		}
		// The same person, in the other form.
		same := models.Actor{ID: textFive, Role: models.RoleStudent}
		result := must(store.Record(t.Context(), same, models.MarkRequest{ClassID: models.ID{Key: "7"}, SessionType: "lecture"}))(t)
		if result.Mark.StudentID != five || result.Mark.ClassID != physics || result.Mark.RecordedBy != five {
			t.Errorf("result %+v", result.Mark)
		}
		found = must(store.Fetch(t.Context(), asha, physics, day, "lecture"))(t)
		if len(found.Records) != 2 || found.Records[1].StudentID != five || found.Records[1].Status != models.Present {
			t.Errorf("records %+v", found.Records)
		}
	})
}

func TestOpenModeEnrolsUsers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeOpen})
		for range 2 {
			if joined := must(store.Join(t.Context(), chen, mathClass))(t); len(joined.Active) != 0 || !joined.Class.Owner.IsZero() {
				t.Errorf("a student made the class: %+v", joined)
			}
		}
		if joined := must(store.Join(t.Context(), asha, mathClass))(t); !joined.Class.Owner.Is(asha.ID) {
			t.Errorf("its first teacher joined: %+v", joined)
		}
		if joined := must(store.Join(t.Context(), boris, mathClass))(t); !joined.Class.Owner.Is(asha.ID) {
			t.Errorf("its second teacher joined: %+v", joined)
		}
		initiate(t, store, mathClass, "lecture")
		// divya never joined; the mark brings her onto the roster with her name, and gives chen's row the name it lacks.
		for _, who := range []models.Actor{divya, chen} {
			req := models.MarkRequest{ClassID: mathClass, SessionType: "lecture", StudentName: "देवांशी 🙂 " + who.ID.Key}
			result := must(store.Record(t.Context(), who, req))(t)
			if !result.Changed || result.Mark.StudentName != req.StudentName {
				t.Errorf("result %+v", result)
			}
		}
		roster := must(store.Roster(t.Context(), asha, mathClass))(t)
		if len(roster) != 2 || roster[0].StudentName != "देवांशी 🙂 chen" || roster[1].StudentName != "देवांशी 🙂 divya" {
			t.Errorf("roster %+v", roster)
		}
		if joined := must(store.Join(t.Context(), divya, mathClass))(t); len(joined.Active) != 1 || joined.Name != "देवांशी 🙂 divya" {
			t.Errorf("joined %+v", joined)
		}
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		if err := store.RemoveFromRoster(t.Context(), asha, mathClass, divya.ID); err != nil {
			t.Fatal(err)
		}
		must(store.Join(t.Context(), divya, mathClass))(t)
		if roster := must(store.Roster(t.Context(), asha, mathClass))(t); len(roster) != 2 || roster[1].StudentName != "देवांशी 🙂 divya" {
			t.Errorf("who joins again is on the roster again, with the name: %+v", roster)
		}
		must(store.ArchiveClass(t.Context(), asha, mathClass, true))(t)
		_, err := store.Join(t.Context(), student("late"), mathClass)
		wantRefusal(t, err, models.ErrClassNotFound)
		_, err = store.Join(t.Context(), chen, mathClass)
		wantRefusal(t, err, models.ErrClassArchived)
	})
}

func TestSignedModeRefusesUnenrolledUsers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		lesson(t, store)
		for _, who := range []models.Actor{boris, student("unenrolled"), teacher("chen"), student("asha"), {}} {
			_, err := store.Join(t.Context(), who, mathClass)
			wantRefusal(t, err, models.ErrClassNotFound)
		}
		if joined := must(store.Join(t.Context(), chen, mathClass))(t); joined.Name != "Chen" || len(joined.Active) != 1 {
			t.Errorf("joined %+v", joined)
		}
		if err := store.RemoveFromRoster(t.Context(), asha, mathClass, chen.ID); err != nil {
			t.Fatal(err)
		}
		_, err := store.Join(t.Context(), chen, mathClass)
		wantRefusal(t, err, models.ErrClassNotFound)
		_, err = record(t, store, chen, chen.ID, models.Present)
		wantRefusal(t, err, models.ErrClassNotFound)
	})
}
