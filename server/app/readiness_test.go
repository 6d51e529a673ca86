package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadyzChecksDatabaseOncePerSecond(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer error
		pause  time.Duration // between two rounds of requests
		takes  time.Duration // each check
		checks int64
	}{
		{"requests at once", nil, 0, 0, 1},
		{"requests within a second", nil, 400 * time.Millisecond, 0, 1},
		{"requests a second apart", nil, time.Second, 0, 3},
		{"an unavailable database", errors.New("unavailable"), 400 * time.Millisecond, 0, 1},
		{"a slow check", nil, 0, 900 * time.Millisecond, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var checks atomic.Int64
				ready := readiness{logger: slog.New(slog.DiscardHandler), ping: func(context.Context) error {
					checks.Add(1)
					time.Sleep(test.takes)
					return test.answer
				}}
				var all sync.WaitGroup
				for range 3 {
					for range 1000 {
						all.Go(func() {
							if err := ready.check(t.Context()); !errors.Is(err, test.answer) {
								t.Errorf("got %v", err)
							}
						})
					}
					time.Sleep(test.pause)
				}
				all.Wait()
				if checks.Load() != test.checks {
					t.Errorf("%d checks, want %d", checks.Load(), test.checks)
				}
			})
		})
	}
}

func TestReadinessCheckOutlivesRequestThatStartedIt(t *testing.T) {
	ready := readiness{logger: slog.New(slog.DiscardHandler), ping: func(ctx context.Context) error { return ctx.Err() }}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := ready.check(gone); err != nil {
		t.Errorf("got %v", err)
	}
}

// A check may write one page of the log of SQLite, and a request none besides.
func TestReadyzRequestWritesOnlyByItsCheck(t *testing.T) {
	c := settings(t)
	var checks atomic.Int64
	a, _ := start(t, c, func(a *App) {
		ping := a.ready.ping
		a.ready.ping = func(ctx context.Context) error {
			checks.Add(1)
			return ping(ctx)
		}
	})
	size := func() int64 {
		found, err := os.Stat(filepath.Join(c.DataDir, "attendance.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return found.Size()
	}
	before, checked := size(), checks.Load()
	const requests, page = 200, 4096
	for range requests {
		if status, _, body := ask(t, http.MethodGet, a.URL()+"/readyz"); status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
	}
	if pages := (size() - before) / page; pages > checks.Load()-checked {
		t.Errorf("%d requests with %d checks wrote %d pages", requests, checks.Load()-checked, pages)
	}
}

func TestUnavailableDatabaseIsReportedToClients(t *testing.T) {
	c := settings(t, "DEMO=true")
	c.DataDir = filepath.Join(c.DataDir, "data")
	a, _ := start(t, c)
	student := dial(t, a)
	student.ask(`"identify",{"userId":"student-1","role":"student"}`)
	if err := os.Rename(c.DataDir, c.DataDir+".old"); err != nil {
		t.Fatal(err)
	}
	ready := func() int {
		status, _, _ := ask(t, http.MethodGet, a.URL()+"/readyz")
		return status
	}
	waitFor(t, func() bool { return ready() == http.StatusServiceUnavailable })
	for _, event := range []string{
		`"attendanceMarked",{"classId":"demo","studentId":"student-1","sessionType":"lecture","status":"present"}`,
		`"joinClass",{"userId":"student-1","classId":"new"}`,
	} {
		if answer := student.ask(event); !strings.Contains(answer, "cannot be reached or written to") {
			t.Errorf("%s is answered %s", event, answer)
		}
	}
	if err := os.Rename(c.DataDir+".old", c.DataDir); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return ready() == http.StatusOK })
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the condition was not met within 20 s")
		}
	}
}
