package models_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func TestInspectTellsPendingMigrations(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		options := models.Options{DSN: db.DSN, DataDir: db.DataDir}
		empty := must(models.Inspect(t.Context(), options))(t)
		if empty.Early != (db.DSN != "") { // the MariaDB of the tests has no binary log
			t.Errorf("a binary log is missing: %v", empty.Early)
		}
		if empty.Pending == 0 || empty.Foreign != 0 || len(empty.Missing) != 0 {
			t.Errorf("empty: %+v", empty)
		}
		db.Open(t, models.Options{}) // and a server is using it
		used := must(models.Inspect(t.Context(), options))(t)
		if used.Pending != 0 || used.Foreign != 0 || len(used.Missing) != 0 {
			t.Errorf("in use: %+v", used)
		}
	})
}

func TestInspectNamesMissingRights(t *testing.T) {
	db := modelstest.MariaDB(t)
	for _, test := range []struct{ grants, missing string }{
		{"SELECT", "CREATE"},
		{"INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER", "SELECT"},
		{"SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX", "ALTER"},
		{"SELECT, INSERT, UPDATE, CREATE, DROP, INDEX, ALTER", "DELETE"},
		{"ALL", ""},
	} {
		db.Server.Exec(t, "CREATE OR REPLACE USER inspected@localhost IDENTIFIED BY 'topsecret'")
		db.Server.Exec(t, "GRANT "+test.grants+" ON "+db.Name+".* TO inspected@localhost")
		found := must(models.Inspect(t.Context(), models.Options{DSN: db.Server.DSN("inspected", "topsecret", db.Name)}))(t)
		all := strings.Join(found.Missing, "\n")
		if len(found.Missing) > 1 || !strings.Contains(all, test.missing) || strings.Contains(all, "topsecret") {
			t.Errorf("%s: missing %q, want %s", test.grants, found.Missing, test.missing)
		}
	}
}

func TestInspectUnusableDatabaseSaysWhy(t *testing.T) {
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "attendance.db"), []byte(strings.Repeat("text", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := modelstest.MariaDB(t).Server
	for name, test := range map[string]struct {
		options models.Options
		want    string
	}{
		"no database":      {models.Options{DataDir: damaged}, "is not an SQLite database"},
		"a file":           {models.Options{DataDir: filepath.Join(damaged, "attendance.db")}, "name a directory"},
		"a wrong password": {models.Options{DSN: server.DSN(modelstest.User, "topsecret", "mysql")}, "password"},
		"nobody listens":   {models.Options{DSN: "user:topsecret@tcp(127.0.0.1:1)/attendance"}, "connection refused"},
	} {
		_, err := models.Inspect(t.Context(), test.options)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
