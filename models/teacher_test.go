package models_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

var (
	gita  = teacher("gita")
	admin = models.Actor{ID: models.ID{Key: "registrar"}, Role: models.RoleAdmin}
)

func TestRecordsNameTheTeacherWhoMadeThem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		session := lesson(t, store)
		must(store.AddTeacher(t.Context(), asha, mathClass, gita.ID))(t)
		for _, who := range []models.Actor{asha, gita, admin} {
			if joined := must(store.Join(t.Context(), who, mathClass))(t); len(joined.Active) != 1 || joined.Member != who.ID {
				t.Errorf("%s joined %+v", who.ID, joined)
			}
			must(record(t, store, who, chen.ID, models.Late))(t)
			must(record(t, store, who, chen.ID, models.Excused))(t)
			must(store.CorrectMark(t.Context(), who, session.ID, divya.ID, models.Late, "by "+who.ID.Key))(t)
			must(store.CorrectMark(t.Context(), who, session.ID, divya.ID, models.Excused, "by "+who.ID.Key))(t)
			for _, mark := range today(t, store, "lecture").Records {
				if mark.RecordedBy != who.ID || !mark.ByTeacher {
					t.Errorf("%s recorded, and the mark says %+v", who.ID, mark)
				}
			}
			corrected := must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{}))(t).Changes
			// A type of their own, so that it is they who record everybody as absent.
			started := must(store.Initiate(t.Context(), who, models.InitiateRequest{ClassID: mathClass, TeacherID: who.ID, SessionType: who.ID.Key}))(t).Session
			if started.TeacherID != who.ID {
				t.Errorf("%s started %+v", who.ID, started)
			}
			absent := must(store.Changes(t.Context(), asha, started.ID, models.ChangesRequest{Way: models.WayInitiate}))(t).Changes
			if len(absent) == 0 {
				t.Errorf("the audit trail does not say whom %s recorded as absent", who.ID)
			}
			for _, change := range append(corrected[len(corrected)-4:], absent...) {
				if change.By != who.ID || change.ByRole != who.Role {
					t.Errorf("%s changed a mark, and the audit trail says %+v", who.ID, change)
				}
			}
			must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: who.ID.Key}))(t)
		}
		if err := store.RemoveTeacher(t.Context(), asha, mathClass, gita.ID); err != nil {
			t.Fatal(err)
		}
		_, err := record(t, store, gita, chen.ID, models.Late)
		wantRefusal(t, err, models.ErrClassNotFound)
		_, err = store.Join(t.Context(), gita, mathClass)
		wantRefusal(t, err, models.ErrClassNotFound)
	})
}

func TestClassesHandedOverAtOnceHaveOneOwner(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
		done := make(chan error)
		for i := range 10 {
			go func() {
				_, err := store.ChangeClass(t.Context(), admin, mathClass, models.ClassChange{Owner: models.ID{Key: fmt.Sprint("teacher ", i)}})
				done <- err
			}()
		}
		for range 10 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		var owners int
		var all []string
		for _, teacher := range must(store.Teachers(t.Context(), admin, mathClass))(t) {
			all = append(all, teacher.TeacherID.Key)
			if teacher.Owner {
				owners++
			}
		}
		slices.Sort(all)
		if owners != 1 || len(slices.Compact(slices.Clone(all))) != 11 || len(all) != 11 {
			t.Errorf("%d owners, teachers %v", owners, all)
		}
	})
}

func TestTeachersOfAClassAreLimited(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{})
	must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
	for i := range models.MaxTeachers {
		must(store.AddTeacher(t.Context(), asha, mathClass, models.ID{Key: fmt.Sprint("teacher ", i)}))(t)
	}
	if _, err := store.AddTeacher(t.Context(), asha, mathClass, gita.ID); err == nil {
		t.Error("one more teacher was added")
	}
}

func TestAllClassesPagesCoverEveryClassOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		for i := range 2*models.ClassesOnPage + 5 {
			must(store.CreateClass(t.Context(), teacher(fmt.Sprint("owner ", i%3)), models.ID{Key: fmt.Sprintf("class %03d", i)}, fmt.Sprintf("ÜBUNG %d", i%2)))(t)
		}
		must(store.AddTeacher(t.Context(), admin, models.ID{Key: "class 007"}, gita.ID))(t)
		wanted := map[string]int{"": 205, "übung 1": 102, "CLASS 20": 5, "OWNER 1": 68, "Gita": 1, "no such": 0, "%": 0}
		for search, want := range wanted {
			var req models.ClassesRequest
			req.Search = search
			seen := map[string]bool{}
			for {
				page := must(store.AllClasses(t.Context(), admin, req))(t)
				if page.Total != want {
					t.Fatalf("%q: the total is %d, want %d", search, page.Total, want)
				}
				for _, class := range page.Classes {
					if seen[class.ID.Key] {
						t.Errorf("%q: %s is on two pages", search, class.ID)
					}
					seen[class.ID.Key] = true
				}
				if req.After = page.Next; page.Next.IsZero() {
					break
				}
			}
			if len(seen) != want {
				t.Errorf("%q: the pages have %d classes, want %d", search, len(seen), want)
			}
		}
		_, err := store.AllClasses(t.Context(), asha, models.ClassesRequest{})
		wantRefusal(t, err, models.ErrSearchRole)
	})
}
