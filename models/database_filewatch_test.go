package models_test

import (
	"errors"
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

// shell runs a command that must succeed, with DIR for the data directory.
func shell(command string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		run := exec.CommandContext(t.Context(), "sh", "-ec", command)
		run.Env = append(os.Environ(), "DIR="+dir)
		if output, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command, err, output)
		}
	}
}

// lostFiles are ways to lose SQLite's files under a running server. One without a repair stays refused.
var lostFiles = []struct {
	name, damage, repair string
	kept                 bool // what is at the path then has all marks
}{
	{"directory moved away and back", `mv "$DIR" "$DIR.old"`, `mv "$DIR.old" "$DIR"`, false},
	{"directory removed", `rm -r "$DIR"`, "", false},
	{"directory replaced", `mv "$DIR" "$DIR.old"; mkdir "$DIR"`, `rmdir "$DIR"; mv "$DIR.old" "$DIR"`, false},
	{"directory replaced by a copy", `cp -r "$DIR" "$DIR.copy"; mv "$DIR" "$DIR.old"; mv "$DIR.copy" "$DIR"`, "", false},
	{"another volume mounted over it", `mount -t tmpfs none "$DIR"`, `umount "$DIR"`, false},
	{"read-only volume mounted over it", `mount -t tmpfs -o ro none "$DIR"`, `umount "$DIR"`, false},
	{"database removed", `rm "$DIR/attendance.db"`, "", false},
	{"database moved away and back", `mv "$DIR/attendance.db" "$DIR/x"`, `mv "$DIR/x" "$DIR/attendance.db"`, false},
	{"database replaced", `: >"$DIR/x"; mv "$DIR/x" "$DIR/attendance.db"`, "", false},
	{"database truncated", `: >"$DIR/attendance.db"`, "", false},
	{"database cut short", `truncate -s 1000 "$DIR/attendance.db"`, "", false},
	{"log removed", `rm "$DIR/attendance.db-wal"`, "", true},
	{"log moved away and back", `mv "$DIR/attendance.db-wal" "$DIR/x"`, `mv "$DIR/x" "$DIR/attendance.db-wal"`, false},
	{"log's index removed", `rm "$DIR/attendance.db-shm"`, "", true},
	{"log and its index removed", `rm "$DIR/attendance.db-wal" "$DIR/attendance.db-shm"`, "", true},
}

func TestLostSQLiteFilesRefuseWrites(t *testing.T) {
	for _, test := range lostFiles {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			var log modelstest.Log
			db := &modelstest.Database{DataDir: dir}
			store := db.Open(t, models.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			lesson(t, store)
			must(record(t, store, divya, divya.ID, models.Late))(t)
			shell(test.damage)(t, dir)
			if strings.HasPrefix(test.damage, "mount") {
				t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // if it still is
			}
			eventually(t, func() bool { return errors.Is(store.Ping(t.Context()), models.ErrUnavailable) })
			eventually(t, func() bool { return strings.Contains(log.String(), "level=ERROR") })
			wantWritesRefused(t, store)
			if count := strings.Count(log.String(), "level=ERROR"); count != 1 {
				t.Errorf("%d errors are logged:\n%s", count, log.String())
			}
			if test.kept {
				wantKeptAfterKill(t, dir)
			}
			if test.repair == "" {
				return
			}
			shell(test.repair)(t, dir)
			eventually(t, func() bool { return store.Ping(t.Context()) == nil })
			if result := must(record(t, store, chen, chen.ID, models.Present))(t); !result.Changed {
				t.Error("the refused mark had been recorded")
			}
		})
	}
}

// wantWritesRefused tries each kind of write.
func wantWritesRefused(t *testing.T, store *models.Store) {
	t.Helper()
	other := models.ID{Key: "other"}
	for name, write := range map[string]func() error{
		"mark": func() error {
			_, err := record(t, store, chen, chen.ID, models.Present)
			return err
		},
		"join": func() error {
			_, err := store.Join(t.Context(), student("new"), mathClass)
			return err
		},
		"initiate": func() error {
			_, err := store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"})
			return err
		},
		"end": func() error {
			_, err := store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"})
			return err
		},
		"create a class": func() error {
			_, err := store.CreateClass(t.Context(), asha, other, "")
			return err
		},
		"change a roster": func() error {
			_, err := store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: other}})
			return err
		},
	} {
		if err := write(); !errors.Is(err, models.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// wantKeptAfterKill opens a copy of the files, as after a kill.
func wantKeptAfterKill(t *testing.T, dir string) {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copy")
	shell(`cp -r "$DIR" "`+copied+`"`)(t, dir)
	found := today(t, (&modelstest.Database{DataDir: copied}).Open(t, models.Options{}), "lecture")
	if len(found.Records) != 2 || found.Records[1].Status != models.Late {
		t.Errorf("after a kill: %+v", found)
	}
}

// An error of ext4 makes a file system read-only while its files are open, which mount itself refuses to do.
func TestReadOnlyFileSystemRefusesWrites(t *testing.T) {
	dir := t.TempDir()
	image := filepath.Join(t.TempDir(), "image")
	shell(`truncate -s 8M "`+image+`"; mkfs.ext4 -q "`+image+`"; mount -o loop,errors=remount-ro "`+image+`" "$DIR"`)(t, dir)
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	db := &modelstest.Database{DataDir: filepath.Join(dir, "data")}
	store := db.Open(t, models.Options{Logger: quiet()})
	lesson(t, store)
	shell(`echo 1 >/sys/fs/ext4/$(basename "$(findmnt -no SOURCE "$DIR")")/trigger_fs_error`)(t, dir)
	eventually(t, func() bool { return errors.Is(store.Ping(t.Context()), models.ErrUnavailable) })
	wantWritesRefused(t, store)
}
