package sockets

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
)

// An event waits when its user or its connection is over the limit on events, when its user has not identified yet, or when other
// events wait before it. The server goes on reading from the socket, because the heartbeat comes between the events. So the waiting
// events have bounds. Beyond them an event is refused, with an answer.
const (
	maxWaiting      = 4096     // events of one socket
	maxWaitingBytes = 2 << 20  // of one socket
	maxBytesOfAll   = 64 << 20 // of all sockets, closed ones included
	waitingCost     = 256      // bytes that an event costs beside its arguments

	// maxRefused is how many events in a row are refused before the socket is closed.
	maxRefused = 4 * maxWaiting
	// warnInterval is the least time between two events that warn a client that it sends too much.
	warnInterval = time.Second
	// backlogPause is how long reading pauses before it checks again whether the client has read its answers.
	backlogPause = 10 * time.Millisecond
)

// task is an event and how it is handled.
type task struct {
	event   engineio.Event
	arrived time.Time
	*eventKind
	due time.Time // when the connection's limit allows it; zero: it did when the event came
}

// eventKind is how all events of one name are handled.
type eventKind struct {
	handle   func(*Socket, task)
	received atomic.Int64
	// identifies: it says who the user is, so the user whose limit it would count against is not known before it.
	identifies bool
}

// waiting is the events of one socket that wait, in order.
type waiting struct {
	// busy: some wait, or one that has waited is being handled. Otherwise events are handled as they are read.
	busy atomic.Bool

	mu           sync.Mutex
	awaitingUser bool // no event is handled before the user has identified or the timer has called release
	timer        *time.Timer
	tasks        []task
	bytes        int
}

// receive handles an event of the client now, or puts it behind those that wait. It is called by the goroutine that reads.
func (s *Socket) receive(t task) {
	cost := t.cost()
	counted := allows(s.member.session.Limiter(), t.arrived, cost)
	limiter := s.limiterOf(t.eventKind)
	if counted && !s.waiting.busy.Load() && allows(limiter, t.arrived, cost) {
		s.refused = 0
		t.handle(s, t)
		return
	}
	if counted && t.identifies && s.awaitsUser() && allows(limiter, t.arrived, cost) {
		t.handle(s, t)
		if s.User() != "" {
			s.release()
		}
		return
	}
	if !s.wait(t, counted) {
		s.refuse(t.event)
	}
}

// allows counts what arrived at a moment and costs as much as several events against a limit, nil: none. It returns whether the limit
// allows it then.
func allows(limiter *rate.Limiter, arrived time.Time, events int) bool {
	return limiter == nil || limiter.AllowN(arrived, min(events, limiter.Burst()))
}

// reserve counts what costs as much as several events against a limit, nil: none. It returns how long to wait for it.
func reserve(limiter *rate.Limiter, events int) time.Duration {
	if limiter == nil {
		return 0
	}
	now := time.Now()
	return limiter.ReserveN(now, min(events, limiter.Burst())).DelayFrom(now)
}

// limiterOf returns the limit that an event counts against beside the connection's.
func (s *Socket) limiterOf(kind *eventKind) *rate.Limiter {
	if kind.identifies {
		return s.identifyLimiter
	}
	return s.limiter.Load()
}

// awaitsUser reports whether events wait until the user has identified.
func (s *Socket) awaitsUser() bool {
	s.waiting.mu.Lock()
	defer s.waiting.mu.Unlock()
	return s.waiting.awaitingUser
}

// wait puts an event behind those that wait. It returns false if too many do. Counted: the connection's limit has counted it. The
// limit counts the others now and not when they are handled, so that after many of them a CONNECT waits, too: a connection
// has no more events that wait for connecting again.
func (s *Socket) wait(t task, counted bool) bool {
	w := &s.waiting
	size := t.size()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tasks) >= maxWaiting || w.bytes > 0 && w.bytes+size > maxWaitingBytes || !s.hub.reserveWaiting(size) {
		return false
	}
	if limiter := s.member.session.Limiter(); !counted {
		t.due = time.Now().Add(reserve(limiter, t.cost()))
	}
	t.event = t.event.Clone()
	w.tasks = append(w.tasks, t)
	w.bytes += size
	switch {
	case w.awaitingUser && w.timer == nil:
		w.timer = time.AfterFunc(s.hub.options.IdentifyTimeout, s.release)
	case !w.awaitingUser && !w.busy.Load():
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

// sizePerEvent is how many bytes of an event cost as much as an event.
const sizePerEvent = 64 << 10

// cost returns as how many events the event counts.
func (t task) cost() int { return 1 + t.size()/sizePerEvent }

// release lets the events be handled that have waited for the user to identify.
func (s *Socket) release() {
	w := &s.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.awaitingUser {
		return
	}
	w.awaitingUser = false
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
		return // the client sends them again when it is back, as it does with events that arrive while the hub drains
	}
	go func() {
		defer s.hub.handling.Done()
		defer s.dropWaiting()
		for t, ok := s.next(); ok && s.waitForLimit(t); t, ok = s.next() {
			t.handle(s, t)
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
	s.hub.reserveWaiting(-t.size())
	return t, true
}

// dropWaiting drops the events that will not be handled any more.
func (s *Socket) dropWaiting() {
	w := &s.waiting
	w.mu.Lock()
	defer w.mu.Unlock()
	s.hub.reserveWaiting(-w.bytes)
	w.tasks, w.bytes = nil, 0
}

// waitForLimit waits until the limits allow an event. It returns false if the event must not be handled: the hub drains, or
// the client's claims have expired.
func (s *Socket) waitForLimit(t task) bool {
	s.mu.Lock() // a handler may be identifying the user
	limiter := s.limiterOf(t.eventKind)
	s.mu.Unlock()
	if delay := max(time.Until(t.due), reserve(limiter, t.cost())); delay > 0 {
		s.hub.counters.delayed.Add(1)
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.hub.stopping:
			return false
		}
	}
	return s.expires.IsZero() || time.Now().Before(s.expires)
}

// refuse answers an event that may not wait. A client that goes on in spite of many such answers is closed. The server does
// not read from a client that does not read its answers.
func (s *Socket) refuse(e engineio.Event) {
	s.hub.counters.refused.Add(1)
	if !s.countOverLimit() {
		return
	}
	for s.member.session.Backlogged() {
		time.Sleep(backlogPause)
	}
	now := time.Now()
	warn := now.Sub(s.warned) > warnInterval
	if warn {
		s.warned = now
	}
	s.hub.acknowledge(e, s.hub.onRateLimited(s, warn))
}

// countOverLimit counts an event over the limit. If they are too many it closes the socket and returns false.
func (s *Socket) countOverLimit() bool {
	if s.refused++; s.refused <= maxRefused {
		return true
	}
	s.hub.options.Refused("event flood", s.member.session.String(), "more events than may wait")
	s.member.session.Close("too many events")
	return false
}

// acknowledged counts an acknowledgement from a client. The hub asks for none, so it does nothing else with it.
func (s *Socket) acknowledged() {
	now := time.Now()
	if !allows(s.member.session.Limiter(), now, 1) || !allows(s.limiter.Load(), now, 1) {
		s.countOverLimit()
	}
}
