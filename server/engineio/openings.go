package engineio

import (
	"slices"
	"sync"
	"time"
)

// openDelay is how long after a WebSocket's opening handshake the first packet is sent. A client that adds its listeners when it knows
// that the WebSocket is open, such as one that awaits the event "open" of npm's ws, loses what its first read brings beside the
// handshake. The server does not see when the client reads, so it waits for longer than a client that runs needs.
const openDelay = 10 * time.Millisecond

// openInterval is the least time between two rounds in which delayed queues are written. Sessions that open at about the same time
// share a timer and its goroutine.
const openInterval = 2 * time.Millisecond

// openings delays the first write to each session that opens over WebSocket.
type openings struct {
	mu      sync.Mutex
	delayed []opening // the longest first
	timer   *time.Timer
}

type opening struct {
	session *Session
	due     time.Time
}

// delay keeps a session's send queue from being written for openDelay, or until it is full. Nothing else may be writing it.
func (o *openings) delay(s *Session) {
	if !s.beginDelay() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.delayed = append(o.delayed, opening{s, time.Now().Add(openDelay)})
	switch {
	case o.timer == nil:
		o.timer = time.AfterFunc(openDelay, o.flush)
	case len(o.delayed) == 1:
		o.timer.Reset(openDelay)
	}
}

// flush writes the send queues whose delay is over.
func (o *openings) flush() {
	for _, due := range o.due() {
		due.session.endDelay()
		due.session.Flush()
	}
}

// due takes out the sessions whose delay is over, and sets the timer for the others.
func (o *openings) due() []opening {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	count := 0
	for count < len(o.delayed) && !now.Before(o.delayed[count].due) {
		count++
	}
	due := slices.Clone(o.delayed[:count])
	if o.delayed = slices.Delete(o.delayed, 0, count); len(o.delayed) > 0 {
		o.timer.Reset(max(o.delayed[0].due.Sub(now), openInterval))
	}
	return due
}

// beginDelay keeps Flush from writing until endDelay. It returns false if the session has ended.
func (s *Session) beginDelay() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.flushing, s.delayed, s.flushExpected = true, true, false
	return true
}

// endDelay lets the next Flush write again.
func (s *Session) endDelay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.delayed {
		s.flushing, s.delayed = false, false
	}
}
