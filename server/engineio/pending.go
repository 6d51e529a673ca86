package engineio

import (
	"container/list"
	"sync"
	"time"
)

// What a session may do, and for how long, depends on whether it is in a namespace: only then is it known who it is.

// limit returns the most bytes of a message or polling body that the client may send now. The caller holds mu.
func (s *Session) limit() int {
	limit := s.transports.options.MaxPayload
	if s.transports.socketIO != nil && !s.wasConnected {
		limit = min(limit, maxUnconnected)
	}
	return limit
}

// awaitNamespace starts the time in which a namespace must be connected, and counts the session as pending.
func (s *Session) awaitNamespace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.pending == nil {
		s.transports.pending.add(1)
		s.pending = s.transports.pending.begin(s)
	}
	s.connectTimer = time.AfterFunc(s.transports.options.ConnectTimeout, func() {
		s.close(endedUnjoined, closeMessage)
	})
}

// enteredNamespace notes that the client is in a namespace.
func (s *Session) enteredNamespace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wasConnected = true
	s.stopAwaitingNamespace()
}

// stopAwaitingNamespace ends what awaitNamespace has begun. The caller holds mu.
func (s *Session) stopAwaitingNamespace() {
	if s.connectTimer != nil {
		s.connectTimer.Stop()
		s.connectTimer = nil
	}
	if s.pending != nil {
		s.transports.pending.end(s.pending)
		s.pending = nil
	}
}

// countPacket counts a packet against the limit of the session. It returns how long the limit delays it.
func (s *Session) countPacket() (delay time.Duration) {
	if s.limiter == nil {
		return 0
	}
	return s.limiter.Reserve().Delay()
}

// awaitLimit counts a packet and waits until the limit allows it, or until the session ends.
func (s *Session) awaitLimit() {
	delay := s.countPacket()
	if delay == 0 {
		return
	}
	s.awaitChange(delay, func() bool { return s.closed })
}

// CloseAt closes the session at a moment, which replaces the one that was set before. The zero time means never. The moment belongs
// to the session: it comes whether the client is in a namespace by then or not.
func (s *Session) CloseAt(moment time.Time, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expiry != nil {
		s.expiry.Stop()
		s.expiry = nil
	}
	if !moment.IsZero() && !s.closed {
		s.expiry = time.AfterFunc(time.Until(moment), func() { s.Close(reason) })
	}
}

// reserve counts a session that is about to begin as pending. It returns false if too many are.
func (t *Transports) reserve() bool {
	if t.socketIO == nil { // at the Engine.IO level there are no namespaces
		return true
	}
	if t.pending.reserve(t.options.MaxPending) {
		return true
	}
	oldest := t.pending.oldest(t.options.MinPendingTime)
	if oldest == nil {
		return false
	}
	oldest.close(endedUnjoined+": another client needs the place", closeMessage)
	return t.pending.reserve(t.options.MaxPending)
}

// release takes back what reserve counted, if no session came of it.
func (t *Transports) release() {
	if t.socketIO != nil {
		t.pending.add(-1)
	}
}

// pendingSessions are the sessions without a namespace.
type pendingSessions struct {
	mu    sync.Mutex // taken after Session.mu
	count int        // those included that have been reserved and have not begun
	begun list.List  // of pendingSession, the oldest first
}

type pendingSession struct {
	session *Session
	since   time.Time
}

// reserve counts a session unless there are too many.
func (p *pendingSessions) reserve(most int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count >= most {
		return false
	}
	p.count++
	return true
}

func (p *pendingSessions) add(change int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count += change
}

func (p *pendingSessions) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// begin notes the session that was counted. What it returns is for end.
func (p *pendingSessions) begin(s *Session) *list.Element {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun.PushBack(pendingSession{s, time.Now()})
}

// end no longer counts a session.
func (p *pendingSessions) end(entry *list.Element) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun.Remove(entry)
	p.count--
}

// oldest returns the session that has been pending for the longest time, nil if that is less than least.
func (p *pendingSessions) oldest(least time.Duration) *Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	front := p.begun.Front()
	if front == nil {
		return nil
	}
	if entry := front.Value.(pendingSession); time.Since(entry.since) >= least {
		return entry.session
	}
	return nil
}
