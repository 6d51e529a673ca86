package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// commitInterval is the time between two commits in a rush. Nobody sees a wall of names change more often, and each class then
// hears of several marks in one write: marks that arrive 0.5 ms apart cost the server a third less with it, and the database
// two thirds (docs/performance.md).
const commitInterval = 20 * time.Millisecond

// entry is one mark on its way.
type entry struct {
	actor   Actor
	request MarkRequest

	// fate is settled once: either the committer takes the entry, or its caller withdraws it.
	fate atomic.Int32

	// The rest belongs to whoever commits it until done is closed, then to the caller.
	result MarkResult
	err    error
	// suspected says that an earlier try changed this mark and then lost its connection in the middle of the commit. If
	// the next try finds the mark made, that was this entry's doing, and it is published.
	suspected bool
	done      chan struct{}
}

const (
	undecided int32 = iota
	taken
	withdrawn
)

// record has the mark committed: by its own goroutine when it is alone, otherwise together with those of other callers.
func (s *Store) record(ctx context.Context, actor Actor, req MarkRequest) (MarkResult, error) {
	if err := ctx.Err(); err != nil {
		return MarkResult{}, err
	}
	e := &entry{actor: actor, request: req, done: make(chan struct{})}
	if err := s.committer.add(e); err != nil {
		return MarkResult{}, err
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		if e.fate.CompareAndSwap(undecided, withdrawn) {
			return MarkResult{}, ctx.Err()
		}
		<-e.done // in bounded time: see commit
	}
	return e.result, e.err
}

// commitTaken commits what nobody has withdrawn.
func (s *Store) commitTaken(batch []*entry) {
	batch = s.locked.without(take(batch), s.commitClass)
	if len(batch) > 0 {
		s.commit(batch)
	}
}

// take returns what nobody has withdrawn. From now on nobody can.
func take(batch []*entry) []*entry {
	return slices.DeleteFunc(batch, func(e *entry) bool { return !e.fate.CompareAndSwap(undecided, taken) })
}

// commit records a batch and releases its callers, each with an outcome of their own. If the database refuses the batch
// for what is in one of the rows, it is halved until that row is alone. If it waited in vain for a lock, its classes go separate
// ways. If the database is not available, those who have waited for this batch hear of that at once instead of waiting for another.
func (s *Store) commit(batch []*entry) {
	err := s.retryBatch(func(ctx context.Context) error { return s.recordHot(ctx, batch) })
	switch {
	case isBadData(err) && len(batch) > 1:
		s.commit(batch[:len(batch)/2])
		s.commit(batch[len(batch)/2:])
	case isLockWait(err):
		s.locked.addAll(batch, s.commitClass)
	case isUnavailable(err) || isTooSlow(err):
		s.settle(slices.Concat(batch, take(s.committer.takeAll())), err)
	default:
		s.settle(batch, err)
	}
}

// recordHot records a batch on a connection that is kept for batches. On SQLite, that is the one of all who write.
func (s *Store) recordHot(ctx context.Context, batch []*entry) error {
	waiting := ctx
	if !s.on.pipelined {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, attemptsWithin)
		defer cancel()
	}
	conn, err := s.hot.Conn(waiting)
	if err != nil {
		return err
	}
	if err = s.recordBatch(ctx, conn, batch, false); isLockWait(err) {
		return final{err}
	}
	return err
}

// settle releases the callers of a batch, with the error that it failed with, if it did.
func (s *Store) settle(batch []*entry, err error) {
	failed := s.failure("record marks", err)
	for _, e := range batch {
		var refused *Refusal
		switch {
		case failed == nil || errors.As(e.err, &refused):
		case e.suspected:
			e.result, e.err = MarkResult{}, fmt.Errorf("record marks: %w: %w", ErrUnknownOutcome, err)
		default:
			e.result, e.err = MarkResult{}, failed
		}
		close(e.done)
	}
}
