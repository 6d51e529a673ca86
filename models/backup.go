package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Backup copies the SQLite database in a data directory into a new file, which only its owner can read. It has everything that was
// committed when the copying began. A server that uses the database goes on meanwhile.
func Backup(ctx context.Context, dir, file string) (err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, sqliteFile)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database to copy: %w", err)
	}
	copied, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already; name a new file", file)
	}
	if err != nil {
		return fmt.Errorf("the copy cannot be written: %w", withAdvice(err))
	}
	defer func() {
		err = errors.Join(err, copied.Close())
		if err != nil { // half a copy is worse than none
			err = errors.Join(err, os.Remove(file))
		}
	}()
	database, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if _, err := database.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy the database: %w", withAdvice(err))
	}
	return copied.Sync()
}

// openReadOnly opens an SQLite database that another process may be using.
func openReadOnly(path string) (*sql.DB, error) {
	query := url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(" + sqliteLockTimeout + ")"}}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	return sql.Open("sqlite", dsn.String())
}
