package models_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gosql "github.com/go-sql-driver/mysql"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// upgraded runs test with databases that the version of November 2026 made, and connections that an older version would have to them.
// Class 7 of teacher t1 has one completed lecture and an active lab. testdata has the dumps.
func upgraded(t *testing.T, test func(t *testing.T, db *modelstest.Database, older *sql.DB)) {
	t.Run("sqlite", func(t *testing.T) {
		db := modelstest.SQLite(t)
		test(t, db, filled(t, "sqlite", "sqlite", "file:"+filepath.Join(db.DataDir, "attendance.db")+"?_pragma=busy_timeout(5000)"))
	})
	t.Run("mariadb", func(t *testing.T) {
		db := modelstest.MariaDB(t)
		config, err := gosql.ParseDSN(db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		config.MultiStatements = true
		test(t, db, filled(t, "mariadb", "mysql", config.FormatDSN()))
	})
}

func filled(t *testing.T, name, driver, dsn string) *sql.DB {
	t.Helper()
	dump, err := os.ReadFile(filepath.Join("testdata", "2026-11."+name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := pool.ExecContext(t.Context(), string(dump)); err != nil {
		t.Fatal(err)
	}
	return pool
}

// inNovember is a moment of the day on which the dumps were made.
func inNovember() time.Time { return time.UnixMilli(1795748600000) }

var dumpedClass = models.ID{Key: "7", Number: true}

func TestUpgradeKeepsEveryMark(t *testing.T) {
	upgraded(t, func(t *testing.T, db *modelstest.Database, _ *sql.DB) {
		store := db.Open(t, models.Options{Clock: inNovember})
		owner := teacher("t1")
		sessions := must(store.SessionsBetween(t.Context(), owner, dumpedClass, "", ""))(t)
		if len(sessions) != 2 {
			t.Fatalf("%d sessions", len(sessions))
		}
		want := []map[string]models.Status{
			{"5": models.Late, "asha": models.Present, "gone": models.Excused, "soren": models.Present},
			{"5": models.Present, "asha": models.Absent, "soren": models.Absent},
		}
		for i, session := range sessions {
			_, marks, err := store.SessionRecords(t.Context(), owner, session.ID)
			if err != nil || len(marks) != len(want[i]) {
				t.Fatalf("%s: %d marks, %v", session.Type, len(marks), err)
			}
			for _, mark := range marks {
				if mark.Status != want[i][mark.StudentID.Key] || mark.StudentName == "" || mark.RecordedAt == 0 {
					t.Errorf("%s: %+v", session.Type, mark)
				}
			}
		}
		page := must(store.Changes(t.Context(), owner, sessions[0].ID, models.ChangesRequest{Way: models.WayCorrection}))(t)
		if len(page.Changes) != 1 || page.Changes[0].Reason != "was there" {
			t.Errorf("corrections: %+v", page.Changes)
		}
		// And it is in use as before.
		if _, err := store.Join(t.Context(), student("asha"), dumpedClass); err != nil {
			t.Error(err)
		}
		if result := must(store.Record(t.Context(), student("asha"), models.MarkRequest{ClassID: dumpedClass, SessionType: "lab"}))(t); !result.Changed {
			t.Errorf("%+v", result)
		}
	})
}

// During a rolling upgrade the older version writes to the tables of this one. These are its statements.
func TestOlderVersionWritesToUpgradedTables(t *testing.T) {
	upgraded(t, func(t *testing.T, db *modelstest.Database, older *sql.DB) {
		store := db.Open(t, models.Options{Clock: inNovember})
		for _, statement := range []string{
			"INSERT INTO classes (class_key, class_number, name, owner_key, owner_number, made_at, archived_at, last_at) VALUES ('new', 0, 'New', 't1', 0, 1795748500000, 0, 1795748500000)",
			"INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name, enrolled_at, removed_at) VALUES ('new', 0, 'asha', 0, 'Asha', 1795748500000, 0)",
			"INSERT INTO sessions (class_key, class_number, day, session_type, state, teacher_key, teacher_number, frequency, started_at, ended_at, clock_at) VALUES ('new', 0, '2026-11-27', 'lecture', 'active', 't1', 0, NULL, 1795748500000, 0, 1795748500000)",
			"INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at, recorded_by_key, recorded_by_number, by_teacher) SELECT id, 'asha', 0, 'Asha', 'absent', 1795748500000, 't1', 0, 0 FROM sessions WHERE class_key = 'new'",
			"INSERT INTO changes (session_id, student_key, student_number, from_status, to_status, changed_at, changed_by_key, changed_by_number, by_role, way, reason) SELECT id, 'asha', 0, '', 'absent', 1795748500000, 't1', 0, 'teacher', 'initiate', '' FROM sessions WHERE class_key = 'new'",
			"INSERT INTO presence (class_key, user_role, user_key, incarnation, label, lost_at) VALUES ('new', 'student', 'asha', 1, 'Asha', 0)",
		} {
			if _, err := older.ExecContext(context.Background(), statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
		result := must(store.Record(t.Context(), student("asha"), models.MarkRequest{ClassID: models.ID{Key: "new"}, SessionType: "lecture"}))(t)
		if !result.Changed || result.Mark.Status != models.Present {
			t.Errorf("a mark in the older version's session: %+v", result)
		}
		classes := must(store.Classes(t.Context(), teacher("t1")))(t)
		if !slices.ContainsFunc(classes, func(c models.Class) bool { return c.ID.Key == "new" }) {
			t.Errorf("its teacher does not see the older version's class: %+v", classes)
		}
	})
}
