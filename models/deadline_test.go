package models_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// That a caller's time is over, or that they have gone, says nothing of the database.
func TestCancelledCallerIsNoDatabaseFault(t *testing.T) {
	operations := map[string]func(ctx context.Context, s *models.Store) error{
		"join": func(ctx context.Context, s *models.Store) error { _, err := s.Join(ctx, chen, mathClass); return err },
		"resume": func(ctx context.Context, s *models.Store) error {
			_, err := s.Resume(ctx, chen, []models.ResumeRequest{{ClassID: mathClass}})
			return err
		},
		"mark": func(ctx context.Context, s *models.Store) error {
			_, err := s.Record(ctx, chen, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
			return err
		},
		"initiate": func(ctx context.Context, s *models.Store) error {
			_, err := s.Initiate(ctx, asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lab"})
			return err
		},
		"end": func(ctx context.Context, s *models.Store) error {
			_, err := s.End(ctx, asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"})
			return err
		},
		"fetch": func(ctx context.Context, s *models.Store) error {
			_, err := s.Fetch(ctx, asha, mathClass, "2026-03-02", "lecture")
			return err
		},
		"read a roster": func(ctx context.Context, s *models.Store) error { _, err := s.Roster(ctx, asha, mathClass); return err },
		"change a roster": func(ctx context.Context, s *models.Store) error {
			_, err := s.AddToRoster(ctx, asha, mathClass, []models.Student{{ID: chen.ID}})
			return err
		},
		"list classes": func(ctx context.Context, s *models.Store) error { _, err := s.Classes(ctx, asha); return err },
		"create a class": func(ctx context.Context, s *models.Store) error {
			_, err := s.CreateClass(ctx, asha, models.ID{Key: "new"}, "")
			return err
		},
		"find overdue": func(ctx context.Context, s *models.Store) error { _, err := s.EndOverdue(ctx); return err },
		"ping":         func(ctx context.Context, s *models.Store) error { return s.Ping(ctx) },
	}
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var log modelstest.Log
		store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		lesson(t, store)
		gone, leave := context.WithCancel(t.Context())
		leave()
		late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		for name, ctx := range map[string]context.Context{"gone": gone, "late": late} {
			for operation, run := range operations {
				err := run(ctx, store)
				// A join that is alone is looked up by its own goroutine, so it may be done by then.
				if err == nil && (operation == "join" || operation == "resume") {
					continue
				}
				if err == nil || errors.Is(err, models.ErrUnavailable) || !errors.Is(err, ctx.Err()) {
					t.Errorf("%s, %s: %v", name, operation, err)
				}
			}
		}
		release := store.HoldWriteLock(t)
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if db.DSN != "" {
			release()
			release = func() {}
			<-short.Done()
		}
		if err := operations["initiate"](short, store); !errors.Is(err, models.ErrTooSlow) {
			t.Errorf("an initiate that waits longer than its caller: %v", err)
		}
		release()
		if strings.Contains(log.String(), "not available") {
			t.Errorf("the log says:\n%s", log.String())
		}
	})
}
