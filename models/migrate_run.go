package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"
)

// The limits of a migration, if Options say nothing else. The server that migrates may have died without the database noticing, which
// takes up to 90 seconds (endSilentTransactions). A large table takes minutes.
const (
	migrationWait    = 15 * time.Minute
	migrationTimeout = time.Hour
)

// A statement that waits for the lock of a table keeps all other statements from it. So it does not wait for long, and waits again after
// a pause.
const (
	migrationLockSeconds = "3"
	migrationPause       = 5 * time.Second
)

// errMigrating says that another server holds the lock of the migrations.
var errMigrating = errors.New("another server is bringing the tables up to date")

// migrate brings the tables up to date. One process does it at a time. If there is nothing to do it does not wait for the others.
func (s *Store) migrate(ctx context.Context, wait, timeout time.Duration) error {
	if s.isMigrated(ctx) {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	err := s.on.exclusive(ctx, waiting, func(db *gorm.DB) error { return s.runMigrations(ctx, db, timeout) })
	switch {
	case errors.Is(err, errMigrating) && ctx.Err() == nil:
		return fmt.Errorf("%w, and was not done after %v; start this server again when it is", err, wait)
	case err != nil:
		return fmt.Errorf("bring the tables up to date: %w", err)
	}
	return nil
}

// isMigrated tells whether every migration is done. If it cannot find out, the migrations will.
func (s *Store) isMigrated(ctx context.Context) bool {
	var done []string
	err := s.read.WithContext(ctx).Raw("SELECT id FROM migrations").Scan(&done).Error
	for _, migration := range migrations {
		if !slices.Contains(done, migration.id) {
			return false
		}
	}
	return err == nil
}

// runMigrations runs those that are not done.
func (s *Store) runMigrations(ctx context.Context, db *gorm.DB, timeout time.Duration) error {
	working, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	at := "the list of migrations"
	var steps []*gormigrate.Migration
	for _, migration := range migrations {
		steps = append(steps, &gormigrate.Migration{ID: migration.id, Migrate: func(tx *gorm.DB) error {
			for _, statement := range migration.statements {
				at = fmt.Sprintf("%q of the migration %q", statement, migration.id)
				err := tx.Exec(s.on.ddl(statement)).Error
				// MySQL commits at every statement: a migration that was interrupted finds its beginning done.
				if err != nil && !slices.Contains(mysqlDoneAlready, mysqlNumber(err)) {
					return err
				}
			}
			return nil
		}})
	}
	var err error
	for {
		err = gormigrate.New(db.WithContext(working), gormigrate.DefaultOptions, steps).Migrate()
		if !isContention(err) || s.on.oneWriter || pause(working, migrationPause) != nil {
			break
		}
		s.log.WarnContext(ctx, "a migration waits for other statements", "at", at, "err", err)
	}
	if err != nil && working.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("not done after %v, at %s: %w", timeout, at, err)
	}
	return err
}

// mysqlExclusive runs do while it holds a named lock of the server, because MySQL commits at every CREATE TABLE. It waits for the lock
// until waiting ends.
func (s *Store) mysqlExclusive(schema *gorm.DB) exclusive {
	return func(ctx, waiting context.Context, do func(*gorm.DB) error) error {
		return schema.WithContext(ctx).Connection(func(conn *gorm.DB) (err error) {
			conn = conn.Session(&gorm.Session{NewDB: true}) // or each statement would add to the one before
			const name = "SHA1(CONCAT('attendance migrations ', DATABASE()))"
			if err := s.awaitMigrationLock(conn.WithContext(waiting), name); err != nil {
				return err
			}
			defer func() {
				err = errors.Join(err, conn.WithContext(ctx).Exec("DO RELEASE_LOCK("+name+")").Error)
			}()
			return connectFailure(do(conn))
		})
	}
}

// awaitMigrationLock takes a named lock. It asks again every second, so that a server that does not answer is noticed.
func (s *Store) awaitMigrationLock(conn *gorm.DB, name string) error {
	ctx := conn.Statement.Context
	for logged := false; ; {
		var got bool
		err := conn.Raw("SELECT COALESCE(GET_LOCK(" + name + ", 1), FALSE)").Scan(&got).Error
		switch {
		case ctx.Err() != nil:
			return errMigrating
		case err != nil || got:
			return err
		case !logged:
			s.log.WarnContext(ctx, "waiting for another server that brings the tables up to date")
			logged = true
		}
	}
}

// sqliteExclusive runs do in a transaction, for whose lock it waits until waiting ends.
func (s *Store) sqliteExclusive(ctx, waiting context.Context, do func(*gorm.DB) error) error {
	err := retryOnContention(waiting, func() error { return s.db.WithContext(ctx).Transaction(do) })
	if isContention(err) {
		return errMigrating
	}
	return err
}
