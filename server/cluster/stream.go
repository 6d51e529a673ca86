package cluster

import (
	"sync"
	"time"
)

// maxHeld is how many events of a stream are held until those before them arrive. More are dropped, and read again.
const maxHeld = 1000

// stream is the cursor of an open stream.
type stream struct {
	name       string
	references int // guarded by Reader.mu

	// filling holds a value while a goroutine reads missing events, so that only one does.
	filling chan struct{}

	mu       sync.Mutex
	seq      int64           // of the last event that was delivered
	newest   int64           // the highest number that is known
	barrier  int64           // who read the state of the stream below this number must read it again
	held     map[int64]Event // above seq+1
	verified bool            // the log was asked whether there is more than is known
	closed   bool

	behindSince time.Time // when newest was last above seq, having been the same
}

func newStream(name string, seq int64) *stream {
	return &stream{name: name, filling: make(chan struct{}, 1), seq: seq, newest: seq, barrier: seq, held: make(map[int64]Event)}
}

// receive delivers the events that are next, holds those after a gap, and drops those that were delivered before. Begins: there was no gap
// before.
func (s *stream) receive(events []Event, deliver func(string, []Event) bool) (delivered, gap, begins bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, false, false
	}
	complete := s.newest == s.seq
	run := make([]Event, 0, len(events))
	for _, event := range events {
		s.newest = max(s.newest, event.Seq)
		if event.Seq != s.seq+1 {
			s.hold(event)
			continue
		}
		for next := true; next; event, next = s.held[s.seq+1] {
			run = append(run, event)
			s.seq++
			delete(s.held, s.seq)
		}
	}
	if len(run) > 0 && deliver(s.name, run) {
		s.barrier = s.seq
	}
	gap = s.newest > s.seq
	begins = gap && complete
	if begins {
		s.behindSince = time.Now()
	}
	return len(run) > 0, gap, begins
}

func (s *stream) hold(event Event) {
	if event.Seq > s.seq && len(s.held) < maxHeld {
		s.held[event.Seq] = event
	}
}

// join runs join while nothing is delivered, unless the caller's state, which it read at seq, is too old.
func (s *stream) join(seq int64, join func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || seq < s.barrier {
		return false
	}
	join()
	return true
}

// skip moves the cursor from one number to another, because the log does not hold the events between. It calls lost before anything
// else is delivered. It does nothing if the cursor has moved meanwhile.
func (s *stream) skip(from, to int64, lost func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.seq != from {
		return
	}
	s.seq, s.newest, s.barrier = to, to, to
	clear(s.held)
	lost()
}

// position is where a stream stands.
type position struct {
	seq, newest int64
	closed      bool
}

func (s *stream) position() position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return position{s.seq, s.newest, s.closed}
}

// reached tells whether everything up to seq was delivered, or nothing will be any more.
func (s *stream) reached(seq int64) bool {
	at := s.position()
	return at.closed || at.seq >= seq
}

// incomplete tells whether the log may hold events that were not delivered.
func (s *stream) incomplete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.verified || s.newest > s.seq
}

// verify notes that the log's last event has this number. What is held above it, and was held before the log was asked, is no
// event of the log.
func (s *stream) verify(newest, knownBefore int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified = true
	if newest < knownBefore {
		clear(s.held)
		s.newest = s.seq
	}
	if s.newest == s.seq && newest > s.seq {
		s.behindSince = time.Now()
	}
	s.newest = max(s.newest, newest)
}

// markIncomplete makes the stream incomplete until the log was asked.
func (s *stream) markIncomplete() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified = false
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
}
