package models

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// codeClock is the clock of the codes. A change of the server's clock must not make old codes valid again, nor refuse the code that is
// shown. So it is set once, at the start, and then counts the time that passes. It never goes back, also not over a restart: the
// database keeps the time of the last step whose code was shown. In a cluster, it is set to the time of the database, and each node
// takes over what is ahead of it (syncCodeClock).
type codeClock struct {
	elapsed func() time.Duration // since the start of the process, whatever the clock is set to

	mu     sync.Mutex
	set    Timestamp     // what it was set to last
	setAt  time.Duration // when, in elapsed
	stored Timestamp     // what the database has
}

func (c *codeClock) now() Timestamp {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *codeClock) read() Timestamp {
	return c.set + Timestamp((c.elapsed() - c.setAt).Milliseconds())
}

// advance sets the clock to a time that is ahead of it.
func (c *codeClock) advance(to Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to > c.read() {
		c.set, c.setAt = to, c.elapsed()
	}
}

// unstored returns the time, and whether it is in a later step than what the database has.
func (c *codeClock) unstored(period time.Duration) (now Timestamp, later bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now = c.read()
	return now, now.step(period) > c.stored.step(period)
}

func (c *codeClock) noteStored(at Timestamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stored = max(c.stored, at)
}

// step returns the number of the step that a moment is in.
func (t Timestamp) step(period time.Duration) int64 { return int64(t) / period.Milliseconds() }

// openCodeClock sets the clock. Where the server's clock was set back, it begins after all steps whose code was shown.
func (s *Store) openCodeClock(ctx context.Context) error {
	stored, now, err := s.readCodeClock(ctx)
	if err != nil {
		return s.failure(ctx, "set the clock of the codes", err)
	}
	if now < stored {
		now = stored + 2*Timestamp(s.codePeriod.Milliseconds())
	}
	s.codes.noteStored(stored)
	s.codes.advance(now)
	if !s.cluster {
		return nil
	}
	_, err = s.storeCodeClock(ctx) // for the other nodes
	return s.failure(ctx, "set the clock of the codes", err)
}

// readCodeClock returns the time of the last step whose code was shown and, to set the clock, that of the server or, in a cluster, of
// the database.
func (s *Store) readCodeClock(ctx context.Context) (stored, now Timestamp, err error) {
	var found struct{ Stored, Now Timestamp }
	query := "SELECT CAST(value AS SIGNED) AS stored, 0 AS now FROM properties WHERE name = 'code_clock'"
	if s.cluster {
		query = "SELECT CAST(value AS SIGNED) AS stored, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 AS now " +
			"FROM properties WHERE name = 'code_clock'"
	}
	if err := s.read.WithContext(ctx).Raw(query).Scan(&found).Error; err != nil {
		return 0, 0, err
	}
	if !s.cluster {
		found.Now = s.now()
	}
	return found.Stored, found.Now, nil
}

// storeCodeClock returns the time whose code may be shown: the database has its step. That is one small write for each step.
func (s *Store) storeCodeClock(ctx context.Context) (Timestamp, error) {
	now, later := s.codes.unstored(s.codePeriod)
	if !later {
		return now, nil
	}
	value := fmt.Sprintf("%015d", now) // texts of one length compare as numbers do
	err := s.retry(ctx, attemptsWithin, func() error {
		return s.db.WithContext(ctx).Exec("UPDATE properties SET value = ? WHERE name = 'code_clock' AND value < ?", value, value).Error
	})
	if err == nil {
		s.codes.noteStored(now)
	}
	return now, err
}

// syncCodeClock takes over the time of the database and of the other nodes of a cluster, where it is ahead.
func (s *Store) syncCodeClock(ctx context.Context) error {
	if !s.cluster {
		return nil
	}
	stored, now, err := s.readCodeClock(ctx)
	if err == nil {
		s.codes.advance(max(stored, now))
	}
	return err
}
