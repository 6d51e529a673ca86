//go:build linux

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mariaDB is a database server of the generator's own, with default settings: every commit reaches the disk.
type mariaDB struct {
	*process
	port int
	db   *sql.DB
}

func startMariaDB(ctx context.Context, directory string) (*mariaDB, error) {
	data := filepath.Join(directory, "mariadb")
	temporary := "--tmpdir=" + directory // its own directory: a server that starts removes the temporary tables that it finds
	install := exec.CommandContext(ctx, "mariadb-install-db", "--no-defaults", "--user=root", "--datadir="+data,
		"--auth-root-authentication-method=normal", "--skip-test-db", temporary)
	if out, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db (from the package mariadb-server): %w\n%s", err, out)
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p, err := start("mariadbd", data+".log", exec.CommandContext(ctx, "mariadbd", "--no-defaults", "--user=root", "--datadir="+data,
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--socket="+data+".sock", "--pid-file="+data+".pid", temporary))
	if err != nil {
		return nil, err
	}
	m := &mariaDB{process: p, port: port}
	if m.db, err = sql.Open("mysql", m.dsn("")); err == nil {
		err = mysql.SetLogger(&mysql.NopLogger{}) // it would complain while the server starts
	}
	if err == nil {
		err = m.ready(time.Minute, func() error { return m.db.PingContext(ctx) })
	}
	if err != nil {
		m.stop()
		return nil, err
	}
	return m, nil
}

func (m *mariaDB) dsn(schema string) string {
	return fmt.Sprintf("root@tcp(127.0.0.1:%d)/%s?parseTime=true", m.port, schema)
}

// fresh creates an empty schema, dropping what was there.
func (m *mariaDB) fresh(ctx context.Context, schema string) error {
	_, err := m.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+schema)
	_, err2 := m.db.ExecContext(ctx, "CREATE DATABASE "+schema+" CHARACTER SET utf8mb4")
	return errors.Join(err, err2)
}
