package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/glebarez/go-sqlite"
	"github.com/go-sql-driver/mysql"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxAttempts bounds how often one transaction is tried.
const maxAttempts = 6

// retry runs do until it succeeds, fails with an error that again does not name, or has failed maxAttempts times. The
// pauses are random, so that those who got into each other's way do not meet again.
func retry(ctx context.Context, again func(error) bool, do func() error) error {
	for attempt := 0; ; attempt++ {
		err := do()
		if err == nil || !again(err) || attempt == maxAttempts-1 {
			return err
		}
		select {
		case <-time.After(rand.N(5 * time.Millisecond << attempt)):
		case <-ctx.Done():
			return err
		}
	}
}

// batchTimeout is how long the database may take to answer while a batch waits for it.
const batchTimeout = 10 * time.Second

// retryBatch is retry for what is done for many at once, which nobody can call off and which is tried again when the connection
// was lost, too. Its context never ends, because the driver pays for one that may with two switches between goroutines at
// every statement: deadlines of the connections bound the time (openMySQL).
func retryBatch(do func(context.Context) error) error {
	ctx := context.Background()
	return retry(ctx, func(err error) bool { return isContention(err) || isConnectionLost(err) }, func() error { return do(ctx) })
}

// failure names the operation in a database's error. If that may pass, it logs it, and makes it ErrUnavailable as well. That the
// caller's time is over is no fault of the database, and makes it ErrTooSlow; that the caller has gone stays as it is, and so do
// refusals.
func (s *Store) failure(operation string, err error) error {
	var refused *Refusal
	switch {
	case err == nil || errors.As(err, &refused):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", operation, err)
	case isTooSlow(err):
		s.log.Warn("not done in time", "operation", operation, "err", err)
		return fmt.Errorf("%s: %w: %w", operation, ErrTooSlow, err)
	case isUnavailable(err):
		s.log.Error("the database is not available", "operation", operation, "err", err)
		return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
	default:
		return fmt.Errorf("%s: %w", operation, err)
	}
}

// Numbers of MySQL's and MariaDB's errors, by what they mean here.
const mysqlNoDatabase = 1049

var (
	mysqlDoneAlready = []uint16{1050, 1061, 1062} // table exists, index exists, duplicate row
	mysqlContention  = []uint16{1205, 1213}       // lock wait timeout, deadlock
	mysqlRights      = []uint16{1044, 1045, 1142, 1143, 1227, 1370, 1698}
	mysqlUnavailable = []uint16{
		3, 1021, 1026, 1030, 1041, 1114, // disk or memory full
		1040, 1129, 1203, 1226, // too many connections
		1053, 1317, 1927, 1969, 3024, // going down, or killed the statement
		1290, 1792, 1836, // read-only
	}
)

func mysqlNumber(err error) uint16 {
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}

// sqliteCode returns the primary result code, 0 for other errors.
func sqliteCode(err error) int {
	var answer *sqlite.Error
	if errors.As(err, &answer) {
		return answer.Code() & 0xff
	}
	return 0
}

// isContention tells that the database rolled a transaction back because of other transactions.
func isContention(err error) bool {
	code := sqliteCode(err)
	return slices.Contains(mysqlContention, mysqlNumber(err)) || code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

// isConnectionLost tells that nothing is known about a statement because its connection broke.
func isConnectionLost(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, sql.ErrConnDone) || errors.As(err, &network)
}

// isTooSlow tells that the caller's deadline has passed. An error of the network that says so is that of a connection's own deadline.
func isTooSlow(err error) bool {
	var network *net.OpError
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &network) || sqliteCode(err) == sqlite3.SQLITE_INTERRUPT
}

// isUnavailable tells that the same operation may succeed later.
func isUnavailable(err error) bool {
	if isContention(err) || isConnectionLost(err) {
		return true
	}
	switch sqliteCode(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_PERM:
		return true
	}
	number := mysqlNumber(err)
	return slices.Contains(mysqlUnavailable, number) || slices.Contains(mysqlRights, number)
}

// isBadData tells that the database refused a row for what is in it, so that the rows beside it may be fine.
func isBadData(err error) bool {
	switch sqliteCode(err) {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		return true
	}
	var answer *mysql.MySQLError
	if !errors.As(err, &answer) {
		return false
	}
	class := string(answer.SQLState[:2])
	return class == "22" || class == "23" || class == "45" || answer.Number == 1366 // incorrect string value
}
