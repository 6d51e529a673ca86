package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Inspection is what Inspect found out about a database.
type Inspection struct {
	Name    string        // MySQL or SQLite, and the server's version
	Pending int           // migrations that the next start will run; all of them on an empty database
	Foreign int           // migrations of a newer version of this program
	Ahead   time.Duration // how far the database's clock is ahead of this one's; 0 for SQLite
	Early   bool          // others see a change before it is safe from a crash of the database
	Missing []string      // one sentence for each right that the user lacks
}

// Inspect looks at a database without a server on it, and changes nothing that stays: it makes a table to try the rights of the user,
// and removes it. It tries to connect once. The error says why the database cannot be used.
func Inspect(ctx context.Context, options Options) (found Inspection, err error) {
	if options.DSN == "" {
		return inspectSQLite(ctx, options.DataDir)
	}
	config, err := mysqlConfig(options.DSN)
	if err != nil {
		return found, err
	}
	s := &Store{on: &database{}}
	pool, err := s.mysqlPool("inspection", config, 1)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, s.closePools()) }()
	if err := pool.PingContext(ctx); err != nil {
		return found, connectFailure(err)
	}
	var version string
	var now float64
	asked := time.Now()
	// InnoDB shows a change before its own log is on the disk. With a binary log that is synced, the change is in that log first.
	row := pool.QueryRowContext(ctx, "SELECT VERSION(), UNIX_TIMESTAMP(NOW(6)), @@log_bin <> 1 OR @@sync_binlog <> 1")
	if err := row.Scan(&version, &now, &found.Early); err != nil {
		return found, err
	}
	// The database read its clock between the question and the answer.
	between := asked.Add(time.Since(asked) / 2)
	found.Name, found.Ahead = "MySQL or MariaDB "+version, time.UnixMicro(int64(now*1e6)).Sub(between).Round(time.Millisecond)
	if found.Missing = missingRights(ctx, pool); len(found.Missing) > 0 {
		return found, nil // without them there is nothing more to see
	}
	return found, found.readMigrations(ctx, pool, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migrations'")
}

// rights are what the server does with its database, with a table that is there for the attempt only.
var rights = []struct{ right, statement string }{
	{"CREATE", "CREATE TABLE attendance_check (id BIGINT NOT NULL PRIMARY KEY, value BIGINT NOT NULL) ENGINE=InnoDB"},
	{"ALTER", "ALTER TABLE attendance_check ADD COLUMN more BIGINT NOT NULL DEFAULT 0"},
	{"INDEX", "CREATE INDEX attendance_check_value ON attendance_check (value)"},
	{"INSERT", "INSERT INTO attendance_check (id, value) VALUES (1, 1)"},
	{"SELECT", "SELECT value FROM attendance_check FOR UPDATE"},
	{"UPDATE", "UPDATE attendance_check SET value = 2"},
	{"DELETE", "DELETE FROM attendance_check"},
	{"DROP", "DROP TABLE attendance_check"},
}

func missingRights(ctx context.Context, pool *sql.DB) (missing []string) {
	for _, each := range rights {
		_, err := pool.ExecContext(ctx, each.statement)
		if err == nil {
			continue
		}
		missing = append(missing, fmt.Sprintf("the user needs the right %s on the database: %v", each.right, err))
		if each.right == "CREATE" {
			break // the others need the table
		}
	}
	return missing
}

func inspectSQLite(ctx context.Context, dir string) (found Inspection, err error) {
	dir, err = filepath.Abs(cmp.Or(dir, "."))
	if err != nil {
		return found, err
	}
	existing := dir // or the parent in which it will be made
	for {
		_, err := os.Stat(existing)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || existing == filepath.Dir(existing) {
			return found, withAdvice(err)
		}
		existing = filepath.Dir(existing)
	}
	if err := tryToWrite(existing); err != nil {
		return found, fmt.Errorf("the directory %s cannot be written to: %w", existing, withAdvice(err))
	}
	found = Inspection{Name: "SQLite in " + dir, Pending: len(migrations)}
	path := filepath.Join(dir, sqliteFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	db, err := openReadOnly(path)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&result); err != nil {
		return found, withPath(path, err)
	}
	if result != "ok" {
		return found, fmt.Errorf("%s is damaged; restore a backup: %s", path, result)
	}
	return found, found.readMigrations(ctx, db, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
}

// readMigrations compares the migrations that were run with those that this version knows. An empty database has no table of them;
// tables counts how many it has.
func (i *Inspection) readMigrations(ctx context.Context, db *sql.DB, tables string) error {
	i.Pending = len(migrations)
	var count int
	if err := db.QueryRowContext(ctx, tables).Scan(&count); err != nil || count == 0 {
		return err
	}
	rows, err := db.QueryContext(ctx, "SELECT id FROM migrations")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err says what went wrong
	known := make([]string, len(migrations))
	for n, migration := range migrations {
		known[n] = migration.id
	}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		if slices.Contains(known, id) {
			i.Pending--
		} else {
			i.Foreign++
		}
	}
	return rows.Err()
}
