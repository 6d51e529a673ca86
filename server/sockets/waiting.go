package sockets

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
)

// An event waits when its socket is over the limit on events, when its user is not known yet, or when others wait before
// it. The socket is still read from, because the heartbeat comes between the events, so what waits has bounds. Beyond them
// an event is refused, with an answer.
const (
	maxWaiting      = 4096     // events of one socket
	maxWaitingBytes = 2 << 20  // of one socket
	maxBytesOfAll   = 64 << 20 // of all sockets, those included that have gone since
	waitingCost     = 256      // bytes that an event costs beside its arguments

	// maxRefused is how many events in a row are refused before the socket is closed.
	maxRefused = 4 * maxWaiting
	// tellEvery is the time between two events that tell a client that it sends too much.
	tellEvery = time.Second
	// answersPause is how long reading pauses before it looks again whether the client has taken its answers.
	answersPause = 10 * time.Millisecond
)

// task is an event and what is to be done with it.
type task struct {
	event engineio.Event
	*eventKind
}

// eventKind is what is done with all events of one name.
type eventKind struct {
	handle func(*Socket, engineio.Event)
	// identifies: it says who the user is. It counts against the limit of the socket: the next user's is a new one.
	identifies bool
}

// waiting is the events of one socket that wait, in order.
type waiting struct {
	// busy: some wait, or the first of them is being handled. Else events are handled as they are read.
	busy atomic.Bool

	mu    sync.Mutex
	held  bool        // nothing is handled before the user is known, or release is called
	timer *time.Timer // calls release
	tasks []task
	bytes int
}

// arrived handles an event of the client's, now or when it is its turn. It is called by the goroutine that reads.
func (s *Socket) arrived(t task) {
	limiter := s.limiterOf(t.eventKind)
	if !s.waiting.busy.Load() && (limiter == nil || limiter.Allow()) {
		s.refused = 0
		t.handle(s, t.event)
		return
	}
	if t.identifies && s.awaited() && (limiter == nil || limiter.Allow()) {
		t.handle(s, t.event)
		if s.User() != "" {
			s.release()
		}
		return
	}
	if !s.wait(t) {
		s.refuse(t.event)
	}
}

// limiterOf returns the limit that an event counts against.
func (s *Socket) limiterOf(kind *eventKind) *rate.Limiter {
	if kind.identifies {
		return s.own
	}
	return s.limiter.Load()
}

// awaited tells whether the events wait until the user is known.
func (s *Socket) awaited() bool {
	s.waiting.mu.Lock()
	defer s.waiting.mu.Unlock()
	return s.waiting.held
}

// wait puts an event behind those that wait. It returns false if too many do.
func (s *Socket) wait(t task) bool {
	w := &s.waiting
	size := t.size()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tasks) >= maxWaiting || w.bytes > 0 && w.bytes+size > maxWaitingBytes || !s.hub.keep(size) {
		return false
	}
	t.event = t.event.Clone()
	w.tasks = append(w.tasks, t)
	w.bytes += size
	switch {
	case w.held && w.timer == nil:
		w.timer = time.AfterFunc(s.hub.options.AwaitUser, s.release)
	case !w.held && !w.busy.Load():
		s.handleWaiting()
	}
	return true
}

func (t task) size() int {
	size := waitingCost + len(t.event.Name) + len(t.event.Arguments.JSON)
	for _, attachment := range t.event.Arguments.Attachments {
		size += len(attachment)
	}
	return size
}

// release lets events be handled that have waited for the user to be known.
func (s *Socket) release() {
	w := &s.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.held {
		return
	}
	w.held = false
	if w.timer != nil {
		w.timer.Stop()
	}
	if len(w.tasks) == 0 {
		w.busy.Store(false)
		return
	}
	s.handleWaiting()
}

// handleWaiting starts a goroutine that lives until nothing waits or the hub drains. The caller holds waiting.mu.
func (s *Socket) handleWaiting() {
	s.waiting.busy.Store(true)
	if !s.hub.beginWaiting() {
		return // as with an event that arrives while the hub drains: the client will send it again
	}
	go func() {
		defer s.hub.handling.Done()
		defer s.forgetWaiting()
		for t, ok := s.next(); ok && s.paced(t); t, ok = s.next() {
			t.handle(s, t.event)
		}
	}()
}

// next takes the first event that waits.
func (s *Socket) next() (t task, ok bool) {
	w := &s.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tasks) == 0 {
		w.tasks = nil
		w.busy.Store(false)
		return task{}, false
	}
	t, w.tasks[0] = w.tasks[0], task{}
	w.tasks = w.tasks[1:]
	w.bytes -= t.size()
	s.hub.keep(-t.size())
	return t, true
}

// forgetWaiting drops what the hub cannot handle any more.
func (s *Socket) forgetWaiting() {
	w := &s.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	s.hub.keep(-w.bytes)
	w.tasks, w.bytes = nil, 0
}

// paced waits until the limit lets an event be handled. It returns false if that is not to happen: the hub drains, or
// what let the client in has expired.
func (s *Socket) paced(t task) bool {
	s.mu.Lock() // the user may be becoming known
	limiter := s.limiterOf(t.eventKind)
	s.mu.Unlock()
	if limiter != nil {
		timer := time.NewTimer(limiter.Reserve().Delay())
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.hub.stopping:
			return false
		}
	}
	return s.expires.IsZero() || time.Now().Before(s.expires)
}

// refuse answers an event that may not wait any more. A client that goes on in spite of many such answers is closed. One
// that does not take its answers is not read from until it does.
func (s *Socket) refuse(e engineio.Event) {
	if !s.tolerated() {
		return
	}
	for s.member.session.Backlogged() {
		time.Sleep(answersPause)
	}
	now := time.Now()
	tell := now.Sub(s.warned) > tellEvery
	if tell {
		s.warned = now
	}
	s.hub.acknowledge(e, s.hub.onLimit(s, tell))
}

// tolerated counts what is over the limit. It closes the socket, and returns false, if that is too much.
func (s *Socket) tolerated() bool {
	if s.refused++; s.refused <= maxRefused {
		return true
	}
	s.hub.options.Refused("event flood", s.member.session.String(), "more events than may wait")
	s.member.session.Close("too many events")
	return false
}

// acknowledged takes an acknowledgement from a client. The hub asks for none, so it only counts.
func (s *Socket) acknowledged() {
	if s.own != nil && !s.own.Allow() {
		s.tolerated()
	}
}
