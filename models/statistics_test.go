package models_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// course holds lectures on three days: on the first chen and divya are there; then erik is enrolled; then divya is
// removed. A fourth lecture is still active.
func course(t *testing.T, db *modelstest.Database) *models.Store {
	t.Helper()
	var c clock
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: c.Now})
	c.set(t, "2026-03-02 10:00", time.UTC)
	lesson(t, store)
	erik := student("erik")
	endLecture := func() {
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
	}
	must(record(t, store, chen, chen.ID, models.Present))(t)
	endLecture()

	c.set(t, "2026-03-03 10:00", time.UTC)
	must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: erik.ID, Name: "Erik"}}))(t)
	initiate(t, store, mathClass, "lecture")
	must(record(t, store, chen, chen.ID, models.Late))(t)
	must(record(t, store, divya, divya.ID, models.Present))(t)
	endLecture()

	c.set(t, "2026-03-04 10:00", time.UTC)
	if err := store.RemoveFromRoster(t.Context(), asha, mathClass, divya.ID); err != nil {
		t.Fatal(err)
	}
	initiate(t, store, mathClass, "lecture")
	must(record(t, store, asha, chen.ID, models.Excused))(t)
	must(record(t, store, erik, erik.ID, models.Present))(t)
	endLecture()

	c.set(t, "2026-03-05 10:00", time.UTC)
	initiate(t, store, mathClass, "lecture")
	return store
}

func TestStatisticsCountMarks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := course(t, db)
		matrix := must(store.Matrix(t.Context(), asha, mathClass, "", ""))(t)
		var lines []string
		for row, err := range matrix.Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			rate := math.NaN()
			if row.Rate != nil {
				rate = *row.Rate
			}
			lines = append(lines, fmt.Sprintf("%s removed=%v held=%d p=%d l=%d a=%d e=%d rate=%.2f %q",
				row.StudentName, row.Removed, row.Held, row.Present, row.Late, row.Absent, row.Excused, rate, row.Statuses))
		}
		want := []string{
			`Chen removed=false held=3 p=1 l=1 a=0 e=1 rate=1.00 ["present" "late" "excused"]`,
			`Divya removed=true held=2 p=1 l=0 a=1 e=0 rate=0.50 ["absent" "present" ""]`,
			`Erik removed=false held=2 p=1 l=0 a=1 e=0 rate=0.50 ["" "absent" "present"]`,
		}
		if !slices.Equal(lines, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		days := []string{}
		for _, session := range must(store.SessionStatistics(t.Context(), asha, mathClass, "2026-03-03", "2026-03-04T23:00:00Z"))(t) {
			days = append(days, fmt.Sprint(session.Session.Day, " ", session.Held, " ", session.Absent))
		}
		if !slices.Equal(days, []string{"2026-03-03 3 1", "2026-03-04 2 0"}) {
			t.Errorf("sessions %q", days)
		}
		sum := must(store.ClassStatistics(t.Context(), asha, mathClass, "", ""))(t)
		if sum.Held != 7 || sum.Present != 3 || sum.Late != 1 || sum.Absent != 2 || sum.Excused != 1 || math.Abs(*sum.Rate-4./6) > 1e-9 {
			t.Errorf("class %+v", sum)
		}
		below := must(store.StudentsBelow(t.Context(), asha, mathClass, "", "", 0.75))(t)
		if len(below) != 1 || below[0].StudentName != "Erik" {
			t.Errorf("below 75 %%: %+v", below)
		}
		tally, history, err := store.StudentHistory(t.Context(), chen, mathClass)
		if err != nil || tally.Held != 3 || len(history) != 4 || history[0].Session.Day != "2026-03-05" || history[3].Mark.Status != models.Present {
			t.Errorf("history %+v %+v %v", tally, history, err)
		}
		if sessions := must(store.SessionsBetween(t.Context(), chen, mathClass, "2026-03-04", ""))(t); len(sessions) != 2 {
			t.Errorf("sessions %+v", sessions)
		}
		_, err = store.Matrix(t.Context(), asha, mathClass, "2026-03-04", "2026-03-03")
		wantRefusal(t, err, models.ErrInvalidRange)
		_, err = store.Matrix(t.Context(), chen, mathClass, "", "")
		wantRefusal(t, err, models.ErrNotOwner)
		_, err = store.Matrix(t.Context(), boris, mathClass, "", "")
		wantRefusal(t, err, models.ErrClassNotFound)
		_, _, err = store.StudentHistory(t.Context(), student("unenrolled"), mathClass)
		wantRefusal(t, err, models.ErrClassNotFound)
	})
}

func TestCorrectMarkIsRecordedWithReason(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var published publications
		options := published.options()
		store := db.Open(t, options)
		session := lesson(t, store)
		must(record(t, store, divya, divya.ID, models.Present))(t)
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: models.ID{Key: "new"}, Name: "New"}}))(t)

		for _, step := range []struct {
			id      string
			status  models.Status
			changed bool
		}{{"chen", models.Excused, true}, {"chen", models.Excused, false}, {"new", models.Late, true}, {"divya", models.Present, false}} {
			result := must(store.CorrectMark(t.Context(), asha, session.ID, models.ID{Key: step.id}, step.status, "was ill"))(t)
			if result.Changed != step.changed || result.Mark.Status != step.status || result.Mark.SessionType != "lecture" || !result.Mark.ClassID.Is(mathClass) {
				t.Errorf("%+v: %+v", step, result)
			}
		}
		if len(published.marks) != 3 || published.marks[1].Status != models.Excused || published.marks[2].StudentName != "New" {
			t.Errorf("published %+v", published.marks)
		}
		_, marks, err := store.SessionRecords(t.Context(), asha, session.ID)
		if err != nil || len(marks) != 3 || marks[0].Status != models.Excused || !marks[0].ByTeacher || marks[2].StudentName != "New" {
			t.Errorf("records %+v %v", marks, err)
		}
		var lines []string
		for _, c := range must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{}))(t).Changes {
			lines = append(lines, fmt.Sprintf("%s %s→%s by %s (%s) %s %q", c.StudentID, c.From, c.To, c.By, c.ByRole, c.Way, c.Reason))
		}
		want := []string{
			`chen →absent by asha (teacher) initiate ""`,
			`divya →absent by asha (teacher) initiate ""`,
			`divya absent→present by divya (student) socket ""`,
			`chen absent→excused by asha (teacher) correction "was ill"`,
			`new →late by asha (teacher) correction "was ill"`,
			`divya present→present by asha (teacher) correction "was ill"`,
		}
		if !slices.Equal(lines, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if one := must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{StudentID: chen.ID}))(t).Changes; len(one) != 2 {
			t.Errorf("chen's changes: %+v", one)
		}

		correct := func(actor models.Actor, id int64, who models.ID, status models.Status, reason string) error {
			_, err := store.CorrectMark(t.Context(), actor, id, who, status, reason)
			return err
		}
		wantRefusal(t, correct(asha, session.ID, chen.ID, "here", "x"), models.ErrInvalidStatus)
		wantRefusal(t, correct(asha, session.ID, chen.ID, models.Late, ""), models.ErrReasonMissing)
		wantRefusal(t, correct(asha, session.ID, chen.ID, models.Late, strings.Repeat("x", 501)), models.ErrInvalidReason)
		wantRefusal(t, correct(asha, session.ID, models.ID{Key: "nobody"}, models.Late, "x"), models.ErrNotOnRoster)
		wantRefusal(t, correct(asha, 999, chen.ID, models.Late, "x"), models.ErrSessionNotFound)
		wantRefusal(t, correct(boris, session.ID, chen.ID, models.Late, "x"), models.ErrSessionNotFound)
		wantRefusal(t, correct(chen, session.ID, chen.ID, models.Late, "x"), models.ErrNotOwner)
		_, err = store.Changes(t.Context(), boris, session.ID, models.ChangesRequest{})
		wantRefusal(t, err, models.ErrSessionNotFound)
	})
}

func TestRosterChangesAreCounted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		must(store.CreateClass(t.Context(), asha, mathClass, "Mathematics"))(t)
		id := func(key string) models.ID { return models.ID{Key: key} }
		steps := []struct {
			do       func() (models.RosterChange, error)
			change   models.RosterChange
			students string
		}{
			{func() (models.RosterChange, error) {
				return store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{id("a"), "Ana"}, {id("b"), "李"}, {id("A"), "other"}})
			}, models.RosterChange{Added: 3}, "A=other a=Ana b=李"},
			{func() (models.RosterChange, error) {
				return store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{id("a"), ""}, {id("b"), "Li"}, {id("c"), ""}})
			}, models.RosterChange{Added: 1, Renamed: 1, Unchanged: 1}, "A=other a=Ana b=Li c="},
			{func() (models.RosterChange, error) {
				return store.ReplaceRoster(t.Context(), asha, mathClass, []models.Student{{id("b"), "Li"}, {id("d"), "Dan"}})
			}, models.RosterChange{Added: 1, Removed: 3, Unchanged: 1}, "b=Li d=Dan"},
			{func() (models.RosterChange, error) {
				return store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{id("a"), ""}})
			}, models.RosterChange{Added: 1}, "a=Ana b=Li d=Dan"},
			{func() (models.RosterChange, error) {
				return models.RosterChange{}, store.RemoveFromRoster(t.Context(), asha, mathClass, id("d"))
			}, models.RosterChange{}, "a=Ana b=Li"},
		}
		for i, step := range steps {
			if change := must(step.do())(t); change != step.change {
				t.Errorf("step %d: %+v", i, change)
			}
			var lines []string
			for _, e := range must(store.Roster(t.Context(), asha, mathClass))(t) {
				lines = append(lines, e.StudentID.Key+"="+e.StudentName)
			}
			slices.Sort(lines)
			if got := strings.Join(lines, " "); got != step.students {
				t.Errorf("step %d: roster %q, want %q", i, got, step.students)
			}
		}
		add := func(students ...models.Student) error {
			_, err := store.AddToRoster(t.Context(), asha, mathClass, students)
			return err
		}
		if err := add(models.Student{ID: id("x")}, models.Student{ID: models.ID{Key: "x", Number: true}}); err == nil || err.Error() != "The student x is listed twice" {
			t.Error(err)
		}
		wantRefusal(t, add(models.Student{ID: id("y")}, models.Student{ID: id("")}), models.ErrInvalidID)
		wantRefusal(t, add(models.Student{ID: id("y"), Name: "a\nb"}), models.ErrInvalidName)
		wantRefusal(t, add(make([]models.Student, models.MaxRoster+1)...), errors.New("A roster has at most 40000 students"))
		wantRefusal(t, store.RemoveFromRoster(t.Context(), asha, mathClass, id("d")), models.ErrNotOnRoster)
		_, err := store.ReplaceRoster(t.Context(), boris, mathClass, nil)
		wantRefusal(t, err, models.ErrClassNotFound)
		if roster := must(store.Roster(t.Context(), asha, mathClass))(t); len(roster) != 2 {
			t.Errorf("a refused change changed the roster: %+v", roster)
		}
	})
}

func TestClassesAreListedPerUser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		for range 2 {
			if err := store.SeedDemo(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		demoTeacher := models.Actor{ID: models.DemoTeacher, Role: models.RoleTeacher}
		if roster := must(store.Roster(t.Context(), demoTeacher, models.DemoClass))(t); len(roster) != 12 {
			t.Errorf("the demo has %d students", len(roster))
		}
		must(store.CreateClass(t.Context(), demoTeacher, physics, "Physics"))(t)
		must(store.ChangeClass(t.Context(), demoTeacher, physics, models.ClassChange{Name: new("Advanced physics")}))(t)
		must(store.ArchiveClass(t.Context(), demoTeacher, models.DemoClass, true))(t)
		var names []string
		for _, class := range must(store.Classes(t.Context(), demoTeacher))(t) {
			names = append(names, fmt.Sprint(class.ID, " ", class.ID.Number, " ", class.Name, " ", class.ArchivedAt != 0))
		}
		if !slices.Equal(names, []string{"7 true Advanced physics false", "demo false Demo class true"}) {
			t.Errorf("classes %q", names)
		}
		if own := must(store.Classes(t.Context(), student("student-3")))(t); len(own) != 1 || !own[0].ID.Is(models.DemoClass) {
			t.Errorf("a student's classes %+v", own)
		}
		if none := must(store.Classes(t.Context(), boris))(t); none == nil || len(none) != 0 {
			t.Errorf("boris's classes %+v", none)
		}
		_, err := store.Initiate(t.Context(), demoTeacher, models.InitiateRequest{ClassID: models.DemoClass, SessionType: "lab"})
		wantRefusal(t, err, models.ErrClassArchived)
		if class := must(store.ArchiveClass(t.Context(), demoTeacher, models.DemoClass, false))(t); class.ArchivedAt != 0 {
			t.Errorf("back in use: %+v", class)
		}
		_, err = store.ChangeClass(t.Context(), boris, physics, models.ClassChange{Name: new("Mine")})
		wantRefusal(t, err, models.ErrClassNotFound)
	})
}
