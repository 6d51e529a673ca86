package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/go-sql-driver/mysql"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// failure names the operation in a database's error. If that may pass, it logs it, and makes it ErrUnavailable as well. That the
// caller's time is over is no fault of the database, and makes it ErrTooSlow; that the caller has cancelled stays as it is, and so do
// refusals. The line is of ctx: where many callers wait for one operation, of the first of them.
func (s *Store) failure(ctx context.Context, operation string, err error) error {
	var refused *Refusal
	switch {
	case err == nil || errors.As(err, &refused):
		return err
	case errors.Is(err, errUnknownOutcome):
		s.log.ErrorContext(ctx, "the database did not say whether it stored a change", "operation", operation, "err", err)
		return fmt.Errorf("%s: %w: %w", operation, ErrUnknownOutcome, err)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", operation, err)
	case isTooSlow(err):
		s.log.WarnContext(ctx, "not done in time", "operation", operation, "err", err)
		return fmt.Errorf("%s: %w: %w", operation, ErrTooSlow, err)
	case sqliteCode(err) != 0 && s.files.areLost(): // a file that was truncated is no database, and reading finds that
		return fmt.Errorf("%s: %w: %w", operation, errFilesLost, err)
	case isUnavailable(err):
		s.log.ErrorContext(ctx, "the database is not available", "operation", operation, "err", err)
		return fmt.Errorf("%s: %w: %w", operation, ErrUnavailable, err)
	default:
		return fmt.Errorf("%s: %w", operation, err)
	}
}

// Numbers of MySQL's and MariaDB's errors, by what they mean here. They are from the servers' own lists (MySQL's
// "Server Error Message Reference", MariaDB's "MariaDB Error Code Reference"); those of proxies from theirs.
var (
	mysqlDoneAlready = []uint16{1050, 1060, 1061, 1062} // table, column, index exists, duplicate row
	mysqlRights      = []uint16{1044, 1045, 1142, 1143, 1227, 1370, 1698}

	// mysqlContention: the server gave the transaction up because of others.
	mysqlContention = []uint16{
		mysqlLockWait,
		1213,       // deadlock; Galera's certification failed
		3101,       // Group Replication rolled it back for a transaction of another member
		1020, 1412, // another transaction changed the row or the table since it was read
	}
	// mysqlElsewhere: this connection's server refuses to write, or to do anything. The statement had no effect, at COMMIT
	// neither, and a fresh connection may lead to a server that does it.
	mysqlElsewhere = []uint16{
		1290, 1792, 1836, 1874, // read-only: an option (Aurora's replicas too), the transaction, the mode, InnoDB
		3100, // Group Replication lets no transaction through, for want of a majority
		1047, // Galera: this node is not in its cluster
		4031, // the connection had been idle for too long, and was closed before the statement came
	}
	// mysqlEnded: the server, or a proxy before it, ended the connection while it was at the statement.
	mysqlEnded = []uint16{
		1053, 1927, 3169, // the server stops, or an administrator killed the connection
		1152, 1158, 1159, 1160, 1161, 1184, // the server lost a connection
		2003, 2006, 2013, 9001, // a proxy lost the server, or found none
	}
	mysqlUnavailable = []uint16{
		3, 1021, 1026, 1030, 1041, 1114, // disk or memory full
		1040, 1129, 1203, 1226, // too many connections
		1317, 1969, 3024, // an administrator, or a limit, ended the statement
	}
)

const mysqlLockWait = 1205 // waited for a lock in vain

func mysqlNumber(err error) uint16 {
	if err == nil { // the usual case, in which nothing is to be allocated
		return 0
	}
	var answer *mysql.MySQLError
	if errors.As(err, &answer) {
		return answer.Number
	}
	return 0
}

// sqliteCode returns the primary result code, 0 for other errors.
func sqliteCode(err error) int {
	if err == nil {
		return 0
	}
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

// isLockWait tells that a statement waited in vain for the lock of a row or of a table.
func isLockWait(err error) bool { return mysqlNumber(err) == mysqlLockWait }

// isConnectionUnusable tells that a statement failed because of its connection, which is good for nothing else.
func isConnectionUnusable(err error) bool {
	return isConnectionLost(err) || slices.Contains(mysqlElsewhere, mysqlNumber(err))
}

// isConnectionLost tells that a statement's connection broke.
func isConnectionLost(err error) bool {
	return isOutcomeUnknown(err) || errors.Is(err, driver.ErrBadConn)
}

// isOutcomeUnknown tells that nobody knows what became of a statement: the connection broke after it had been sent. With
// driver.ErrBadConn, however, nothing had been sent.
func isOutcomeUnknown(err error) bool {
	if err == nil || errors.Is(err, context.DeadlineExceeded) { // the caller's own deadline looks like a net.Error
		return false
	}
	var network net.Error
	return errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, sql.ErrConnDone) || errors.As(err, &network) || slices.Contains(mysqlEnded, mysqlNumber(err))
}

// isTooSlow tells that the caller's deadline has passed. An error of the network that says so is that of a connection's own deadline.
func isTooSlow(err error) bool {
	var network *net.OpError
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &network) || sqliteCode(err) == sqlite3.SQLITE_INTERRUPT
}

// isUnavailable tells that the same operation may succeed later.
func isUnavailable(err error) bool {
	if isContention(err) || isConnectionUnusable(err) {
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
