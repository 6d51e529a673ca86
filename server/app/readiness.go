package app

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// pingTimeout is how long a check waits for the database.
	pingTimeout = 2 * time.Second
	// pingEvery is how long requests share one result. A check writes to the database, and anyone may request one.
	pingEvery = time.Second
)

// readiness checks the database at most once a second, however many requests ask.
type readiness struct {
	ping   func(context.Context) error
	logger *slog.Logger

	mu     sync.Mutex
	latest *pingResult // nil before the first
}

// pingResult is one check. Its err may be read once done is closed.
type pingResult struct {
	began time.Time
	done  chan struct{}
	err   error
}

// check returns the result of a check that began within the last second. The first caller runs it. The end of ctx does not cancel
// it, because other callers wait for the same result.
func (r *readiness) check(ctx context.Context) error {
	r.mu.Lock()
	before := r.latest
	if before != nil && time.Since(before.began) < pingEvery {
		r.mu.Unlock()
		<-before.done // closed within pingTimeout
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

// logChange logs when the database becomes unavailable and when it is available again.
func (r *readiness) logChange(before, now *pingResult) {
	wasReady := before == nil || before.err == nil
	switch {
	case wasReady && now.err != nil:
		r.logger.Warn("not ready", "err", now.err)
	case !wasReady && now.err == nil:
		r.logger.Info("ready again")
	}
}
