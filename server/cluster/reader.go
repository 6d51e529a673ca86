package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// gapDelay is how long an event may be missing before it is read from the log. Its own notification is likely on its way.
	gapDelay = time.Millisecond
	// reconcileInterval bounds how long an event stays unknown, whatever is lost.
	reconcileInterval = 2 * time.Second
	// logTimeout bounds one statement.
	logTimeout = 5 * time.Second
	// pageSize is how many events one statement reads, streamsAtOnce of how many streams one statement reads the newest number.
	pageSize      = 1000
	streamsAtOnce = 500
)

// Reason says why a stream could not be continued.
type Reason string

// The reasons.
const (
	Pruned   Reason = "events that were not read yet are no longer in the log"
	WentBack Reason = "the database holds less than it held before"
)

// Options says what a Reader does with the events. All but Logger are required.
type Options struct {
	// Deliver is given the next events of a stream, in order. It is called for one run of a stream at a time, must not block, and must
	// not call the Reader. Barrier: what it delivered changes what is read by who joins, so those that have read before read again.
	Deliver func(stream string, events []Event) (barrier bool)

	// Lost says that the members of a stream must read its state again, because events are missing. Nothing is delivered before it
	// returns. It must not block, and must not call the Reader.
	Lost func(stream string, reason Reason)

	// Redis notifies the other processes of commits, and this one of theirs. Nil: polling alone finds them.
	Redis *Redis

	Logger *slog.Logger // nil: slog.Default()
}

// Reader delivers the events of the streams that are open. Its methods are safe for concurrent use.
type Reader struct {
	log     Log
	options Options
	poller  poller
	gap     chan struct{} // holds a value when a stream is incomplete

	counters counters

	mu      sync.Mutex // taken before a stream's
	streams map[string]*stream
}

// NewReader returns a Reader without open streams. Events that are missing are read only while Run runs.
func NewReader(log Log, options Options) *Reader {
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	r := &Reader{log: log, options: options, poller: newPoller(log), gap: make(chan struct{}, 1), streams: make(map[string]*stream)}
	r.counters.read.Store(time.Now().UnixNano())
	return r
}

// ErrStale says that the state which a caller of Join read is too old: it must be read again.
var ErrStale = errors.New("the state is older than what was delivered")

// Join opens a stream and runs join, whose caller has read the stream's state at seq. It delivers what the state holds first, so that
// join's caller is delivered what is newer, and nothing else. Every Join that returned nil needs one Leave.
//
// Nothing of the stream is delivered while join runs. It must not block, and must not call the Reader. Join may wait for the log.
func (r *Reader) Join(ctx context.Context, name string, seq int64, join func()) error {
	s := r.open(name, seq)
	err := r.fill(ctx, s, seq)
	if err == nil && !s.join(seq, join) {
		err = ErrStale
	}
	if err != nil {
		r.Leave(name)
	}
	return err
}

// open adds a reference to a stream.
func (r *Reader) open(name string, seq int64) *stream {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.streams[name]
	if s == nil {
		s = newStream(name, seq)
		r.streams[name] = s
		if r.options.Redis != nil {
			r.options.Redis.subscribe(name)
		}
		r.wake()
	}
	s.references++
	return s
}

// Leave takes back one Join. The last closes the stream.
func (r *Reader) Leave(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.streams[name]
	if s == nil {
		return
	}
	if s.references--; s.references == 0 {
		delete(r.streams, name)
		if r.options.Redis != nil {
			r.options.Redis.unsubscribe(name)
		}
		s.close() // before it can be opened again: the room is the same
	}
}

// Commit takes what this process has committed. It waits for nothing but the delivery.
func (r *Reader) Commit(events []Event) {
	if r.options.Redis != nil {
		r.options.Redis.publish(events)
	}
	r.Receive(events)
}

// Receive takes events from anywhere: commits, notifications, the log.
func (r *Reader) Receive(events []Event) {
	for len(events) > 0 {
		name := events[0].Stream
		count := slices.IndexFunc(events, func(e Event) bool { return e.Stream != name })
		if count < 0 {
			count = len(events)
		}
		r.receive(name, events[:count])
		events = events[count:]
	}
}

func (r *Reader) receive(name string, events []Event) {
	r.mu.Lock()
	s := r.streams[name]
	r.mu.Unlock()
	if s != nil {
		r.receiveInto(s, events)
	}
}

func (r *Reader) receiveInto(s *stream, events []Event) {
	delivered, gap, begins := s.receive(events, r.options.Deliver)
	if delivered {
		r.poller.noteActivity()
	}
	if gap {
		r.wake()
	}
	if begins {
		r.counters.gaps.Add(1)
	}
}

// wake makes Run read what is missing.
func (r *Reader) wake() {
	select {
	case r.gap <- struct{}{}:
	default:
	}
}

// recheck compares all streams with the log soon: notifications were lost, or will no longer come.
func (r *Reader) recheck() {
	for _, s := range r.openStreams(func(*stream) bool { return true }) {
		s.markIncomplete()
	}
	r.wake()
}

// Run reads the log until ctx ends.
func (r *Reader) Run(ctx context.Context) {
	var notifying sync.WaitGroup
	defer notifying.Wait()
	if r.options.Redis != nil {
		notifying.Go(func() { r.options.Redis.run(ctx, r.Receive, r.recheck) })
	}
	reconcile := time.NewTicker(reconcileInterval)
	defer reconcile.Stop()
	poll := time.NewTimer(0)
	defer poll.Stop()
	trouble := false
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			err = r.poll(ctx)
			notified := r.options.Redis != nil && r.options.Redis.Working()
			poll.Reset(r.poller.interval(notified || err != nil))
		case <-r.gap:
			err = r.readGaps(ctx)
		case <-reconcile.C:
			err = r.reconcile(ctx, r.openStreams(func(*stream) bool { return true }))
		}
		trouble = r.report(ctx, err, trouble)
	}
}

// report logs the first of several errors, and that they are over.
func (r *Reader) report(ctx context.Context, err error, before bool) (trouble bool) {
	if err == nil {
		r.counters.read.Store(time.Now().UnixNano())
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !before:
		r.options.Logger.Warn("the log of the other nodes cannot be read; what they commit is delivered later", "err", err)
	case err == nil && before:
		r.options.Logger.Info("the log of the other nodes can be read again")
	}
	return err != nil
}

func (r *Reader) poll(ctx context.Context) error {
	return r.poller.poll(ctx, r.Receive)
}

// readGaps polls, which finds the missing events of all streams at once, and asks the log about the streams that still miss some.
func (r *Reader) readGaps(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(gapDelay):
	}
	if len(r.openStreams((*stream).incomplete)) == 0 {
		return nil
	}
	if err := r.poll(ctx); err != nil {
		return err
	}
	return r.reconcile(ctx, r.openStreams((*stream).incomplete))
}

func (r *Reader) openStreams(wanted func(*stream) bool) []*stream {
	r.mu.Lock()
	all := slices.Collect(maps.Values(r.streams))
	r.mu.Unlock()
	return slices.DeleteFunc(all, func(s *stream) bool { return !wanted(s) })
}

// reconcile compares the cursors with the log, and reads what is missing.
func (r *Reader) reconcile(ctx context.Context, streams []*stream) error {
	for some := range slices.Chunk(streams, streamsAtOnce) {
		if err := r.compare(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) compare(ctx context.Context, streams []*stream) error {
	before := make([]position, len(streams))
	names := make([]string, len(streams))
	for i, s := range streams { // before the log is asked: afterwards they may rightly be above its answer
		names[i] = s.name
		before[i] = s.position()
	}
	bounded, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	newest, err := r.log.Newest(bounded, names)
	if err != nil {
		return fmt.Errorf("read the newest numbers of %d streams: %w", len(names), err)
	}
	wentBack := false
	for i, s := range streams {
		last := newest[s.name]
		if last < before[i].seq {
			wentBack = true
			r.skipLost(s, before[i].seq, last, WentBack)
			continue
		}
		s.verify(last, before[i].newest)
		if err := r.fill(ctx, s, last); err != nil {
			return err
		}
	}
	if wentBack {
		return r.poller.restart(ctx)
	}
	return nil
}

// fill reads the events of a stream until its cursor is at least at seq.
func (r *Reader) fill(ctx context.Context, s *stream, seq int64) error {
	if s.reached(seq) {
		return nil
	}
	select {
	case s.filling <- struct{}{}:
		defer func() { <-s.filling }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for !s.reached(seq) {
		at := s.position().seq
		events, err := r.page(ctx, s, at)
		switch {
		case err != nil:
			return err
		case len(events) == 0:
			r.skipLost(s, at, seq, Pruned)
		case events[0].Seq > at+1:
			r.skipLost(s, at, events[0].Seq-1, Pruned)
		}
		r.receiveInto(s, events)
	}
	return nil
}

func (r *Reader) page(ctx context.Context, s *stream, after int64) ([]Event, error) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	events, err := r.log.Of(ctx, s.name, after, pageSize)
	if err != nil {
		return nil, fmt.Errorf("read the events of stream %s after %d: %w", s.name, after, err)
	}
	return events, nil
}

// skipLost continues a stream without the events between two numbers.
func (r *Reader) skipLost(s *stream, from, to int64, reason Reason) {
	s.skip(from, to, func() {
		r.counters.countResync(reason)
		r.options.Lost(s.name, reason)
		r.options.Logger.Error("a stream cannot be continued; its members read its state again", "stream", s.name, "from", from, "to", to, "reason", reason)
	})
}
