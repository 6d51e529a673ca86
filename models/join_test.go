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

// insertClass returns the statement with which another program makes a class.
func insertClass(key string) string {
	return "INSERT INTO classes (class_key, class_number, name, owner_key, owner_number, made_at, archived_at, last_at) VALUES ('" +
		key + "', 0, '', '', 0, 0, 0, 0)"
}

// Many students join while the database does not let the first one in. On SQLite one transaction writes at a time, whatever the class.
func TestJoinWaitingStudentsAreEnrolledTogether(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeOpen})
		const students, classes = 60, 7
		perBatch := students
		var release func()
		if db.Server == nil {
			release = store.HoldWriteLock(t)
		} else {
			release = hold(t, db, insertClass("class-0"))
			perBatch = (students + classes - 1) / classes
		}
		var all sync.WaitGroup
		for i := range students {
			all.Go(func() {
				class := models.ID{Key: fmt.Sprintf("class-%d", i%classes)}
				found, err := store.Join(context.WithoutCancel(t.Context()), student(fmt.Sprintf("student-%d", i)), class)
				if err != nil || !found.Enrolled || !found.Class.ID.Is(class) {
					t.Errorf("student %d in %s: %+v, %v", i, class, found, err)
				}
			})
		}
		eventually(t, func() bool { return store.WaitingToEnrol(models.ID{Key: "class-0"}) == perBatch-1 })
		release()
		all.Wait()
		if got := store.Count(t, "enrolments"); got != students {
			t.Errorf("%d students are enrolled", got)
		}
		if got := store.Count(t, "classes"); got != classes {
			t.Errorf("there are %d classes", got)
		}
	})
}

// Another program holds the row of a class that is being made. Students of other classes are enrolled meanwhile.
func TestJoinLockedClassDelaysNoOtherClass(t *testing.T) {
	db := modelstest.MariaDB(t)
	store := db.Open(t, models.Options{Mode: models.ModeOpen, Logger: quiet()})
	release := hold(t, db, insertClass("a"))
	defer release()
	locked := make(chan error, 1)
	go func() {
		_, err := store.Join(context.WithoutCancel(t.Context()), first, classA)
		locked <- err
	}()
	eventually(t, func() bool { return store.Enrolling(classA) })
	if found, err := store.Join(t.Context(), second, classB); err != nil || !found.Enrolled {
		t.Errorf("a student of another class: %+v, %v", found, err)
	}
	select {
	case err := <-locked:
		t.Errorf("the student of the locked class did not wait: %v", err)
	default:
	}
	release()
	if err := <-locked; err != nil {
		t.Errorf("the student of the class that was locked: %v", err)
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
