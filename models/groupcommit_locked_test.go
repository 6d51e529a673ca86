package models_test

import (
	"context"
	"database/sql"
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

// hold runs a statement in a transaction that stays open, as in an SQL tool, until release is called.
func hold(t *testing.T, db *modelstest.Database, statements ...string) (release func()) {
	t.Helper()
	conn := must(db.Server.Admin().Conn(t.Context()))(t)
	for _, statement := range append([]string{"USE " + db.Name, "BEGIN"}, statements...) {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return sync.OnceFunc(func() {
		for _, statement := range []string{"ROLLBACK", "UNLOCK TABLES", "DO RELEASE_ALL_LOCKS()"} {
			if _, err := conn.ExecContext(context.Background(), statement); err != nil && !errors.Is(err, sql.ErrConnDone) {
				t.Error(err)
			}
		}
		_ = conn.Close()
	})
}

// holdAny is hold, also for an ALTER TABLE: that waits for a transaction which has read the table, and other statements wait for it.
func holdAny(t *testing.T, db *modelstest.Database, statement string) (release func()) {
	t.Helper()
	words := strings.Fields(statement)
	if words[0] != "ALTER" {
		return hold(t, db, statement)
	}
	endReader := hold(t, db, "SELECT * FROM "+words[2])
	altered := make(chan error, 1)
	conn := must(db.Server.Admin().Conn(t.Context()))(t)
	must(conn.ExecContext(t.Context(), "USE "+db.Name))(t)
	go func() {
		_, err := conn.ExecContext(context.Background(), statement)
		altered <- err
	}()
	eventually(t, func() bool {
		var waiting int
		const query = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ? AND state LIKE 'Waiting for table metadata lock'"
		return db.Server.Admin().QueryRow(query, db.Name).Scan(&waiting) == nil && waiting > 0
	})
	return sync.OnceFunc(func() {
		endReader()
		if err := <-altered; err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	})
}

var (
	classA, classB = models.ID{Key: "a"}, models.ID{Key: "b"}
	first, second  = student("student-0000"), student("student-0001")
)

// answered runs a request, and fails the test if the request has no answer of its own.
func answered(t *testing.T, what string, do func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := do(ctx)
	if ctx.Err() != nil {
		t.Errorf("%s is not answered: %v", what, err)
	}
	return err
}

func recordIn(store *models.Store, class models.ID, who models.Actor, status models.Status) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := store.Record(ctx, who, models.MarkRequest{ClassID: class, SessionType: "lecture", Status: status})
		return err
	}
}

func TestLockedRowsRefuseOnlyWhatNeedsThem(t *testing.T) {
	all := []string{"mark", "mark of another", "initiate", "end", "rename", "roster", "join"}
	changes := all[:6]
	for _, test := range []struct {
		name     string
		held     string
		refused  []string // of class a
		bRefuses bool     // class b cannot do without it either
	}{
		{"the class", "UPDATE classes SET name = 'x' WHERE class_key = 'a'", changes, false},
		{"the class, for reading", "SELECT * FROM classes WHERE class_key = 'a' LOCK IN SHARE MODE", changes, false},
		// The tool's REPEATABLE READ locks the gaps beside the sessions, too, so that none can be added.
		{"a mark", "UPDATE marks SET student_name = 'x' WHERE student_key = 'student-0000' AND session_id = " +
			"(SELECT id FROM sessions WHERE class_key = 'a' AND session_type = 'lecture')", []string{"mark", "initiate"}, false},
		{"an enrolment", "UPDATE enrolments SET student_name = 'x' WHERE class_key = 'a' AND student_key = 'student-0000'", []string{"roster"}, false},
		{"the sessions of a class", "UPDATE sessions SET frequency = '' WHERE class_key = 'a'", []string{"initiate", "end"}, false},
		{"all marks", "LOCK TABLES marks READ", []string{"mark", "mark of another", "initiate"}, true},
		{"all sessions", "LOCK TABLES sessions WRITE", []string{"mark", "mark of another", "initiate", "end", "join"}, true},
		{"all classes", "LOCK TABLES classes WRITE", all, true},
		{"ALTER TABLE of marks", "ALTER TABLE marks ADD COLUMN later BIGINT NOT NULL DEFAULT 0", []string{"mark", "mark of another", "initiate"}, true},
		{"ALTER TABLE of classes", "ALTER TABLE classes ADD COLUMN later BIGINT NOT NULL DEFAULT 0", all, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			db := modelstest.MariaDB(t)
			store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()})
			classroom(t, store, classA, 3)
			classroom(t, store, classB, 3)
			initiate(t, store, classA, "exam")
			release := holdAny(t, db, test.held)
			defer release()
			attempts := attemptsIn(store, classA, 0)
			for i, what := range all {
				err := answered(t, what+" in class a", attempts[what])
				if refused := slices.Contains(test.refused, what); refused != errors.Is(err, models.ErrUnavailable) || !refused && err != nil {
					t.Errorf("%s in class a: %v, want it refused: %v", what, err, refused)
				}
				if test.bRefuses && i > 0 {
					continue
				}
				err = answered(t, "mark in class b", recordIn(store, classB, first, [...]models.Status{models.Late, models.Present}[i%2]))
				if test.bRefuses != errors.Is(err, models.ErrUnavailable) || !test.bRefuses && err != nil {
					t.Errorf("a mark in class b after %s in class a: %v", what, err)
				}
			}
			release()
			for what, attempt := range attemptsIn(store, classA, 1) {
				if err := answered(t, what, attempt); err != nil {
					t.Errorf("%s afterwards: %v", what, err)
				}
			}
		})
	}
}

// attemptsIn returns what may be done in a class. The round makes each change something.
func attemptsIn(store *models.Store, class models.ID, round int) map[string]func(context.Context) error {
	status := [...]models.Status{models.Present, models.Late}[round]
	return map[string]func(context.Context) error{
		"mark":            recordIn(store, class, first, status),
		"mark of another": recordIn(store, class, second, status),
		"initiate": func(ctx context.Context) error {
			_, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: class, SessionType: fmt.Sprint("lab", round)})
			return err
		},
		"end": func(ctx context.Context) error {
			_, err := store.End(ctx, asha, models.EndRequest{ClassID: class, SessionType: "exam"})
			return err
		},
		"rename": func(ctx context.Context) error {
			_, err := store.ChangeClass(ctx, asha, class, models.ClassChange{Name: new(fmt.Sprint("round ", round))})
			return err
		},
		"roster": func(ctx context.Context) error {
			_, err := store.AddToRoster(ctx, asha, class, []models.Student{{ID: first.ID, Name: fmt.Sprint("round ", round)}})
			return err
		},
		"join": func(ctx context.Context) error {
			_, err := store.Join(ctx, first, class)
			return err
		},
	}
}

// Marks of classes a and b are in one batch, and another program holds the lock of class a until both are answered. Nothing waits for
// this lock but the mark in class a, by itself.
func TestLockedClassDoesNotDelayOtherClasses(t *testing.T) {
	db := modelstest.MariaDB(t)
	gate := newGate()
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet(), OnEvent: gate.publish})
	for _, class := range []models.ID{mathClass, classA, classB} {
		classroom(t, store, class, 1)
	}
	release := hold(t, db, "UPDATE classes SET name = 'x' WHERE class_key = 'a'")
	defer release()
	results := map[models.ID]chan error{}
	start := func(class models.ID) {
		result := make(chan error, 1)
		results[class] = result
		go func() {
			result <- answered(t, "a mark in class "+class.Key, recordIn(store, class, first, models.Present))
		}()
	}
	start(mathClass)
	<-gate.arrived
	start(classA)
	start(classB)
	eventually(t, func() bool { return store.Waiting() == 2 })
	before := lockWaits(t, db)
	close(gate.open)
	if err := <-results[classB]; err != nil {
		t.Errorf("the mark in class b: %v", err)
	}
	if err := <-results[classA]; !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("the mark in class a: %v", err)
	}
	if waits := lockWaits(t, db) - before; waits != 1 {
		t.Errorf("%d statements waited for the lock, want one", waits)
	}
}

// waitingForLocks returns how many transactions wait for a lock of a row. Information_schema.innodb_trx would be no good: who reads it more
// often than ten times a second is given the same rows again.
func waitingForLocks(t *testing.T, db *modelstest.Database) int {
	t.Helper()
	return statusOf(t, db, "Innodb_row_lock_current_waits")
}

// lockWaits returns how often a statement has waited for the lock of a row.
func lockWaits(t *testing.T, db *modelstest.Database) int {
	t.Helper()
	return statusOf(t, db, "Innodb_row_lock_waits")
}

// statusOf returns a counter of the server.
func statusOf(t *testing.T, db *modelstest.Database, name string) (number int) {
	t.Helper()
	const query = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = ?"
	if err := db.Server.Admin().QueryRow(query, name).Scan(&number); err != nil {
		t.Fatal(err)
	}
	return number
}

// In open mode a student who is new in a class is put on its roster, which must not take the lock of the class.
func TestJoinWhileClassIsLockedSucceeds(t *testing.T) {
	db := modelstest.MariaDB(t)
	store := db.Open(t, models.Options{Logger: quiet()})
	classroom(t, store, classA, 1)
	release := hold(t, db, "UPDATE classes SET name = 'x' WHERE class_key = 'a'")
	defer release()
	var all sync.WaitGroup
	for i := range 40 { // more than there are connections
		all.Go(func() {
			if _, err := store.Join(t.Context(), student(fmt.Sprint("new ", i)), classA); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// When the lock is released, what waited is recorded: every mark once.
func TestMarksWaitingForLockAreRecorded(t *testing.T) {
	db := modelstest.MariaDB(t)
	var published publications
	options := published.options()
	options.Logger = quiet()
	store := db.Open(t, options)
	classroom(t, store, classA, 20)
	release := hold(t, db, "UPDATE classes SET name = 'x' WHERE class_key = 'a'")
	defer release()
	if err := recordIn(store, classA, first, models.Late)(t.Context()); !errors.Is(err, models.ErrUnavailable) {
		t.Fatal(err)
	}
	eventually(t, func() bool { return !store.CommitsIsolated(classA) })
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := recordIn(store, classA, student(fmt.Sprintf("student-%04d", i)), models.Present)(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, func() bool { return store.CommitsIsolated(classA) })
	release()
	all.Wait()
	eventually(t, func() bool { return !store.IsIsolated(classA) })
	if len(published.marks) != 20 {
		t.Errorf("%d marks were published, want 20", len(published.marks))
	}
}

// EndOverdue must not stop at a class that is locked.
func TestEndOverdueSkipsLockedClass(t *testing.T) {
	db := modelstest.MariaDB(t)
	now := time.Now()
	store := db.Open(t, models.Options{Logger: quiet(), Clock: func() time.Time { return now }})
	classroom(t, store, classA, 1)
	classroom(t, store, classB, 1)
	release := hold(t, db, "UPDATE classes SET name = 'x' WHERE class_key = 'a'")
	defer release()
	now = now.Add(3 * time.Hour)
	ended, err := store.EndOverdue(t.Context())
	if len(ended) != 1 || ended[0].ClassID != classB || !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("ended %+v, %v", ended, err)
	}
	release()
	if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 1 || ended[0].ClassID != classA {
		t.Errorf("once it is free: %+v", ended)
	}
}

func TestSQLiteLockedByShellRefusesWrites(t *testing.T) {
	db := modelstest.SQLite(t)
	store, shell := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()}), db.Open(t, models.Options{Mode: models.ModeSigned})
	classroom(t, store, classA, 3)
	initiate(t, store, classA, "exam")
	release := sync.OnceFunc(shell.HoldWriteLock(t))
	defer release()
	var all sync.WaitGroup
	for what, attempt := range attemptsIn(store, classA, 0) {
		all.Go(func() {
			err := answered(t, what, attempt)
			if what == "join" && err != nil || what != "join" && !errors.Is(err, models.ErrUnavailable) && !errors.Is(err, models.ErrTooSlow) {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	all.Wait()
	release()
	if err := answered(t, "mark", recordIn(store, classA, first, models.Present)); err != nil {
		t.Error(err)
	}
}
