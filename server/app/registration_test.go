package app

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models/modelstest"
)

// waitingLogger calls stop when the server logs that it waits for another.
func waitingLogger(stop func()) *slog.Logger {
	return slog.New(slog.NewTextHandler(writerFunc(func(line []byte) (int, error) {
		if strings.Contains(string(line), "waiting for another server to end") {
			stop()
		}
		return len(line), nil
	}), nil))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestSecondServerOnDatabaseIsRefused starts a second server while the first serves, and again when that has stopped.
func TestSecondServerOnDatabaseIsRefused(t *testing.T) {
	mariaDB := func(t *testing.T) string { return "DATABASE_DSN=" + modelstest.MariaDB(t).DSN }
	sqlite := func(t *testing.T) string { return "DATA_DIR=" + t.TempDir() }
	nodeA := []string{"CLUSTER=true", "NODE_NAME=a"}
	for _, test := range []struct {
		name          string
		database      func(t *testing.T) string
		first, second []string
		want          string
	}{
		{"SQLite", sqlite, nil, nil, "; stop that server, or set another DATA_DIR"},
		{"MariaDB", mariaDB, nil, nil, "; stop that server, or set CLUSTER=true on both"},
		{"a node beside a server alone", mariaDB, nil, nodeA, "; stop that server, or set CLUSTER=true on both"},
		{"a server alone beside a node", mariaDB, nodeA, nil, "; stop that server, or set CLUSTER=true on both"},
		{"two nodes with one name", mariaDB, nodeA, nodeA, "; set a NODE_NAME of its own for each node"},
	} {
		t.Run(test.name, func(t *testing.T) {
			database := test.database(t)
			first, stop := start(t, settings(t, append(test.first, database)...))
			second := settings(t, append(test.second, database)...)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if _, err := New(ctx, second, waitingLogger(cancel)); err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("the second server: %v", err)
			}
			if status, _, _ := ask(t, http.MethodGet, first.URL()+"/readyz"); status != http.StatusOK {
				t.Errorf("the first server answers %d", status)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			start(t, second)
		})
	}
}
