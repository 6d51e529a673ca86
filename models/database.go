package models

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// database is what differs between MySQL and SQLite.
type database struct {
	name         string
	ddl          func(string) string // turns the schema's column types into the server's
	exclusive    exclusive
	conflict     func(key string) string    // begins what an INSERT does to rows that are there already
	proposed     func(column string) string // what that INSERT would have put into column
	begin        string                     // starts a transaction that will write
	pipelined    bool                       // several statements can go out in one round trip
	oneWriter    bool                       // one transaction at a time may write
	byPrimaryKey string                     // follows a table's name, for a server that would take long to compare its other indexes
	pools        []namedPool                // to be closed

	endOfMarks, endOfEnrolments string // what the INSERTs of a batch do to rows that are there already
}

// exclusive runs the migrations while no other process does. It waits for its turn until waiting ends, with errMigrating then.
type exclusive func(ctx, waiting context.Context, do func(*gorm.DB) error) error

func newGORM(dialector gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(dialector, &gorm.Config{
		SkipDefaultTransaction: true,           // every transaction here is explicit
		DisableAutomaticPing:   true,           // the pools were pinged already, with retries
		Logger:                 logger.Discard, // errors are returned, and logged where they end
	})
}

// namedPool is a pool of connections with the name that the operator knows it by.
type namedPool struct {
	name string
	*sql.DB
}

func (s *Store) closePools() error {
	var errs []error
	if s.files != nil {
		errs = append(errs, s.files.close())
	}
	for _, pool := range s.on.pools {
		// A connection to MySQL that cannot be closed broke before.
		if err := pool.Close(); s.files != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
