package models

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	gormsqlite "github.com/glebarez/sqlite"
	"gorm.io/gorm"
)

// openSQLite opens DataDir/attendance.db. One connection writes, so that writers queue up in Go, in order, and not in
// SQLite's busy loop; readers have connections of their own and, with WAL, wait for nobody.
func (s *Store) openSQLite(ctx context.Context, dir string) error {
	s.on = &database{
		name: "SQLite",
		ddl:  sqliteTypes.Replace,
		exclusive: func(db *gorm.DB, do func(*gorm.DB) error) error {
			return db.Transaction(do)
		},
		conflict: func(key string) string { return " ON CONFLICT (" + key + ") DO UPDATE SET " },
		proposed: func(column string) string { return "excluded." + column },
		begin:    "BEGIN IMMEDIATE",
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path, err := filepath.Abs(filepath.Join(dir, "attendance.db"))
	if err != nil {
		return err
	}
	writer, err := s.sqlitePool(ctx, path, 1, "journal_mode(WAL)", "synchronous(FULL)")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	reader, err := s.sqlitePool(ctx, path, 4, "query_only(1)")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.hot, s.door = writer, reader
	if s.db, err = newGORM(&gormsqlite.Dialector{Conn: writer}); err != nil {
		return err
	}
	s.read, err = newGORM(&gormsqlite.Dialector{Conn: reader})
	return err
}

func (s *Store) sqlitePool(ctx context.Context, path string, connections int, pragmas ...string) (*sql.DB, error) {
	query := url.Values{
		"_pragma": append([]string{"busy_timeout(" + sqliteLockTimeout + ")"}, pragmas...),
		"_txlock": {"immediate"}, // a transaction that reads first and then writes would be refused
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	pool, err := sql.Open(gormsqlite.DriverName, dsn.String())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	s.on.pools = append(s.on.pools, pool)
	// Where several processes start at once, one of them turns the write-ahead log on; SQLite refuses the others at once
	// meanwhile, whatever busy_timeout says.
	return pool, patiently(ctx, func() error { return pool.PingContext(ctx) })
}
