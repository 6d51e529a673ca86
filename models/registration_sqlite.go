package models

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// On SQLite the lock is that of a second, empty database beside the first. SQLite locks files so that the operating system releases
// the lock when the process dies, on every system that it runs on.

// nodeLockFile is in the data directory.
const nodeLockFile = "attendance.lock"

func (s *Store) registerSQLite(ctx context.Context, self *node) (*Registration, error) {
	path := filepath.Join(filepath.Dir(s.files.path), nodeLockFile)
	release, err := lockFile(ctx, path)
	if isContention(err) {
		return nil, s.inUse(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	// The rows of all others are left over, because their lock is free.
	db := s.db.WithContext(ctx)
	if err := errors.Join(db.Exec("DELETE FROM nodes").Error, db.Create(self).Error); err != nil {
		return nil, errors.Join(err, release())
	}
	return &Registration{end: func(ctx context.Context) error {
		err := s.db.WithContext(ctx).Delete(self).Error
		return errors.Join(s.failure(ctx, "end the registration", err), release())
	}}, nil
}

// lockFile locks a file until release is called or the process ends. A lock that another has is contention.
func lockFile(ctx context.Context, path string) (release func() error, err error) {
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{"_pragma": {"busy_timeout(0)"}}.Encode()}
	conn, err := (&sqlite.Driver{}).Open(dsn.String())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "BEGIN EXCLUSIVE", nil); err != nil {
		return nil, err
	}
	// Other users of the machine could take a lock of a file that they may read.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	return conn.Close, nil
}

// inUse says which server uses the database.
func (s *Store) inUse(ctx context.Context) error {
	var others []node
	if err := s.read.WithContext(ctx).Order("id DESC").Limit(1).Find(&others).Error; err != nil || len(others) == 0 {
		return errors.Join(ErrDatabaseInUse, err)
	}
	return fmt.Errorf("%w: %v", ErrDatabaseInUse, others[0])
}
