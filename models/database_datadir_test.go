package models_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// openerDir makes the test binary open the database there, and print the error: root may write anywhere, so
// another user has to try.
const openerDir = "TEST_OPENER_DIR"

func openAndPrintError(dir string) {
	err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobodyID), syscall.Setuid(nobodyID))
	if err == nil {
		var store *models.Store
		store, err = models.Open(context.Background(), models.Options{DataDir: dir, Logger: quiet()})
		if err == nil {
			err = store.Close()
		}
	}
	fmt.Println(err)
}

// nobodyID is the user that opens the database.
const nobodyID = 65534

// openAsNobody returns the error of opening the database as a user without rights.
func openAsNobody(t *testing.T, dir string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), must(os.Executable())(t))
	run.Env = append(os.Environ(), openerDir+"="+dir)
	return string(must(run.CombinedOutput())(t))
}

// reachable returns a directory that every user may enter.
func reachable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, each := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(each, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// unusableDirs are data directories that cannot be used. DIR is the data directory, and in the sentence as well.
var unusableDirs = []struct{ name, dir, damage, want string }{
	{
		"directory without right to write", "data", `mkdir "$DIR"; chmod 555 "$DIR"`,
		"the data directory DIR cannot be written to: open DIR/",
	},
	{"parent without right to write", "data", "true", "the data directory DIR cannot be made: mkdir DIR: permission denied; give the user that runs the server"},
	{"file at the directory's path", "data", `: >"$DIR"`, "the data directory DIR cannot be made: mkdir DIR: not a directory; it is a file, or lies below one"},
	{"directory below a file", "file/data", `: >"$(dirname "$DIR")"`, "not a directory; it is a file, or lies below one"},
	{"read-only file system", "data", `mkdir "$DIR"; mount -t tmpfs -o ro none "$DIR"`, "read-only file system; mount it for writing"},
	{"full disk", "data", `mkdir "$DIR"; mount -t tmpfs -o size=4k,mode=777 none "$DIR"; printf '%4096s' x >"$DIR/filler"`, "no space left on device; make room on its disk"},
	{"disk that fills up", "data", `mkdir "$DIR"; mount -t tmpfs -o size=64k,mode=777 none "$DIR"`, "the disk of DIR/attendance.db is full"},
	{"path too long for SQLite", strings.Repeat("long/", 110), `mkdir -p "$DIR"; chown -R 65534 "$DIR"`, "too long for SQLite"},
	{"name too long for the system", strings.Repeat("long", 70), "true", "file name too long; use a shorter path"},
	{
		"read-only database", "data", `mkdir "$DIR"; : >"$DIR/attendance.db"; chown 65534 "$DIR"; chmod 444 "$DIR/attendance.db"`,
		"open DIR/attendance.db: permission denied; give the user that runs the server",
	},
	{"directory at the database's path", "data", `mkdir -p "$DIR/attendance.db"; chown -R 65534 "$DIR"`, "DIR/attendance.db: is a directory"},
	{
		"file that is no database", "data", `mkdir "$DIR"; printf '%4096s' text >"$DIR/attendance.db"; chown -R 65534 "$DIR"`,
		"DIR/attendance.db is not an SQLite database; move it away or restore a backup",
	},
}

func TestOpenUnusableDataDirNamesTheCause(t *testing.T) {
	for _, test := range unusableDirs {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(reachable(t), test.dir)
			t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // where one is mounted
			shell(test.damage)(t, dir)
			got := openAsNobody(t, dir)
			if !strings.Contains(got, strings.ReplaceAll(test.want, "DIR", dir)) || strings.Contains(got, "out of memory") {
				t.Errorf("got %s", got)
			}
		})
	}
}

// TestNewerSchemaIsAccepted, because migrations only add, and two versions in a row run side by side.
func TestNewerSchemaIsAccepted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		store.Exec(t, "INSERT INTO migrations (id) VALUES ('2999-01 of a newer version')")
		store.Exec(t, "ALTER TABLE classes ADD COLUMN later BIGINT NOT NULL DEFAULT 0")
		lesson(t, db.Open(t, models.Options{}))
	})
}

func TestSQLiteFilesAreUnreadableToOtherUsers(t *testing.T) {
	t.Run("new directory", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "data")
		(&modelstest.Database{DataDir: dir}).Open(t, models.Options{})
		wantModes(t, dir, 0o700)
	})
	t.Run("directory of an older version", func(t *testing.T) {
		dir := t.TempDir()
		db := &modelstest.Database{DataDir: dir}
		lesson(t, db.Open(t, models.Options{}))
		shell(`chmod 755 "$DIR"; chmod 644 "$DIR"/*`)(t, dir)
		db.Open(t, models.Options{})
		wantModes(t, dir, 0o755)
	})
	t.Run("directory that every user may write to", func(t *testing.T) {
		dir := t.TempDir()
		shell(`chmod 777 "$DIR"`)(t, dir)
		var log modelstest.Log
		(&modelstest.Database{DataDir: dir}).Open(t, models.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		wantModes(t, dir, 0o777)
		if strings.Count(log.String(), "level=WARN") != 1 {
			t.Errorf("the log says %s", log.String())
		}
	})
}

// wantModes checks that no other user may read the files, and the directory's rights.
func wantModes(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	if found := must(os.Stat(dir))(t).Mode().Perm(); found != mode {
		t.Errorf("the directory has %v, want %v", found, mode)
	}
	files := must(os.ReadDir(dir))(t)
	if len(files) != 3 {
		t.Errorf("there are %d files", len(files))
	}
	for _, file := range files {
		if found := must(file.Info())(t).Mode().Perm(); found != 0o600 {
			t.Errorf("%s has %v", file.Name(), found)
		}
	}
}
