package models_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// openWithin opens a store that would wait for an hour, and closes it again. It returns what was logged, and the error.
func openWithin(t *testing.T, dsn string) (log string, err error) {
	t.Helper()
	var lines strings.Builder
	done := make(chan error, 1)
	go func() {
		store, err := models.Open(t.Context(), models.Options{
			DSN: dsn, ConnectTimeout: time.Hour, Logger: slog.New(slog.NewTextHandler(&lines, nil)),
		})
		if err == nil {
			err = store.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		return lines.String(), err
	case <-time.After(30 * time.Second):
		t.Fatal("it is still waiting")
		return "", nil
	}
}

func TestOpenBadDSNHidesSecrets(t *testing.T) {
	const form, address, characters = "the DSN is not of the form", "the DSN's address is not of the form", "control character"
	for _, test := range []struct{ name, dsn, want string }{
		{"nothing but a secret", "topsecret", form},
		{"no address", "user:topsecret/db", form},
		{"no slash", "user:topsecret@tcp(127.0.0.1:1)", form},
		{"a slash in the password and none behind", "user:top/topsecret@tcp(127.0.0.1:1)", form},
		{"no network", "user:topsecret@127.0.0.1:1/db", form},
		{"an at sign in the password and no network", "user:a@topsecret/db", form},
		{"a URL", "mysql://user:topsecret@127.0.0.1:1/db", form},
		{"PostgreSQL's form", "host=127.0.0.1 user=a password=topsecret dbname=db", form},
		{"no closing brace", "user:topsecret@tcp(127.0.0.1:1/db", form},
		{"another network", "user:pw@topsecret(127.0.0.1:1)/db", address},
		{"a network that does not exist", "user:topsecret@tpc(127.0.0.1:1)/db", address},
		{"a port that is no number", "user:pw@tcp(127.0.0.1:topsecret)/db", address},
		{"a port of 0", "user:topsecret@tcp(127.0.0.1:0)/db", address},
		{"a port above 65535", "user:topsecret@tcp(127.0.0.1:65536)/db", address},
		{"the user within the braces", "tcp(user:topsecret@127.0.0.1:1)/db", form},
		{"a secret within the braces", "user:pw@tcp(top@topsecret:1)/db", form},
		{"a socket without its path", "user:topsecret@unix(socket)/db", address},
		{"no database", "user:topsecret@tcp(127.0.0.1:1)/", "names no database"},
		{"a database that is not escaped", "user:pw@tcp(127.0.0.1:1)/topsecret%", "names no database"},
		{"a line break within", "user:topsecret\n@tcp(127.0.0.1:1)/db", characters},
		{"a tabulator within", "user:top\tsecret@tcp(127.0.0.1:1)/db", characters},
		{"PostgreSQL's parameter", "user:topsecret@tcp(127.0.0.1:1)/db?sslmode=disable", `"sslmode" is unknown`},
		{"Java's parameter", "user:pw@tcp(127.0.0.1:1)/db?useSSL=topsecret", `"useSSL" is unknown`},
		{"a variable that would lose everything", "user:pw@tcp(127.0.0.1:1)/db?sql_log_bin=0", `"sql_log_bin" is unknown`},
		{"a parameter without a proper name", "user:pw@tcp(127.0.0.1:1)/db?top-secret=1", "no proper name"},
		{"a bad truth value", "user:pw@tcp(127.0.0.1:1)/db?parseTime=topsecret", `parameter "parseTime" has a value`},
		{"a bad time zone", "user:pw@tcp(127.0.0.1:1)/db?parseTime=true&loc=topsecret", `parameter "loc" has a value`},
		{"a bad time", "user:pw@tcp(127.0.0.1:1)/db?timeout=topsecret", `parameter "timeout" has a value`},
		{"TLS that is not set up", "user:pw@tcp(127.0.0.1:1)/db?tls=topsecret", `parameter "tls" has a value`},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, err := openWithin(t, test.dsn)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(strings.ReplaceAll(err.Error()+log, "-", ""), "topsecret") {
				t.Errorf("the secret is in it: %v\n%s", err, log)
			}
		})
	}
}

func TestOpenRefusedHidesDSNSecrets(t *testing.T) {
	db := modelstest.MariaDB(t)
	db.Server.Exec(t, "CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'topsecret'")
	db.Server.Exec(t, "GRANT SELECT ON "+db.Name+".* TO reader@localhost")
	for _, test := range []struct{ name, dsn, want string }{
		{"a wrong password", db.Server.DSN(modelstest.User, "topsecret", db.Name), "Access denied"},
		{"the password as the user's name", db.Server.DSN("topsecret", "", db.Name), "Access denied"},
		{"a schema that does not exist", db.Server.DSN(modelstest.User, modelstest.Password, "attendance_topsecret"), "Unknown database"},
		{"a schema of another user", db.Server.DSN("reader", "topsecret", "mysql"), "denied"},
		{"a user who may only read", db.Server.DSN("reader", "topsecret", db.Name), "CREATE command denied"},
		{"a bad value of a variable", db.DSN + "?wait_timeout=topsecret", "refuses a variable"},
		{"another server's variable", db.DSN + "?max_execution_time=1", "refuses a variable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, err := openWithin(t, test.dsn)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error()+log, "topsecret") {
				t.Errorf("got %v, want %q and no secret\n%s", err, test.want, log)
			}
		})
	}
}

func TestDSNsOfEarlierExamplesAreAccepted(t *testing.T) {
	for _, rest := range []string{
		"", "\n", "  \r\n", "?charset=utf8&parseTime=True&loc=Local", "?charset=utf8mb3", "?charset=utf8mb4,utf8", "?charset=nonsense",
		"?collation=utf8mb4_unicode_ci", "?collation=nonsense", "?parseTime=false", "?loc=Asia%2FKolkata", "?clientFoundRows=true",
		"?interpolateParams=false", "?multiStatements=true", "?autocommit=0", "?sql_mode=ANSI", "?TIME_ZONE=SYSTEM",
		"?innodb_lock_wait_timeout=50", "?transaction_isolation=%27SERIALIZABLE%27", "?rejectReadOnly=true", "?compress=true",
		"?max_statement_time=10&wait_timeout=600&tls=false",
	} {
		t.Run(rest, func(t *testing.T) {
			db := modelstest.MariaDB(t)
			db.DSN += rest
			store := db.Open(t, models.Options{Mode: models.ModeSigned})
			must(store.CreateClass(t.Context(), asha, mathClass, "数学 🧮"))(t)
			name := models.ID{Key: "🧮"}
			must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: name, Name: "Åse 🎓"}}))(t)
			roster := must(store.Roster(t.Context(), asha, mathClass))(t)
			if len(roster) != 1 || roster[0].StudentID != name || roster[0].StudentName != "Åse 🎓" {
				t.Errorf("the roster is %+v", roster)
			}
			initiate(t, store, mathClass, "lecture")
			result := must(store.Record(t.Context(), models.Actor{ID: name, Role: models.RoleStudent},
				models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
			if result.Mark.StudentName != "Åse 🎓" {
				t.Errorf("the mark is %+v", result)
			}
		})
	}
}

func TestMigrateOtherDefaultEngineMakesInnoDB(t *testing.T) {
	for _, engine := range []string{"MyISAM", "Aria"} {
		t.Run(engine, func(t *testing.T) {
			db := modelstest.MariaDB(t)
			db.Server.Exec(t, "SET GLOBAL default_storage_engine = "+engine)
			t.Cleanup(func() { db.Server.Exec(t, "SET GLOBAL default_storage_engine = InnoDB") })
			if err := must(models.Open(t.Context(), models.Options{DSN: db.DSN}))(t).Close(); err != nil {
				t.Fatal(err)
			}
			var tables, others int
			err := db.Server.Admin().QueryRow("SELECT COUNT(*), SUM(engine <> 'InnoDB') FROM information_schema.tables WHERE table_schema = ?",
				db.Name).Scan(&tables, &others)
			if err != nil || tables < 7 || others != 0 {
				t.Errorf("%d of %d tables are not InnoDB (%v)", others, tables, err)
			}
		})
	}
}

func FuzzDSNErrorsHoldNoPassword(f *testing.F) {
	for _, seed := range [][2]string{
		{"", "@tcp(127.0.0.1:1)/db"}, {"/", "/db"}, {"@", "(x)/db?tls=x"}, {"?a=", "/%"}, {"", "\n"}, {"@tcp(", ")/db"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const password = "hunter2isthepassword"
		err := models.CheckDSN("user:" + before + password + after)
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error for %q and %q holds the password: %v", before, after, err)
		}
		if err != nil && errors.Unwrap(err) != nil {
			t.Errorf("the error wraps another, which may hold it: %v", err)
		}
	})
}
