package models

import (
	"context"
	"errors"
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
	batch = slices.DeleteFunc(batch, func(e *entry) bool { return !e.fate.CompareAndSwap(undecided, taken) })
	if len(batch) > 0 {
		s.commit(batch)
	}
}

// commit records a batch and releases its callers, each with an outcome of their own. If the database refuses the batch
// for what is in one of the rows, it is halved until that row is alone.
func (s *Store) commit(batch []*entry) {
	err := retryBatch(func(ctx context.Context) error { return s.recordBatch(ctx, batch) })
	if isBadData(err) && len(batch) > 1 {
		s.commit(batch[:len(batch)/2])
		s.commit(batch[len(batch)/2:])
		return
	}
	failed := s.failure("record marks", err)
	for _, e := range batch {
		var refused *Refusal
		if failed != nil && !errors.As(e.err, &refused) {
			e.result, e.err = MarkResult{}, failed
		}
		close(e.done)
	}
}
