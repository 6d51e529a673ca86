package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is the name of the database in the data directory.
const sqliteFile = "attendance.db"

// prepareDirectory makes the data directory if it is missing, checks that files can be written there, and returns the path of
// the database in it. SQLite itself calls a directory that it may not write to "out of memory".
func (s *Store) prepareDirectory(ctx context.Context, dir string) (path string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("the data directory %s cannot be made: %w", dir, withAdvice(err))
	}
	if err := tryToWrite(dir); err != nil {
		return "", fmt.Errorf("the data directory %s cannot be written to: %w", dir, withAdvice(err))
	}
	path = filepath.Join(dir, sqliteFile)
	if len(path)+len("-journal") > maxSQLitePath {
		return "", fmt.Errorf("the path %s is too long for SQLite; name a data directory of less than %d bytes", path, maxSQLitePath-64)
	}
	s.warnOfOpenDirectory(ctx, dir)
	return path, nil
}

// maxSQLitePath is the length of the longest path in bytes that SQLite opens on Unix (MAX_PATHNAME in os_unix.c).
const maxSQLitePath = 512

// tryToWrite writes a file of one page, and removes it.
func tryToWrite(dir string) error {
	file, err := os.CreateTemp(dir, "attendance-check-*")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 4096))
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// warnOfOpenDirectory warns of a directory in which every user of the machine may replace the files. It is left as it is: it may be
// shared on purpose.
func (s *Store) warnOfOpenDirectory(ctx context.Context, dir string) {
	found, err := os.Stat(dir)
	if err == nil && found.Mode().Perm()&0o002 != 0 && found.Mode()&os.ModeSticky == 0 {
		s.log.WarnContext(ctx, "every user of this machine may replace the database; take the right to write to its directory from others",
			"path", dir, "mode", found.Mode().Perm().String())
	}
}

// hideFiles takes from other users the right to read the database. SQLite gives new files of a write-ahead log the database's rights.
func (s *Store) hideFiles(ctx context.Context) {
	for _, suffix := range suffixes {
		err := os.Chmod(s.files.path+suffix, 0o600)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.log.WarnContext(ctx, "other users of this machine may read the database", "err", err)
		}
	}
}

// advice says what to do about an error of the operating system.
var advice = []struct {
	err  error
	text string
}{
	{fs.ErrPermission, fmt.Sprintf("give the user that runs the server (uid %d) the right to write there", os.Getuid())},
	{syscall.ENOTDIR, "it is a file, or lies below one; name a directory"},
	{syscall.EROFS, "mount it for writing"},
	{syscall.ENOSPC, "make room on its disk"},
	{syscall.EDQUOT, "make room in the quota of the user that runs the server"},
	{syscall.ENAMETOOLONG, "use a shorter path"},
}

func withAdvice(err error) error {
	for _, each := range advice {
		if errors.Is(err, each.err) {
			return fmt.Errorf("%w; %s", err, each.text)
		}
	}
	return err
}

// withPath says in words why the database at path cannot be used.
func withPath(path string, err error) error {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s is not an SQLite database; move it away or restore a backup: %w", path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s is damaged; restore a backup: %w", path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk of %s is full; make room there: %w", path, err)
	case 0:
		return err
	}
	for _, suffix := range suffixes {
		// Nothing is open any more, so no lock of SQLite's is lost when this is closed.
		file, cause := os.OpenFile(path+suffix, os.O_RDWR, 0)
		if cause == nil {
			cause = file.Close()
		}
		if cause != nil && !errors.Is(cause, fs.ErrNotExist) {
			return withAdvice(cause) // SQLite says "out of memory"
		}
	}
	return fmt.Errorf("%s: %w", path, err)
}
