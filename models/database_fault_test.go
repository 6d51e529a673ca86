package models_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestOpenWaitsForServerNotUpYet(t *testing.T) {
	db := modelstest.MariaDB(t)
	if err := db.Server.Stop(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	options := models.Options{DSN: db.DSN, ConnectTimeout: 300 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	_, err := models.Open(t.Context(), options)
	if err == nil || !strings.Contains(err.Error(), "gave up waiting") || strings.Count(log.String(), "waiting for the database") != 1 {
		t.Errorf("without a server: %v\n%s", err, log.String())
	}
	if strings.Contains(log.String()+err.Error(), modelstest.Password) {
		t.Error("the password is in the log")
	}
	waiting := make(chan struct{})
	options.ConnectTimeout = time.Minute
	options.Logger = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		close(waiting)
		return len(p), nil
	}), nil))
	opened := make(chan error, 1)
	go func() {
		store, err := models.Open(t.Context(), options)
		if err == nil {
			err = store.Close()
		}
		opened <- err
	}()
	<-waiting
	if err := db.Server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// refuseAndRecover checks that a store refuses to write while something is wrong, and works again without being opened
// again.
func refuseAndRecover(t *testing.T, store *models.Store, breakIt, mend func()) {
	t.Helper()
	lesson(t, store)
	breakIt()
	if _, err := record(t, store, chen, chen.ID, models.Present); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("recording: %v", err)
	}
	if _, err := store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"}); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("initiating: %v", err)
	}
	if err := store.Ping(t.Context()); !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("ping: %v", err)
	}
	mend()
	if err := store.Ping(t.Context()); err != nil {
		t.Errorf("ping afterwards: %v", err)
	}
	if result := must(record(t, store, chen, chen.ID, models.Present))(t); !result.Changed {
		t.Error("the refused mark had been recorded")
	}
	if session := initiate(t, store, mathClass, "lab"); session.State != models.StateActive {
		t.Errorf("afterwards: %+v", session)
	}
}

func TestReadOnlyServerRefusesWrites(t *testing.T) {
	db := modelstest.MariaDB(t)
	t.Cleanup(func() { db.Server.Exec(t, "SET GLOBAL read_only = 0") })
	refuseAndRecover(t, db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()}),
		func() { db.Server.Exec(t, "SET GLOBAL read_only = 1") },
		func() { db.Server.Exec(t, "SET GLOBAL read_only = 0") })
}

// The database takes what it is sent and does not answer. A mark must not wait for ever, and must not be confirmed.
func TestHangingServerRefusesInTime(t *testing.T) {
	db := modelstest.MariaDB(t)
	db.DSN += "?readTimeout=1s" // a tenth of what it is by default
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()})
	t.Cleanup(func() { _ = db.Server.Thaw() }) // before the store is closed, however the test ends
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	refuseAndRecover(t, store, func() { check(db.Server.Freeze()) }, func() { check(db.Server.Thaw()) })
}

// tmpfs mounts a small file system of its own.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("this test mounts a small disk, for which it must run as root with the right to mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until the disk is full. Calling what it returns deletes the file.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	file := must(os.Create(path))(t)
	defer file.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for {
			if _, err := file.Write(make([]byte, size)); err != nil {
				if !errors.Is(err, syscall.ENOSPC) {
					t.Fatal(err)
				}
				break
			}
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSQLiteFullDiskRefusesWrites(t *testing.T) {
	dir := tmpfs(t, "4m")
	db := &modelstest.Database{DataDir: dir}
	var empty func()
	refuseAndRecover(t, db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()}),
		func() { empty = fill(t, dir) },
		func() { empty() })
}

func TestMariaDBFullDiskRefusesWrites(t *testing.T) {
	dir := tmpfs(t, "160m")
	server := must(modelstest.StartServer(dir, "--tmpdir="+t.TempDir()))(t) // what it sorts has room
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	server.Exec(t, "CREATE DATABASE attendance")
	db := &modelstest.Database{DSN: server.DSN(modelstest.User, modelstest.Password, "attendance"), Server: server}
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet()})
	lesson(t, store)
	empty := fill(t, dir)
	// What there is of room in the tables' files is used up by a few big rosters.
	add := func(n int) error {
		students := make([]models.Student, 2000)
		for i := range students {
			students[i] = models.Student{ID: models.ID{Key: fmt.Sprintf("%d of roster %d", i, n)}, Name: strings.Repeat("long name ", 20)}
		}
		_, err := store.AddToRoster(t.Context(), asha, mathClass, students)
		return err
	}
	var err error
	done := 0
	for ; err == nil && done < 100; done++ {
		err = add(done)
	}
	if !errors.Is(err, models.ErrUnavailable) {
		t.Fatalf("after %d rosters on a full disk: %v", done, err)
	}
	if roster := must(store.Roster(t.Context(), asha, mathClass))(t); len(roster) != 2+2000*(done-1) {
		t.Errorf("half a roster was written: %d students", len(roster))
	}
	empty()
	if err := add(done); err != nil {
		t.Errorf("with room again: %v", err)
	}
	must(record(t, store, chen, chen.ID, models.Present))(t)
}
