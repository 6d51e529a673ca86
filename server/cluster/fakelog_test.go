package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// fakeLog is a log in memory. Events take their number and id when they begin, and can be read when they are committed.
type fakeLog struct {
	mu     sync.Mutex
	lastID int64
	seqs   map[string]int64   // the last committed number of each stream
	writer map[string]bool    // a transaction holds the stream
	events map[string][]Event // committed, by number
	broken bool               // every statement fails
	delay  time.Duration      // of each statement, before it reads and after
	reads  int
}

func newFakeLog() *fakeLog {
	return &fakeLog{seqs: make(map[string]int64), writer: make(map[string]bool), events: make(map[string][]Event)}
}

// begin takes the next number of a stream, and ids. It returns false while another transaction holds the stream.
func (l *fakeLog) begin(stream string, count int) (events []Event, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.writer[stream] {
		return nil, false
	}
	l.writer[stream] = true
	for i := range count {
		l.lastID++
		seq := l.seqs[stream] + int64(i) + 1
		events = append(events, Event{stream, seq, l.lastID, fmt.Append(nil, stream, seq)})
	}
	return events, true
}

func (l *fakeLog) commit(events []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	stream := events[0].Stream
	l.writer[stream] = false
	l.events[stream] = append(l.events[stream], events...)
	l.seqs[stream] = events[len(events)-1].Seq
}

func (l *fakeLog) rollBack(stream string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writer[stream] = false
}

// write commits events at once.
func (l *fakeLog) write(stream string, count int) []Event {
	events, _ := l.begin(stream, count)
	l.commit(events)
	return events
}

// prune removes the events of a stream up to a number.
func (l *fakeLog) prune(stream string, seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[stream] = slices.DeleteFunc(slices.Clone(l.events[stream]), func(e Event) bool { return e.Seq <= seq })
}

// goBack makes the database what it was when a stream's last event had a number.
func (l *fakeLog) goBack(stream string, seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[stream] = slices.DeleteFunc(slices.Clone(l.events[stream]), func(e Event) bool { return e.Seq > seq })
	l.seqs[stream] = seq
	l.lastID = 0
	for _, events := range l.events {
		for _, event := range events {
			l.lastID = max(l.lastID, event.ID)
		}
	}
}

func (l *fakeLog) newest(stream string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seqs[stream]
}

func (l *fakeLog) setBroken(broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
}

func (l *fakeLog) statements() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

var errBroken = errors.New("the database cannot be reached")

// statement runs read at one moment, with a delay before and after.
func (l *fakeLog) statement(ctx context.Context, read func()) error {
	l.mu.Lock()
	delay, broken := l.delay, l.broken
	l.reads++
	l.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if broken {
		return errBroken
	}
	l.mu.Lock()
	read()
	l.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	return nil
}

func (l *fakeLog) Last(ctx context.Context) (id int64, err error) {
	err = l.statement(ctx, func() { id = l.lastID })
	return id, err
}

func (l *fakeLog) After(ctx context.Context, id int64, missing []int64, limit int) (found []Event, err error) {
	err = l.statement(ctx, func() {
		for _, events := range l.events {
			for _, event := range events {
				if event.ID > id || slices.Contains(missing, event.ID) {
					found = append(found, event)
				}
			}
		}
		slices.SortFunc(found, func(a, b Event) int { return int(a.ID - b.ID) })
		found = found[:min(len(found), limit)]
	})
	return found, err
}

func (l *fakeLog) Of(ctx context.Context, stream string, seq int64, limit int) (found []Event, err error) {
	err = l.statement(ctx, func() {
		for _, event := range l.events[stream] {
			if event.Seq > seq && len(found) < limit {
				found = append(found, event)
			}
		}
	})
	return found, err
}

func (l *fakeLog) Newest(ctx context.Context, streams []string) (newest map[string]int64, err error) {
	err = l.statement(ctx, func() {
		newest = make(map[string]int64, len(streams))
		for _, stream := range streams {
			newest[stream] = l.seqs[stream]
		}
	})
	return newest, err
}
