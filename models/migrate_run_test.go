package models_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// migrationLock is the lock that a server holds while it brings the tables up to date.
const migrationLock = "SHA1(CONCAT('attendance migrations ', DATABASE()))"

// TestOpenLimitsMigrations has a migration meet something that takes long: longer than a server may take to connect, which is none of
// its limits.
func TestOpenLimitsMigrations(t *testing.T) {
	const connect = 5 * time.Second
	for _, test := range []struct {
		name     string
		migrated bool   // the tables are up to date before
		locked   bool   // another server holds the lock of the migrations
		held     string // the statement that contains it is not answered
		options  models.Options
		released bool   // what takes long is over when the time to connect is
		failure  string // in the error; "": it succeeds
	}{
		{name: "another server is at it for longer than a connection may take", locked: true, released: true},
		{
			name: "another server is at it for too long", locked: true, options: models.Options{MigrationWait: 100 * time.Millisecond},
			failure: "another server is bringing the tables up to date, and was not done after 100ms",
		},
		{name: "another server is at it, and nothing is to do", migrated: true, locked: true},
		{name: "a statement takes longer than a connection may take", held: "CREATE TABLE classes", released: true},
		{
			name: "a statement takes too long", held: "CREATE TABLE classes", options: models.Options{MigrationTimeout: time.Second},
			failure: `not done after 1s, at "CREATE TABLE classes`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			db := modelstest.MariaDB(t)
			if test.migrated {
				db.Open(t, models.Options{Logger: quiet()})
			}
			held, release := make(chan struct{}), func() {}
			if test.locked {
				release = hold(t, db, "SELECT GET_LOCK("+migrationLock+", 0)")
			}
			over := sync.OnceFunc(func() { close(held); release() })
			defer over()
			relay := modelstest.NewRelay(t, db.Server)
			relay.AtStatement(func(statement string) modelstest.Fault {
				if test.held != "" && strings.Contains(statement, test.held) {
					<-held
				}
				return modelstest.Pass
			})
			options := test.options
			options.DSN, options.ConnectTimeout, options.Logger = relay.DSN(db.Name), connect, quiet()
			if test.released {
				defer time.AfterFunc(connect+500*time.Millisecond, over).Stop()
			}
			store, err := models.Open(t.Context(), options)
			if err == nil {
				err = store.Close()
			}
			switch {
			case test.failure == "" && err != nil:
				t.Error(err)
			case test.failure != "" && (err == nil || !strings.Contains(err.Error(), test.failure)):
				t.Errorf("%v, want %q", err, test.failure)
			}
		})
	}
}

// TestIdleConnectionsEndOnServer lets a database notice that a server has vanished, whatever its connections are for.
func TestIdleConnectionsEndOnServer(t *testing.T) {
	store := modelstest.MariaDB(t).Open(t, models.Options{Logger: quiet()})
	for i, seconds := range store.WaitTimeouts(t) {
		if seconds > 90 {
			t.Errorf("pool %d: the database waits %d s for a connection that is silent", i, seconds)
		}
	}
}
