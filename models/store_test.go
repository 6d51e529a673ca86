package models_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func TestMain(m *testing.M) {
	if os.Getenv(recorderRound) != "" {
		if err := recordUntilKilled(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if lease := os.Getenv(registrarLease); lease != "" {
		if err := registerUntilKilled(lease); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if dir := os.Getenv(openerDir); dir != "" {
		openAndPrintError(dir)
		return
	}
	if dir := os.Getenv(replacerDir); dir != "" {
		if err := replaceUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(modelstest.Run(m))
}

// The users and classes of these tests.
var (
	asha      = teacher("asha")
	boris     = teacher("boris")
	chen      = student("chen")
	divya     = student("divya")
	mathClass = models.ID{Key: "Math"}
	physics   = models.ID{Key: "7", Number: true}
)

func teacher(id string) models.Actor {
	return models.Actor{ID: models.ID{Key: id}, Role: models.RoleTeacher}
}

func student(id string) models.Actor {
	return models.Actor{ID: models.ID{Key: id}, Role: models.RoleStudent}
}

// must returns a result, or ends the test.
func must[T any](result T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

func wantRefusal(t *testing.T, got error, want error) {
	t.Helper()
	if got == nil || got.Error() != want.Error() {
		t.Errorf("got the error %v, want %v", got, want)
	}
}

// lesson makes a class of asha's with chen and divya on its roster, and an active lecture.
func lesson(t testing.TB, store *models.Store) models.Session {
	t.Helper()
	must(store.CreateClass(t.Context(), asha, mathClass, "Mathematics"))(t)
	must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID, Name: "Chen"}, {ID: divya.ID, Name: "Divya"}}))(t)
	return initiate(t, store, mathClass, "lecture")
}

func initiate(t testing.TB, store *models.Store, class models.ID, sessionType string) models.Session {
	t.Helper()
	return must(store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: class, SessionType: sessionType}))(t).Session
}

func record(t testing.TB, store *models.Store, actor models.Actor, studentID models.ID, status models.Status) (models.MarkResult, error) {
	t.Helper()
	return store.Record(t.Context(), actor, models.MarkRequest{ClassID: mathClass, StudentID: studentID, Status: status, SessionType: "lecture"})
}

func TestRestartLosesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		lesson(t, store)
		must(record(t, store, chen, chen.ID, models.Late))(t)
		again := db.Open(t, models.Options{})
		found := must(again.Fetch(t.Context(), asha, mathClass, time.Now().UTC().Format("2006-01-02"), "lecture"))(t)
		if found.Active != models.StateActive || len(found.Records) != 2 || found.Records[0].Status != models.Late ||
			found.Records[1].Status != models.Absent {
			t.Errorf("after opening again: %+v", found)
		}
		must(record(t, again, divya, divya.ID, models.Present))(t)
	})
}

func TestOpenSimultaneousNodesMakeTablesOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				store, err := models.Open(t.Context(), models.Options{DSN: db.DSN, DataDir: db.DataDir})
				if err == nil {
					err = store.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		lesson(t, db.Open(t, models.Options{}))
	})
}
