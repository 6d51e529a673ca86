package models_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// On SQLite each commit waits for the disk, and one transaction writes at a time.
func TestJoinWaitingStudentsAreEnrolledTogether(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{Mode: models.ModeOpen})
	const students, classes = 60, 7
	release := store.HoldWriteLock(t)
	var all sync.WaitGroup
	for i := range students {
		all.Go(func() {
			actor := models.Actor{ID: models.ID{Key: fmt.Sprintf("student-%d", i)}, Role: models.RoleStudent}
			class := models.ID{Key: fmt.Sprintf("class-%d", i%classes)}
			found, err := store.Join(context.WithoutCancel(t.Context()), actor, class)
			if err != nil || !found.Enrolled || !found.Class.ID.Is(class) {
				t.Errorf("%s in %s: %+v, %v", actor.ID, class, found, err)
			}
		})
	}
	eventually(t, func() bool { return store.WaitingToEnrol() == students-1 })
	release()
	all.Wait()
	if got := store.Count(t, "enrolments"); got != students {
		t.Errorf("%d students are enrolled", got)
	}
	if got := store.Count(t, "classes"); got != classes {
		t.Errorf("there are %d classes", got)
	}
}

// Users of several classes join at once, some of them a class that is not theirs. Each is told about their own class only.
func TestJoinSimultaneousUsersGetTheirOwnAnswers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		const classes, size = 10, 30
		students := map[models.ID][]models.Actor{}
		for i := range classes {
			class := models.ID{Key: fmt.Sprintf("class-%d", i)}
			students[class] = classroom(t, store, class, size)
		}
		var all sync.WaitGroup
		for class, actors := range students {
			for i, actor := range actors {
				all.Go(func() {
					found, err := store.Join(t.Context(), actor, class)
					if err != nil || found.Name != fmt.Sprintf("Student %d", i) || !found.Class.ID.Is(class) ||
						len(found.Active) != 1 || !found.Active[0].ClassID.Is(class) || found.Active[0].Type != "lecture" {
						t.Errorf("%s in %s: %+v, %v", actor.ID, class, found, err)
					}
				})
			}
			all.Go(func() {
				unenrolled := models.Actor{ID: models.ID{Key: "student-9999"}, Role: models.RoleStudent}
				if found, err := store.Join(t.Context(), unenrolled, class); !errors.Is(err, models.ErrClassNotFound) {
					t.Errorf("an unenrolled student in %s: %+v, %v", class, found, err)
				}
			})
		}
		all.Go(func() {
			if found, err := store.Join(t.Context(), asha, models.ID{Key: "no class"}); !errors.Is(err, models.ErrClassNotFound) {
				t.Errorf("a class that does not exist: %+v, %v", found, err)
			}
		})
		all.Wait()
	})
}
