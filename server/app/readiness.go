package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// pingTimeout bounds how long a check waits for the database.
	pingTimeout = 2 * time.Second
	// pingEvery is how long a result is shared: a check writes to the database, and anybody may ask for one.
	pingEvery = time.Second
)

// readiness checks the database for everybody who asks within a second.
type readiness struct {
	ping   func(context.Context) error
	logger *slog.Logger

	mu     sync.Mutex
	latest *pingResult // nil before the first
}

// pingResult is a check. Its result may be read when done is closed.
type pingResult struct {
	began time.Time
	done  chan struct{}
	err   error
}

// check returns the result of a check that began within the last second; the first who asks makes it. Its end is not the
// caller's, because others wait for it as well.
func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	before := r.latest
	if before != nil && time.Since(before.began) < pingEvery {
		r.mu.Unlock()
		<-before.done // in bounded time
		return before.err
	}
	now := &pingResult{began: time.Now(), done: make(chan struct{})}
	r.latest = now
	r.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	now.err = r.ping(ctx)
	close(now.done)
	if before != nil {
		<-before.done
	}
	r.logChange(before, now)
	return now.err
}

// logChange writes a line when the database has become unavailable, and one when it is back.
func (r *readiness) logChange(before, now *pingResult) {
	wasReady := before == nil || before.err == nil
	switch {
	case wasReady && now.err != nil:
		r.logger.Warn("not ready", "err", now.err)
	case !wasReady && now.err == nil:
		r.logger.Info("ready again")
	}
}
