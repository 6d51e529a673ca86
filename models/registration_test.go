package models_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// refused tries to register until that has to wait for another server. It returns the error.
func refused(t *testing.T, db *modelstest.Database, name string) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waiting := writerFunc(func(line []byte) (int, error) {
		if strings.Contains(string(line), "waiting for another server") {
			cancel()
		}
		return len(line), nil
	})
	store := db.Open(t, models.Options{Logger: slog.New(slog.NewTextHandler(waiting, nil))})
	registration, err := store.Register(ctx, name)
	if err == nil {
		err = registration.Close(t.Context())
		t.Error("registered beside another server")
	}
	return err
}

// registered registers, for which it may wait until another server has ended.
func registered(t *testing.T, db *modelstest.Database, name string) *models.Registration {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	return must(db.Open(t, models.Options{Logger: quiet()}).Register(ctx, name))(t)
}

func unregister(t *testing.T, registration *models.Registration) {
	t.Helper()
	if err := registration.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRegisterRefusesServersThatExcludeEachOther(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		for _, test := range []struct {
			first, second string
			want          error // nil: both may run
		}{
			{"", "", models.ErrDatabaseInUse},
			{"a", "", models.ErrDatabaseInUse},
			{"", "a", models.ErrDatabaseInUse},
			{"a", "a", models.ErrNodeNameInUse},
			{"a", "b", nil},
		} {
			if db.DSN == "" && test.first+test.second != "" {
				continue // nodes need a database that they can share
			}
			t.Run(fmt.Sprintf("%q and %q", test.first, test.second), func(t *testing.T) {
				first := registered(t, db, test.first)
				if test.want == nil {
					unregister(t, registered(t, db, test.second))
					unregister(t, first)
					return
				}
				err := refused(t, db, test.second)
				if who := fmt.Sprintf("process %d on ", os.Getpid()); !errors.Is(err, test.want) || !strings.Contains(err.Error(), who) {
					t.Errorf("got %v, want %v and %q", err, test.want, who)
				}
				unregister(t, first)
				unregister(t, registered(t, db, test.second))
			})
		}
	})
}

// TestRegistrationReturnsAfterLostConnection also has another server remove the row meanwhile, as one does that finds the lock free.
func TestRegistrationReturnsAfterLostConnection(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	store := (&modelstest.Database{DSN: relay.DSN(db.Name)}).Open(t, models.Options{Logger: quiet()})
	store.SetNodeLease(time.Second)
	registration := must(store.Register(t.Context(), ""))(t)
	observer := db.Open(t, models.Options{})
	held := func() bool {
		return observer.Number(t, "SELECT COUNT(*) FROM nodes WHERE IS_USED_LOCK(SHA1(CONCAT('attendance node ', DATABASE(), ' ', id))) IS NOT NULL") == 1
	}
	if !held() {
		t.Error("the lock is not held")
	}
	made := relay.Made()
	relay.AtRest(modelstest.Reset)
	observer.Exec(t, "DELETE FROM nodes")
	eventually(t, func() bool { return relay.Made() > made && held() })
	if err := refused(t, db, ""); !errors.Is(err, models.ErrDatabaseInUse) {
		t.Errorf("got %v", err)
	}
	unregister(t, registration)
}

// To cancel the renewal would break the connection that holds the lock. The row would stay until another server finds the lock free.
func TestCloseDuringRenewalRemovesRegistration(t *testing.T) {
	db := modelstest.MariaDB(t)
	store := db.Open(t, models.Options{Logger: quiet()})
	store.SetNodeLease(time.Hour)
	registration := must(store.Register(t.Context(), ""))(t)
	writer := must(db.Server.Admin().BeginTx(t.Context(), nil))(t)
	waiting := waitingForLocks(t, db)
	if _, err := writer.Exec("SELECT id FROM " + db.Name + ".nodes FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	registration.BeginRenewal()
	eventually(t, func() bool { return waitingForLocks(t, db) > waiting })
	closed := make(chan error, 1)
	go func() { closed <- registration.Close(t.Context()) }()
	eventually(t, func() bool { return isRunning("models.(*Registration).Close") })
	if err := errors.Join(writer.Rollback(), <-closed); err != nil {
		t.Error(err)
	}
	if left := store.Number(t, "SELECT COUNT(*) FROM nodes"); left != 0 {
		t.Errorf("%d registrations are left", left)
	}
}

// What a registrar, which is this test program in another process, is given in its environment.
const (
	registrarDSN   = "ATTENDANCE_REGISTRAR_DSN"
	registrarDir   = "ATTENDANCE_REGISTRAR_DIR"
	registrarLease = "ATTENDANCE_REGISTRAR_LEASE"
)

// registerUntilKilled registers, prints a line, and logs what happens.
func registerUntilKilled(lease string) error {
	length, err := time.ParseDuration(lease)
	if err != nil {
		return err
	}
	store, err := models.Open(context.Background(), models.Options{
		DSN: os.Getenv(registrarDSN), DataDir: os.Getenv(registrarDir), Logger: slog.New(slog.NewTextHandler(os.Stdout, nil)),
	})
	if err != nil {
		return err
	}
	store.SetNodeLease(length)
	if _, err := store.Register(context.Background(), ""); err != nil {
		return err
	}
	fmt.Println("registered")
	_, err = io.Copy(io.Discard, os.Stdin) // ends at the latest with the parent process
	return err
}

// registrar is a server process that is registered.
type registrar struct {
	*exec.Cmd
	output *bufio.Scanner
}

func startRegistrar(t *testing.T, db *modelstest.Database, lease time.Duration) registrar {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), must(os.Executable())(t))
	cmd.Env = append(os.Environ(), registrarDSN+"="+db.DSN, registrarDir+"="+db.DataDir, registrarLease+"="+lease.String())
	cmd.Stderr = os.Stderr
	must(cmd.StdinPipe())(t)
	r := registrar{cmd, bufio.NewScanner(must(cmd.StdoutPipe())(t))}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended already
		_ = cmd.Wait()         // reports the kill
	})
	r.awaits(t, "registered")
	return r
}

// awaits reads its output up to a line that contains text.
func (r registrar) awaits(t *testing.T, text string) {
	t.Helper()
	for r.output.Scan() {
		if strings.Contains(r.output.Text(), text) {
			return
		}
	}
	t.Fatalf("the other process ended before it printed %q: %v", text, r.output.Err())
}

func (r registrar) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := r.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// TestKilledServerFreesDatabaseAtOnce has a lease that outlives the test.
func TestKilledServerFreesDatabaseAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		other := startRegistrar(t, db, time.Hour)
		if err := refused(t, db, ""); !errors.Is(err, models.ErrDatabaseInUse) || !strings.Contains(err.Error(), fmt.Sprint("process ", other.Process.Pid, " on ")) {
			t.Errorf("got %v", err)
		}
		other.signal(t, syscall.SIGKILL)
		unregister(t, registered(t, db, ""))
	})
}

// TestPausedServerFreesDatabaseAfterLease has the server go on afterwards: it says so, and registers again when it is alone.
func TestPausedServerFreesDatabaseAfterLease(t *testing.T) {
	db := modelstest.MariaDB(t)
	other := startRegistrar(t, db, time.Second)
	other.signal(t, syscall.SIGSTOP)
	registration := registered(t, db, "")
	other.signal(t, syscall.SIGCONT)
	other.awaits(t, "another server has begun to use the database")
	unregister(t, registration)
	other.awaits(t, "no other server excludes this one any more")
	if err := refused(t, db, ""); !errors.Is(err, models.ErrDatabaseInUse) {
		t.Errorf("got %v", err)
	}
}
