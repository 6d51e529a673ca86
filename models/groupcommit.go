package models

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// commitInterval is the time between two commits under contention (docs/performance.md, "Why the code is as it is").
const commitInterval = 20 * time.Millisecond

// lockedAfter is how long a batch is retried that finds a class locked. Other transactions of the servers hold such a lock for a few
// milliseconds. A lock that is held for longer is another program's.
const lockedAfter = 20 * time.Millisecond

// pendingMark is one mark on its way into the database.
type pendingMark struct {
	caller   context.Context // for the log
	actor    Actor
	request  MarkRequest
	answerBy time.Time // when its caller gives up; zero: nobody knows

	// claim changes once: either the group commit claims the mark, or its caller cancels it.
	claim atomic.Int32

	// The rest belongs to the goroutine that commits the mark until done is closed, then to the caller.
	result MarkResult
	err    error
	// outcomeUnknown says that an earlier attempt recorded this mark, with this result, and lost its connection during the COMMIT.
	outcomeUnknown bool
	done           chan struct{}

	codeCounted  bool // as a wrong one
	codeAccepted bool

	device string  // hash of the student's device (deviceHash); empty: none
	raised []*Flag // because of this mark
}

// The values of pendingMark.claim.
const (
	unclaimed int32 = iota
	claimed
	cancelled
)

// record has the mark committed: by its own goroutine when it is alone, otherwise together with those of other callers.
func (s *Store) record(ctx context.Context, actor Actor, req MarkRequest) (MarkResult, error) {
	if err := ctx.Err(); err != nil {
		return MarkResult{}, err
	}
	m := &pendingMark{caller: ctx, actor: actor, request: req, done: make(chan struct{}), device: deviceHash(actor, req)}
	m.answerBy, _ = ctx.Deadline()
	if !s.commits.Add(m) {
		return MarkResult{}, ErrClosed
	}
	select {
	case <-m.done:
	case <-ctx.Done():
		if m.claim.CompareAndSwap(unclaimed, cancelled) {
			return MarkResult{}, ctx.Err()
		}
		<-m.done // in bounded time: see commit
	}
	s.countCode(m.codeAccepted, m.err)
	return m.result, m.err
}

// commitBatch commits the marks of a batch that no caller has cancelled.
func (s *Store) commitBatch(batch []*pendingMark) {
	batch = s.locked.divert(claimAll(batch), s.commitClass)
	if len(batch) > 0 {
		s.commit(batch, true)
	}
}

// claimAll returns the marks that no caller has cancelled. From now on none can be.
func claimAll(batch []*pendingMark) []*pendingMark {
	return slices.DeleteFunc(batch, func(m *pendingMark) bool { return !m.claim.CompareAndSwap(unclaimed, claimed) })
}

// commit records a batch and releases its callers, each with an outcome of its own. If the database refuses the batch
// for what is in one of the rows, the batch is halved until that row is alone. If the batch waited in vain for a lock, the locked classes
// are committed in isolation from each other, and the others are tried again together once, if again is set and there is time. If the database is not
// available, the callers who wait for the next batch are told at once.
func (s *Store) commit(batch []*pendingMark, again bool) {
	begun := time.Now()
	err := s.retryBatch(func(ctx context.Context) error {
		err := s.recordTogether(ctx, batch)
		if isLockWait(err) && time.Since(begun) > lockedAfter {
			return permanentError{err}
		}
		return err
	})
	switch {
	case isBadData(err) && len(batch) > 1:
		s.commit(batch[:len(batch)/2], again)
		s.commit(batch[len(batch)/2:], again)
	case again && isLockWait(err) && errors.Is(err, errClassLocked) && timeLeft(batch, togetherAgain) >= togetherAgain:
		locked, others := s.splitLocked(batch)
		s.locked.addAll(locked, s.commitClass)
		if len(others) > 0 {
			s.commit(others, false)
		}
	case isLockWait(err):
		s.locked.addAll(batch, s.commitClass)
	case isUnavailable(err) || isTooSlow(err):
		s.releaseCallers(slices.Concat(batch, claimAll(s.commits.TakeAll())), err)
	default:
		s.releaseCallers(batch, err)
	}
}

// recordTogether records a batch on a connection that is kept for batches. On SQLite, that is the only connection that writes.
func (s *Store) recordTogether(ctx context.Context, batch []*pendingMark) error {
	waiting := ctx
	if !s.on.pipelined {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, attemptsWithin)
		defer cancel()
	}
	conn, err := s.batchPool.Conn(waiting)
	if err != nil {
		return err
	}
	return s.recordBatch(ctx, conn, batch, false)
}

// releaseCallers releases the callers of a batch. If the batch failed, err says why.
func (s *Store) releaseCallers(batch []*pendingMark, err error) {
	if len(batch) == 0 {
		return
	}
	failed := s.failure(batch[0].caller, "record marks", err)
	for _, m := range batch {
		var refused *Refusal
		switch {
		case failed == nil || errors.As(m.err, &refused):
		case m.outcomeUnknown:
			m.result, m.err = MarkResult{}, fmt.Errorf("record marks: %w: %w", ErrUnknownOutcome, err)
		default:
			m.result, m.err = MarkResult{}, failed
		}
		close(m.done)
	}
}
