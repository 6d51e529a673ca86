package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// How long a connection is kept. Firewalls, proxies and servers forget idle ones, HAProxy in its usual configurations after 50
// seconds. Others are renewed as well, so that the server follows a name that points to another database by now.
const (
	connectionIdle = 30 * time.Second
	connectionAge  = 3 * time.Minute
)

func (s *Store) openMySQL(ctx context.Context, dsn string) error {
	s.on = &database{
		name:         "MySQL",
		ddl:          mysqlTypes.Replace,
		conflict:     func(string) string { return " ON DUPLICATE KEY UPDATE " },
		proposed:     func(column string) string { return "VALUES(" + column + ")" },
		pipelined:    true,
		begin:        "START TRANSACTION",
		byPrimaryKey: " FORCE INDEX (PRIMARY)",
	}
	config, err := mysqlConfig(dsn)
	if err != nil {
		return err
	}
	pool, err := s.mysqlPool("requests", config, 16, endSilentTransactions)
	if err != nil {
		return err
	}
	if err := s.openBatchPools(config.Clone()); err != nil {
		return err
	}
	if err := s.openSchemaPool(config.Clone()); err != nil {
		return err
	}
	if s.nodePool, err = s.mysqlPool("registration", config.Clone(), 1); err != nil {
		return err
	}
	if err := s.awaitMySQL(ctx, pool, config.Addr); err != nil {
		return err
	}
	if s.db, err = newMySQLGORM(pool); err != nil {
		return err
	}
	s.read, err = newMySQLGORM(retriedReads{pool, s})
	return err
}

// openBatchPools opens the connections that send several statements at once. The statements of batches are constants of this
// package with driver-escaped values. Only these connections may do it, so that an injection anywhere else could not.
func (s *Store) openBatchPools(config *mysql.Config) (err error) {
	config.MultiStatements = true
	// The check would be a system call before each batch. A batch finds out by itself (retryBatch).
	config.CheckConnLiveness = false
	settings := []string{endSilentTransactions}
	if !s.cluster { // in a cluster, a class is usually locked by a batch of another node, which takes milliseconds
		settings = append(settings, neverWait)
	}
	if s.batchPool, err = s.mysqlPool("batches", config, 2, settings...); err != nil { // one for marks and one for lookups
		return err
	}
	s.lookupPool = s.batchPool
	s.locked.pool, err = s.mysqlPool("isolated", config, 8, endSilentTransactions)
	return err
}

// openSchemaPool opens the connection for migrations, which take the time that they need.
func (s *Store) openSchemaPool(config *mysql.Config) error {
	config.ReadTimeout, config.WriteTimeout = 0, 0
	config.Params["lock_wait_timeout"], config.Params["innodb_lock_wait_timeout"] = migrationLockSeconds, migrationLockSeconds
	// Batches need transactions and locks of rows, whatever engine the server prefers. The table of the migrations is gormigrate's.
	config.Params["default_storage_engine"] = "InnoDB"
	pool, err := s.mysqlPool("schema", config, 1, endSilentTransactions)
	if err != nil {
		return err
	}
	schema, err := newMySQLGORM(pool)
	s.on.exclusive = s.mysqlExclusive(schema)
	return err
}

func newMySQLGORM(pool gorm.ConnPool) (*gorm.DB, error) {
	return newGORM(gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true}))
}

func (s *Store) mysqlPool(name string, config *mysql.Config, connections int, settings ...string) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, errDSNForm
	}
	pool := sql.OpenDB(readCommitted{connector, settings})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(connectionIdle)
	pool.SetConnMaxLifetime(connectionAge)
	s.on.pools = append(s.on.pools, namedPool{name, pool})
	return pool, nil
}

// retriedReads is a pool whose reads are done again on a fresh connection when theirs breaks before the first row.
type retriedReads struct {
	*sql.DB
	store *Store
}

// QueryContext implements gorm.ConnPool.
func (r retriedReads) QueryContext(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = r.store.retry(ctx, attemptsWithin, func() error {
		//lint:ignore rowserrcheck the caller checks them
		rows, err = r.DB.QueryContext(ctx, query, args...) //lint:ignore sqlclosecheck the caller reads and closes them
		return err
	})
	return rows, err
}

// errNoConnection says that a server did not take a connection in time.
var errNoConnection = fmt.Errorf("no connection within %v: %w", connectTimeout, mysql.ErrInvalidConn)

// readCommitted makes connections that see, after waiting for a lock, what its last holder committed, and that lock
// no gaps between rows. It is a statement because the variable's name differs between MySQL and MariaDB.
type readCommitted struct {
	driver.Connector
	settings []string // further statements for each connection
}

// neverWait makes a statement fail at once that would wait for a row's lock. Only MariaDB can do that, and only it reads the comment.
// MySQL waits for lockSeconds.
const neverWait = "SET SESSION /*M! innodb_lock_wait_timeout = 0, */ autocommit = 1"

// endSilentTransactions has the database end the transactions of a server that is silent without having closed its connections: its machine
// is held or dead, or the network is cut. Otherwise the classes that it has locked would stay locked for hours. MariaDB knows when a
// transaction waits for its next statement. MySQL ends connections that are idle for longer than the pools keep them.
const endSilentTransactions = "SET SESSION /*M!100300 idle_transaction_timeout = 5, */ wait_timeout = LEAST(@@SESSION.wait_timeout, 90)"

func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, connectTimeout, errNoConnection)
	defer cancel()
	conn, err := c.Connector.Connect(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errNoConnection) {
		return nil, errNoConnection
	}
	if err != nil {
		return nil, err
	}
	for _, statement := range append([]string{"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"}, c.settings...) {
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

// awaitMySQL returns when the server answers, or with the reason for which it will not.
func (s *Store) awaitMySQL(ctx context.Context, pool *sql.DB, address string) error {
	for logged := false; ; {
		err := pool.PingContext(ctx)
		if err == nil {
			return nil
		}
		var network net.Error
		late := errors.As(err, &network) && network.Timeout() // the last attempt, which the end of ctx has cut
		if reason := connectFailure(err); !isUnavailable(reason) && !late {
			return reason
		}
		if !logged {
			s.log.WarnContext(ctx, "waiting for the database", "address", address, "err", err)
			logged = true
		}
		if pause(ctx, 250*time.Millisecond) != nil {
			return fmt.Errorf("gave up waiting for %s: %w", address, err)
		}
	}
}
