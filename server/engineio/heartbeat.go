package engineio

import (
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Protocol v4, "Heartbeat": the server pings. In Engine.IO 3 the client does.

// pingTimeout is why a session is closed whose client has missed its heartbeat.
const pingTimeout = "ping timeout"

// heartbeat runs when the timer fires. Engine.IO 4: it pings, and closes the session if the last ping was not answered. Engine.IO 3:
// the client has not pinged in time, so it closes the session.
func (s *Session) heartbeat() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	if s.pinged || s.revision == codec.Revision3 {
		s.mu.Unlock()
		s.close(pingTimeout, closeMessage)
		return
	}
	s.pinged = true
	s.timer.Reset(s.transports.options.PingTimeout)
	s.mu.Unlock()
	s.Send(pingMessage)
}

// recordHeartbeat records a heartbeat of the client.
func (s *Session) recordHeartbeat() {
	options := &s.transports.options
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := time.Now()
	s.pinged = false
	s.deadline = now.Add(options.peerTimeout())
	if s.revision == codec.Revision3 {
		s.timer.Reset(options.peerTimeout())
	} else {
		s.timer.Reset(s.transports.untilPing(now))
	}
}

// LastSeen returns until when the client has certainly received what was sent. After a missed heartbeat that is its last heartbeat,
// otherwise now.
func (s *Session) LastSeen() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.reason == pingTimeout {
		return s.deadline.Add(-s.transports.options.peerTimeout())
	}
	return time.Now()
}

// pingTimes is at how many times within a ping interval pings are sent.
const pingTimes = 100

// untilPing returns how long after a heartbeat at now the next ping is sent: PingInterval, or up to a hundredth less, so that sessions
// share the times of their pings and an idle server wakes up seldom.
func (t *Transports) untilPing(now time.Time) time.Duration {
	interval := t.options.PingInterval
	early := (now.Sub(t.began) + interval) % (interval / pingTimes)
	return interval - early
}

// countPing returns whether one more ping of the client may be answered.
func (s *Session) countPing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.pingsSince) > s.transports.options.PingInterval {
		s.pings, s.pingsSince = 0, now
	}
	s.pings++
	return s.pings <= maxPings
}

// expired closes the session if the client has missed its heartbeat, and returns whether it has. A timer can be late.
func (s *Session) expired() bool {
	s.mu.Lock()
	late := time.Now().After(s.deadline)
	s.mu.Unlock()
	if late {
		s.close(pingTimeout, closeMessage)
	}
	return late
}
