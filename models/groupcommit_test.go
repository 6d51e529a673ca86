package models_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// classroom makes a class of asha's with n students, and an active lecture.
func classroom(t testing.TB, store *models.Store, class models.ID, n int) []models.Actor {
	t.Helper()
	students := make([]models.Student, n)
	actors := make([]models.Actor, n)
	for i := range students {
		students[i] = models.Student{ID: models.ID{Key: fmt.Sprintf("student-%04d", i)}, Name: fmt.Sprintf("Student %d", i)}
		actors[i] = models.Actor{ID: students[i].ID, Role: models.RoleStudent}
	}
	if _, err := store.CreateClass(t.Context(), asha, class, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddToRoster(t.Context(), asha, class, students); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: class, SessionType: "lecture"}); err != nil {
		t.Fatal(err)
	}
	return actors
}

// gate holds a committer up in its callback, so that a test decides what piles up meanwhile.
type gate struct {
	arrived, open chan struct{}
	once          sync.Once
	batches       [][]models.Mark
}

func newGate() *gate { return &gate{arrived: make(chan struct{}), open: make(chan struct{})} }

func (g *gate) publish(event models.Event) {
	if len(event.Marks) == 0 {
		return
	}
	g.once.Do(func() {
		close(g.arrived)
		<-g.open
	})
	g.batches = append(g.batches, event.Marks)
}

// together has the first request recorded alone and all others in one transaction. It returns their errors.
func (g *gate) together(t *testing.T, store *models.Store, requests ...func() error) []error {
	t.Helper()
	errs := make([]error, len(requests))
	var all sync.WaitGroup
	all.Go(func() { errs[0] = requests[0]() })
	<-g.arrived
	for i, request := range requests[1:] {
		all.Go(func() { errs[i+1] = request() })
	}
	eventually(t, func() bool { return store.Waiting() == len(requests)-1 })
	close(g.open)
	all.Wait()
	return errs
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen")
		}
	}
}

func marking(t *testing.T, store *models.Store, who models.Actor, class models.ID) func() error {
	return func() error {
		_, err := store.Record(t.Context(), who, models.MarkRequest{ClassID: class, SessionType: "lecture"})
		return err
	}
}

func TestRecordSimultaneousMarksShareOneTransaction(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: gate.publish})
		students := classroom(t, store, mathClass, 300)
		requests := []func() error{}
		for _, who := range students {
			requests = append(requests, marking(t, store, who, mathClass))
		}
		requests = append(requests, marking(t, store, student("unenrolled"), mathClass))
		wantRefusal(t, marking(t, store, student("opens the connection"), mathClass)(), models.ErrClassNotFound)
		before := questions(t, db)
		errs := gate.together(t, store, requests...)
		asked := questions(t, db) - before - 1 // counting asks, too
		for i, err := range errs[:300] {
			if err != nil {
				t.Errorf("mark %d: %v", i, err)
			}
		}
		wantRefusal(t, errs[300], models.ErrClassNotFound)
		if len(gate.batches) != 2 || len(gate.batches[0]) != 1 || len(gate.batches[1]) != 299 {
			t.Errorf("%d batches", len(gate.batches))
		}
		if db.Server != nil {
			// Each of the two: begin, lock, read twice; marks, audit trail, commit. They travel in two packets.
			if asked != 14 {
				t.Errorf("two transactions took %d statements, want 14", asked)
			}
		}
	})
}

// questions returns how many statements clients have sent to MariaDB so far.
func questions(t *testing.T, db *modelstest.Database) int {
	t.Helper()
	if db.Server == nil {
		return 0
	}
	var name string
	var n int
	if err := db.Server.Admin().QueryRow("SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGroupCommitBadRowFailsAlone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: gate.publish})
		students := classroom(t, store, mathClass, 20)
		if db.Server != nil {
			db.Server.Exec(t, "CREATE TRIGGER "+db.Name+".poison BEFORE UPDATE ON "+db.Name+".marks FOR EACH ROW "+
				"IF NEW.student_key = 'student-0007' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF")
		} else {
			store.Exec(t, "CREATE TRIGGER poison BEFORE UPDATE ON marks WHEN NEW.student_key = 'student-0007' BEGIN SELECT RAISE(ABORT, 'poison'); END")
		}
		requests := []func() error{}
		for _, who := range students {
			requests = append(requests, marking(t, store, who, mathClass))
		}
		for i, err := range gate.together(t, store, requests...) {
			if (err != nil) != (i == 7) {
				t.Errorf("mark %d: %v", i, err)
			}
		}
		for _, m := range today(t, store, "lecture").Records {
			if (m.Status == models.Present) != (m.StudentID.Key != "student-0007") {
				t.Errorf("%s is %s", m.StudentID, m.Status)
			}
		}
		changes := must(store.Changes(t.Context(), asha, gate.batches[0][0].SessionID, models.ChangesRequest{}))(t).Changes
		if len(changes) != 20+19 {
			t.Errorf("the audit trail has %d lines, want 39", len(changes))
		}
	})
}

func TestGroupCommitDeadlockIsRetried(t *testing.T) {
	for number := range map[int]bool{1213: true, 1205: true} {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			db := modelstest.MariaDB(t)
			var published publications
			store := db.Open(t, published.options())
			lesson(t, store)
			// The first two attempts on a connection are the victim of a deadlock.
			db.Server.Exec(t, fmt.Sprintf("CREATE TRIGGER %s.victim BEFORE UPDATE ON %[1]s.marks FOR EACH ROW BEGIN "+
				"SET @n = COALESCE(@n, 0) + 1; IF @n < 3 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = %d; END IF; END", db.Name, number))
			result := must(record(t, store, chen, chen.ID, models.Late))(t)
			if !result.Changed || len(published.marks) != 1 {
				t.Errorf("result %+v, published %+v", result, published.marks)
			}
		})
	}
}

func TestRecordWaitsForOutsideWriter(t *testing.T) {
	db := modelstest.SQLite(t)
	store, other := db.Open(t, models.Options{Mode: models.ModeSigned}), db.Open(t, models.Options{Mode: models.ModeSigned})
	lesson(t, store)
	release := other.HoldWriteLock(t)
	done := make(chan error, 1)
	go func() {
		_, err := record(t, store, chen, chen.ID, models.Present)
		done <- err
	}()
	eventually(t, func() bool { return isRunning("models.(*batch).lockAndRead") })
	release()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRecordCancelBeforeTransactionWritesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: gate.publish})
		students := classroom(t, store, mathClass, 2)
		first, second := make(chan error, 1), make(chan error, 1)
		ctx1, cancel1 := context.WithCancel(t.Context())
		ctx2, cancel2 := context.WithCancel(t.Context())
		recordWith := func(ctx context.Context, who models.Actor, done chan error) {
			_, err := store.Record(ctx, who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
			done <- err
		}
		go recordWith(ctx1, students[0], first)
		<-gate.arrived
		go recordWith(ctx2, students[1], second)
		eventually(t, func() bool { return store.Waiting() == 1 })
		cancel1()
		cancel2()
		if err := <-second; !errors.Is(err, context.Canceled) {
			t.Errorf("the waiting mark: %v", err)
		}
		close(gate.open)
		if err := <-first; err != nil {
			t.Errorf("the committed mark: %v", err)
		}
		for i, m := range today(t, store, "lecture").Records {
			if (m.Status == models.Present) != (i == 0) {
				t.Errorf("%s is %s", m.StudentID, m.Status)
			}
		}
	})
}

func TestCloseWaitsForPendingMarks(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		options := models.Options{Mode: models.ModeSigned, DSN: db.DSN, DataDir: db.DataDir, OnEvent: gate.publish}
		store := must(models.Open(t.Context(), options))(t)
		students := classroom(t, store, mathClass, 10)
		var all sync.WaitGroup
		errs := make([]error, len(students))
		for i, who := range students {
			all.Go(func() { errs[i] = marking(t, store, who, mathClass)() })
		}
		<-gate.arrived
		closed := make(chan error, 1)
		go func() { closed <- store.Close() }()
		eventually(t, func() bool { // the store is closing
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err := store.Record(ctx, students[0], models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
			return errors.Is(err, models.ErrClosed)
		})
		close(gate.open)
		all.Wait()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		recorded := 0
		for _, m := range today(t, db.Open(t, models.Options{}), "lecture").Records {
			if m.Status == models.Present {
				recorded++
			}
		}
		for _, err := range errs {
			if err == nil {
				recorded--
			} else if !errors.Is(err, models.ErrClosed) {
				t.Error(err)
			}
		}
		if recorded != 0 {
			t.Errorf("%d more marks were recorded than confirmed", recorded)
		}
	})
}
