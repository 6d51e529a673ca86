package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// busyInterval is how often the log is polled for busyFor after an event of an open stream, idleInterval otherwise.
	busyInterval = 20 * time.Millisecond
	busyFor      = 5 * time.Minute
	idleInterval = 250 * time.Millisecond

	// A transaction takes its id some time before it commits, and others with higher ids may commit first. So ids that were skipped
	// are asked for during lateCommit, and at most maxMissing of them. Reconciliation finds what comes later.
	lateCommit = 5 * time.Second
	maxMissing = 1000
)

// poller reads the log by id, across all streams. Only Run uses it, but for noteActivity.
type poller struct {
	log     Log
	started bool
	high    int64               // the highest id that was seen
	missing map[int64]time.Time // ids below it that were not seen, and when they were skipped

	active atomic.Int64 // when an event was last delivered, in Unix nanoseconds
}

func newPoller(log Log) poller { return poller{log: log, missing: make(map[int64]time.Time)} }

func (p *poller) noteActivity() { p.active.Store(time.Now().UnixNano()) }

// interval returns the time until the next poll. Relaxed: the events come in another way, or cannot be read.
func (p *poller) interval(relaxed bool) time.Duration {
	if !relaxed && time.Since(time.Unix(0, p.active.Load())) < busyFor {
		return busyInterval
	}
	return idleInterval
}

// poll reads what is new. The first call begins at the end of the log.
func (p *poller) poll(ctx context.Context, receive func([]Event)) error {
	if !p.started {
		return p.restart(ctx)
	}
	for {
		p.expire()
		events, err := p.page(ctx)
		if err != nil {
			return fmt.Errorf("read the events after id %d: %w", p.high, err)
		}
		for _, event := range events {
			p.noteID(event.ID)
		}
		receive(events)
		if len(events) < pageSize {
			return nil
		}
	}
}

func (p *poller) page(ctx context.Context) ([]Event, error) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	return p.log.After(ctx, p.high, slices.Collect(maps.Keys(p.missing)), pageSize)
}

// restart continues at the end of the log. What is before it, reconciliation finds.
func (p *poller) restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	last, err := p.log.Last(ctx)
	if err != nil {
		return fmt.Errorf("read the last id: %w", err)
	}
	p.high, p.started = last, true
	clear(p.missing)
	return nil
}

// noteID notes that an id was seen, and which ones it skipped.
func (p *poller) noteID(id int64) {
	delete(p.missing, id)
	for skipped := max(p.high+1, id-maxMissing); skipped < id && len(p.missing) < maxMissing; skipped++ {
		p.missing[skipped] = time.Now()
	}
	p.high = max(p.high, id)
}

func (p *poller) expire() {
	maps.DeleteFunc(p.missing, func(_ int64, skipped time.Time) bool { return time.Since(skipped) >= lateCommit })
}
