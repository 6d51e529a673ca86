package models

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

func (s *Store) openMySQL(ctx context.Context, dsn string) error {
	s.on = &database{
		name:         "MySQL",
		ddl:          mysqlTypes.Replace,
		exclusive:    mysqlExclusive,
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
	pool, err := s.mysqlPool(config, 16)
	if err != nil {
		return err
	}
	// The statements of batches are constants of this package with driver-escaped values. Only their own connections,
	// one for marks and one for joins, may send several at once, so that an injection anywhere else could not either.
	config.MultiStatements = true
	config.DialFunc = hidden(s.dial)
	config.ReadTimeout = cmp.Or(config.ReadTimeout, batchTimeout)
	config.WriteTimeout = cmp.Or(config.WriteTimeout, batchTimeout)
	if s.hot, err = s.mysqlPool(config, 2); err != nil {
		return err
	}
	s.door = s.hot
	if err := s.awaitMySQL(ctx, pool, config.Addr); err != nil {
		return err
	}
	s.db, err = newGORM(gormmysql.New(gormmysql.Config{Conn: pool, SkipInitializeWithVersion: true}))
	s.read = s.db
	return err
}

// mysqlConfig takes the user's DSN and sets what the rest of this package relies on.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("the DSN is not of the form user:password@tcp(host:port)/database?parameters: %w", err)
	}
	if config.DBName == "" {
		return nil, errors.New("the DSN names no database (…/database)")
	}
	if config.Params == nil {
		config.Params = map[string]string{}
	}
	delete(config.Params, "charset")
	config.Params["time_zone"] = "'+00:00'"
	config.Params["sql_mode"] = "'TRADITIONAL'"
	if _, set := config.Params["innodb_lock_wait_timeout"]; !set {
		config.Params["innodb_lock_wait_timeout"] = "5"
	}
	config.Collation = "utf8mb4_bin"
	config.ParseTime = true
	config.Loc = time.UTC
	config.InterpolateParams = true // saves preparing and closing each statement
	config.ClientFoundRows = false  // RowsAffected decides who won
	config.MultiStatements = false
	if config.Timeout == 0 {
		config.Timeout = 5 * time.Second
	}
	config.Logger = &mysql.NopLogger{} // the errors are returned as well
	return config, nil
}

func (s *Store) mysqlPool(config *mysql.Config, connections int) (*sql.DB, error) {
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(readCommitted{connector})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	s.on.pools = append(s.on.pools, pool)
	return pool, nil
}

// hidden hides the descriptor of what dial connects from the driver, which would ask it before each batch, in a system call that
// the scheduler hears of, whether the connection is still there. A batch finds that out anyway (retryBatch).
func hidden(dial Dial) Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return struct{ net.Conn }{conn}, nil
	}
}

// readCommitted makes connections that see, after waiting for a lock, what its last holder committed, and that lock
// no gaps between rows. It is a statement because the variable's name differs between MySQL and MariaDB.
type readCommitted struct{ driver.Connector }

func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		return nil, errors.Join(err, conn.Close())
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
		number := mysqlNumber(err)
		if slices.Contains(mysqlRights, number) || number == mysqlNoDatabase {
			return err
		}
		if !logged {
			s.log.WarnContext(ctx, "waiting for the database", "address", address, "err", err)
			logged = true
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("gave up waiting for %s: %w", address, err)
		}
	}
}

// mysqlExclusive holds a named lock of the server, because MySQL commits at every CREATE TABLE.
func mysqlExclusive(db *gorm.DB, do func(*gorm.DB) error) error {
	return db.Connection(func(conn *gorm.DB) (err error) {
		conn = conn.Session(&gorm.Session{NewDB: true}) // or each statement would add to the one before
		const name = "CONCAT('attendance migrations ', DATABASE())"
		var got int
		if err := conn.Raw("SELECT COALESCE(GET_LOCK(SHA1(" + name + "), 60), 0)").Scan(&got).Error; err != nil {
			return err
		}
		if got != 1 {
			return errors.New("another node is still migrating the tables after a minute")
		}
		defer func() {
			err = errors.Join(err, conn.Exec("DO RELEASE_LOCK(SHA1("+name+"))").Error)
		}()
		return do(conn)
	})
}
