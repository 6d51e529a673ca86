package models_test

import (
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestMarkNamesComeFromRoster corrects a student's name, and asks for it wherever there is one.
func TestMarkNamesComeFromRoster(t *testing.T) {
	const old, corrected = "Cehn", "Chen Wei"
	ofMark := func(mark models.Mark, err error) (string, error) { return mark.StudentName, err }
	repeated := func(t *testing.T, store *models.Store, actor models.Actor, status models.Status) (string, error) {
		result, err := store.Record(t.Context(), actor, models.MarkRequest{
			ClassID: mathClass, StudentID: chen.ID, StudentName: old, Status: status, SessionType: "lecture",
		})
		return ofMark(result.Mark, err)
	}
	surfaces := []struct {
		name string
		read func(t *testing.T, store *models.Store, session int64) (string, error)
	}{
		{"fetch", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			return today(t, store, "lecture").Records[0].StudentName, nil
		}},
		{"session", func(t *testing.T, store *models.Store, session int64) (string, error) {
			_, marks, err := store.SessionRecords(t.Context(), asha, session)
			return ofMark(marks[0], err)
		}},
		{"history", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			_, history, err := store.StudentHistory(t.Context(), chen, mathClass)
			return ofMark(history[0].Mark, err)
		}},
		{"statistics", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			matrix, err := store.Matrix(t.Context(), asha, mathClass, "", "")
			return matrix.Students[0].StudentName, err
		}},
		{"join", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			joined, err := store.Join(t.Context(), chen, mathClass)
			return joined.Name, err
		}},
		{"roster", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			roster, err := store.Roster(t.Context(), asha, mathClass)
			return roster[0].StudentName, err
		}},
		{"a repeated mark", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			return repeated(t, store, chen, models.Present)
		}},
		{"a changed mark", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			return repeated(t, store, chen, models.Late)
		}},
		{"a teacher's mark", func(t *testing.T, store *models.Store, _ int64) (string, error) {
			return repeated(t, store, asha, models.Excused)
		}},
		{"a correction", func(t *testing.T, store *models.Store, session int64) (string, error) {
			result, err := store.CorrectMark(t.Context(), asha, session, chen.ID, models.Absent, "was ill")
			return ofMark(result.Mark, err)
		}},
		{"a correction of a former student's mark", func(t *testing.T, store *models.Store, session int64) (string, error) {
			if err := store.RemoveFromRoster(t.Context(), asha, mathClass, chen.ID); err != nil {
				return "", err
			}
			result, err := store.CorrectMark(t.Context(), asha, session, chen.ID, models.Late, "was late")
			return ofMark(result.Mark, err)
		}},
		{"a former student's mark", func(t *testing.T, store *models.Store, session int64) (string, error) {
			_, marks, err := store.SessionRecords(t.Context(), asha, session)
			return ofMark(marks[0], err)
		}},
	}
	for _, mode := range []models.Mode{models.ModeSigned, models.ModeOpen} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var published publications
				options := published.options()
				options.Mode = mode
				store := db.Open(t, options)
				session := lesson(t, store)
				add := func(name string) {
					must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID, Name: name}}))(t)
				}
				add(old)
				must(repeated(t, store, chen, models.Present))(t)
				published.marks = nil
				add(corrected)
				for _, surface := range surfaces {
					if name, err := surface.read(t, store, session.ID); name != corrected || err != nil {
						t.Errorf("%s: %q, %v", surface.name, name, err)
					}
				}
				for _, mark := range published.marks {
					if mark.StudentName != corrected {
						t.Errorf("published %+v", mark)
					}
				}
				if len(published.marks) != 4 {
					t.Errorf("published %d marks", len(published.marks))
				}
			})
		})
	}
}

// TestMarkNamesStudentWithoutName has a student without a name mark with one, and then with others.
func TestMarkNamesStudentWithoutName(t *testing.T) {
	for _, mode := range []models.Mode{models.ModeSigned, models.ModeOpen} {
		t.Run(fmt.Sprint("mode ", mode), func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				store := db.Open(t, models.Options{Mode: mode})
				must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
				must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID}}))(t)
				initiate(t, store, mathClass, "lecture")
				for _, step := range []struct {
					sent, want string
					status     models.Status
				}{
					{"", "", models.Present},
					{"Chen", "Chen", models.Present}, // changes nothing but the name
					{"Other", "Chen", models.Late},
					{"Other", "Chen", models.Late},
				} {
					result := must(store.Record(t.Context(), chen, models.MarkRequest{
						ClassID: mathClass, StudentName: step.sent, Status: step.status, SessionType: "lecture",
					}))(t)
					roster := must(store.Roster(t.Context(), asha, mathClass))(t)
					fetched := today(t, store, "lecture").Records[0]
					if result.Mark.StudentName != step.want || roster[0].StudentName != step.want || fetched.StudentName != step.want {
						t.Errorf("sent %q: answered %q, on the roster %q, fetched %q", step.sent, result.Mark.StudentName, roster[0].StudentName, fetched.StudentName)
					}
				}
			})
		})
	}
}

// TestMigrateNamesStudentsFromMarks opens a database of a version that kept such names with the marks only.
func TestMigrateNamesStudentsFromMarks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		older := db.Open(t, models.Options{Mode: models.ModeSigned})
		lesson(t, older)
		older.Exec(t, "UPDATE enrolments SET student_name = '' WHERE student_key = 'chen'")
		older.Exec(t, "UPDATE enrolments SET student_name = 'Divya R.' WHERE student_key = 'divya'")
		older.Exec(t, "DELETE FROM migrations WHERE id LIKE '2026-11 names that came with marks%'")
		roster := must(db.Open(t, models.Options{Mode: models.ModeSigned}).Roster(t.Context(), asha, mathClass))(t)
		if roster[0].StudentName != "Chen" || roster[1].StudentName != "Divya R." {
			t.Errorf("roster %+v", roster)
		}
	})
}
