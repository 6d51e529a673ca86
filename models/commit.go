package models

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

const (
	// maxBatch bounds the marks of one transaction, and with them the time for which it holds its locks.
	maxBatch = 512

	// batchTimeout bounds one try of one transaction.
	batchTimeout = 10 * time.Second
)

// entry is one mark on its way.
type entry struct {
	actor   Actor
	request MarkRequest

	// taken and withdrawn are guarded by committer.mu. Once taken, an entry can no longer be withdrawn.
	taken, withdrawn bool

	// The rest belongs to the committer's goroutine until done is closed, then to the caller.
	result MarkResult
	err    error
	// suspected says that an earlier try changed this mark and then lost its connection in the middle of the commit. If
	// the next try finds the mark made, that was this entry's doing, and it is published.
	suspected bool
	done      chan struct{}
}

// committer writes the marks of all callers. It takes what has piled up while the last transaction ran; there is no
// timer, so on an idle server a mark starts at once. Who waits is a caller's goroutine, so the callers bound the queue.
type committer struct {
	store *Store

	mu      sync.Mutex
	pending []*entry
	closed  bool

	wake    chan struct{} // holds one token when there is something to do
	stopped chan struct{}
}

// newCommitter starts the goroutine that close ends.
func newCommitter(store *Store) *committer {
	c := &committer{store: store, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	go c.run()
	return c
}

func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.nudge()
	<-c.stopped
}

func (c *committer) nudge() {
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (c *committer) record(ctx context.Context, actor Actor, req MarkRequest) (MarkResult, error) {
	if err := ctx.Err(); err != nil {
		return MarkResult{}, err
	}
	e := &entry{actor: actor, request: req, done: make(chan struct{})}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return MarkResult{}, ErrClosed
	}
	c.pending = append(c.pending, e)
	c.mu.Unlock()
	c.nudge()
	select {
	case <-e.done:
	case <-ctx.Done():
		c.mu.Lock()
		e.withdrawn = !e.taken
		c.mu.Unlock()
		if e.withdrawn {
			return MarkResult{}, ctx.Err()
		}
		<-e.done // in bounded time: see commit
	}
	return e.result, e.err
}

func (c *committer) run() {
	defer close(c.stopped)
	for {
		<-c.wake
		// Let those run first who have their mark ready. When the processor is busy that gathers a burst for nothing;
		// when it is idle, it takes no time.
		runtime.Gosched()
		for {
			batch, closed := c.take()
			if len(batch) > 0 {
				c.commit(batch)
				continue
			}
			if closed {
				return
			}
			break
		}
	}
}

// take returns the oldest entries that nobody has withdrawn.
func (c *committer) take() (batch []*entry, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := 0
	for _, e := range c.pending {
		if len(batch) == maxBatch {
			break
		}
		seen++
		if !e.withdrawn {
			e.taken = true
			batch = append(batch, e)
		}
	}
	if c.pending = c.pending[seen:]; len(c.pending) == 0 {
		c.pending = nil
	}
	return batch, c.closed
}

// commit records a batch and releases its callers, each with an outcome of their own. If the database refuses the batch
// for what is in one of the rows, it is halved until that row is alone.
func (c *committer) commit(batch []*entry) {
	err := retry(context.Background(), func(err error) bool { return isContention(err) || isConnectionLost(err) }, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), batchTimeout)
		defer cancel()
		return c.store.recordBatch(ctx, batch)
	})
	if isBadData(err) && len(batch) > 1 {
		c.commit(batch[:len(batch)/2])
		c.commit(batch[len(batch)/2:])
		return
	}
	failed := c.store.failure("record marks", err)
	for _, e := range batch {
		var refused *Refusal
		if failed != nil && !errors.As(e.err, &refused) {
			e.result, e.err = MarkResult{}, failed
		}
		close(e.done)
	}
}
