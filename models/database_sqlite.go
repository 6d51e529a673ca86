package models

import (
	"context"
	"database/sql"
	"net/url"

	gormsqlite "github.com/libtnb/sqlite"
	driver "modernc.org/sqlite"
)

// openSQLite opens DataDir/attendance.db. One connection writes, so that writers wait in Go, in no particular order, and
// not in SQLite's busy loop; readers have connections of their own and, with WAL, wait for no lock.
func (s *Store) openSQLite(ctx context.Context, dir string) error {
	s.on = &database{
		name:     "SQLite",
		ddl:      sqliteTypes.Replace,
		conflict: func(key string) string { return " ON CONFLICT (" + key + ") DO UPDATE SET " },
		proposed: func(column string) string { return "excluded." + column },
		begin:    "BEGIN IMMEDIATE",

		oneWriter: true,
	}
	s.on.exclusive = s.sqliteExclusive
	path, err := s.prepareDirectory(ctx, dir)
	if err != nil {
		return err
	}
	s.files = &fileWatch{path: path, log: s.log}
	writer, err := s.sqlitePool(ctx, "writes", 1, false, "journal_mode(WAL)", "synchronous(FULL)")
	if err != nil {
		return err
	}
	s.hideFiles(ctx)
	reader, err := s.sqlitePool(ctx, "reads", sqliteReaders+1, true, "query_only(1)") // the watch keeps one
	if err != nil {
		return err
	}
	s.batchPool, s.lookupPool = writer, reader
	if s.db, err = newGORM(&gormsqlite.Dialector{Conn: writer}); err != nil {
		return err
	}
	s.read, err = newGORM(&gormsqlite.Dialector{Conn: reader})
	return err
}

// sqliteReaders is the number of connections that read at the same time.
const sqliteReaders = 4

func (s *Store) sqlitePool(ctx context.Context, name string, connections int, readOnly bool, pragmas ...string) (*sql.DB, error) {
	query := url.Values{
		"_pragma": append([]string{"busy_timeout(" + sqliteLockTimeout + ")"}, pragmas...),
		"_txlock": {"immediate"}, // a transaction that reads first and then writes would be refused
	}
	dsn := url.URL{Scheme: "file", Path: s.files.path, RawQuery: query.Encode()}
	pool := sql.OpenDB(watchedConnector{&driver.Driver{}, dsn.String(), readOnly, s.files})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	s.on.pools = append(s.on.pools, namedPool{name, pool})
	// Where several processes start at once, one of them turns the write-ahead log on; SQLite refuses the other processes at once
	// meanwhile, whatever busy_timeout says.
	return pool, retryOnContention(ctx, func() error { return pool.PingContext(ctx) })
}
