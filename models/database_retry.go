package models

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// Every request is answered within 4 seconds, because clients in use give up after 5. These times divide the 4 seconds.
const (
	// statementTimeout is how long a MySQL server may take to send the next part of an answer. It is longer than the server
	// waits for a lock, which is up to a second more than lockSeconds on MySQL.
	statementTimeout = 2200 * time.Millisecond
	// connectTimeout bounds everything up to a connection's first statement.
	connectTimeout = 1300 * time.Millisecond
	// lockSeconds is how long a statement waits for a lock, of a row or of a table. It is the shortest time that MySQL takes.
	lockSeconds = "1"
	// sqliteLockTimeout is the same for SQLite, which has one lock for everything, in milliseconds.
	sqliteLockTimeout = "1000"
	// attemptsWithin is the time within which another attempt may begin.
	attemptsWithin = 1800 * time.Millisecond
	// maxAttempts bounds how often one transaction is tried.
	maxAttempts = 6
)

// permanentError marks an error after which nothing is tried again.
type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// retry runs do until it succeeds. If do fails with an error that is not permanent, it had no effect. Then there is another attempt if:
//   - The database gave it up because of other transactions (isContention).
//   - Its connection broke, or leads to a server that cannot do it (isConnectionUnusable). The idle connections are dropped first, because
//     they most likely go the same way. There is always a second attempt, on a fresh connection, however late it is.
//
// The pauses are random, so that transactions that collided do not collide again.
func (s *Store) retry(ctx context.Context, within time.Duration, do func() error) error {
	begun := time.Now()
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil {
			return nil
		}
		unusable := isConnectionUnusable(err)
		if unusable {
			s.on.dropIdle()
		}
		late := time.Since(begun) > within && (!unusable || attempt > 1)
		if !unusable && !isContention(err) || errors.As(err, new(permanentError)) || late || attempt == maxAttempts {
			return err
		}
		if ended := pause(ctx, rand.N(5*time.Millisecond<<(attempt-1))); ended != nil {
			return errors.Join(err, ended) // the caller's time is over, which says nothing about the database
		}
	}
}

// retryBatch is retry for what is done for many callers at once, none of whom can cancel it. Its context never ends: with one that may,
// the driver switches goroutines twice at every statement. Deadlines of the connections bound the time.
func (s *Store) retryBatch(do func(context.Context) error) error {
	ctx := context.Background()
	return s.retry(ctx, attemptsWithin, func() error { return do(ctx) })
}

// retryOnContention runs do until it does not fail because of other transactions: at the start, when one process makes the tables.
func retryOnContention(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !isContention(err) || pause(ctx, rand.N(50*time.Millisecond)) != nil {
			return err
		}
	}
}

func pause(ctx context.Context, length time.Duration) error {
	select {
	case <-time.After(length):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dropIdle closes the connections that are not in use.
func (d *database) dropIdle() {
	for _, pool := range d.pools {
		pool.SetMaxIdleConns(-1)
		pool.SetMaxIdleConns(pool.Stats().MaxOpenConnections)
	}
}
