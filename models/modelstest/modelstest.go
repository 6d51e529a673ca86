// Package modelstest runs tests of attendance data on the databases that the server supports: SQLite, and a real MariaDB
// that each test binary starts for itself.
package modelstest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
)

// Database is an empty database of one test.
type Database struct {
	DSN     string  // empty for SQLite
	DataDir string  // empty for MariaDB
	Server  *Server // nil for SQLite
	Name    string  // of the schema on Server
}

// Each runs test once with an empty database of every kind.
func Each(t *testing.T, test func(t *testing.T, db *Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("mariadb", func(t *testing.T) { test(t, MariaDB(t)) })
}

// SQLite returns an empty SQLite database in a directory of the test's own.
func SQLite(t testing.TB) *Database {
	t.Helper()
	return &Database{DataDir: t.TempDir()}
}

var schemas atomic.Int64

// MariaDB returns an empty schema on the test binary's own MariaDB. It is dropped when the test ends.
func MariaDB(t testing.TB) *Database {
	t.Helper()
	server := shared(t)
	name := fmt.Sprintf("attendance_%d", schemas.Add(1))
	server.Exec(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { server.Exec(t, "DROP DATABASE "+name) })
	return &Database{DSN: server.DSN(User, Password, name), Server: server, Name: name}
}

// Open opens the database with the given options, except for where the data is. It is closed when the test ends. An empty database gets
// copies of tables that are up to date. A test of the migrations calls models.Open itself.
func (db *Database) Open(t testing.TB, options models.Options) *models.Store {
	t.Helper()
	if err := db.copyTables(); err != nil {
		t.Fatal(err)
	}
	options.DSN, options.DataDir = db.DSN, db.DataDir
	options.AllowOpen = true // tests look at one database in both modes
	if options.ConnectTimeout == 0 {
		options.ConnectTimeout = time.Minute // the migrations of many databases share a disk
	}
	store, err := models.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}
