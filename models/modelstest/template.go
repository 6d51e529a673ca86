package modelstest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/neuracampus/attendance/models"
)

// The migrations take more time than most tests. So they run once for each kind of database, and tests get copies of the tables.

// copying is held while tables are copied: a test may open one database twice at once.
var copying sync.Mutex

// copyTables makes the tables of an empty database. It leaves others as they are.
func (db *Database) copyTables() error {
	copying.Lock()
	defer copying.Unlock()
	switch {
	case db.DSN == "":
		return copySQLite(db.DataDir)
	case db.Name == "": // on a server of the test's own
		return nil
	default:
		return db.Server.copyTables(db.Name)
	}
}

// sqliteTemplate is an SQLite database without data.
var sqliteTemplate = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := openAndClose(models.Options{DataDir: dir}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, sqliteFile))
})

const sqliteFile = "attendance.db"

func copySQLite(dir string) error {
	path := filepath.Join(dir, sqliteFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	template, err := sqliteTemplate()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, template, 0o600)
}

func openAndClose(options models.Options) error {
	store, err := models.Open(context.Background(), options)
	if err != nil {
		return err
	}
	return store.Close()
}

// templateName is the schema of a Server without data, from which tables are copied.
const templateName = "attendance_template"

func (s *Server) copyTables(schema string) error {
	existing, err := s.tablesOf(schema)
	if err != nil || len(existing) > 0 {
		return err
	}
	if s.template == nil {
		if err := s.makeTemplate(); err != nil {
			return err
		}
	}
	for _, table := range s.template {
		from, to := templateName+"."+table, schema+"."+table
		for _, statement := range []string{"CREATE TABLE " + to + " LIKE " + from, "INSERT INTO " + to + " SELECT * FROM " + from} {
			if _, err := s.admin.Exec(statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	return nil
}

func (s *Server) makeTemplate() (err error) {
	if _, err := s.admin.Exec("CREATE DATABASE " + templateName); err != nil {
		return err
	}
	if err := openAndClose(models.Options{DSN: s.DSN(User, Password, templateName)}); err != nil {
		return err
	}
	s.template, err = s.tablesOf(templateName)
	return err
}

func (s *Server) tablesOf(schema string) (tables []string, err error) {
	rows, err := s.admin.Query("SHOW TABLES FROM " + schema)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, nil
}
