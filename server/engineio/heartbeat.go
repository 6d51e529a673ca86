package engineio

import (
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// How a session finds out that its peer is gone, and bears with one that is there. Protocol v4, "Heartbeat": the server pings; in
// Engine.IO 3 the client does.

// silent is the reason for which a session is closed whose peer has missed its heartbeat.
const silent = "ping timeout"

// heartbeat runs when the timer does. Engine.IO 4: it pings, and the second time in a row gives the peer up. Engine.IO 3:
// it runs only when the peer has not pinged in time.
func (s *Session) heartbeat() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	if s.pinged || s.revision == codec.Revision3 {
		s.mu.Unlock()
		s.close(silent, closeMessage)
		return
	}
	s.pinged = true
	s.timer.Reset(s.transports.options.PingTimeout)
	s.mu.Unlock()
	s.Send(pingMessage)
}

// alive notes a heartbeat of the peer.
func (s *Session) alive() {
	options := &s.transports.options
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	now := time.Now()
	s.pinged = false
	s.deadline = now.Add(options.patience())
	if s.revision == codec.Revision3 {
		s.timer.Reset(options.patience())
	} else {
		s.timer.Reset(s.transports.untilPing(now))
	}
}

// Heard returns when the peer was last known to be there. For a session that was closed because the peer fell silent, that is its last
// heartbeat: it may have missed what was sent later. Otherwise it is now.
func (s *Session) Heard() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && s.reason == silent {
		return s.deadline.Add(-s.transports.options.patience())
	}
	return time.Now()
}

// pingsTogether is into how many moments the pings of an interval are gathered.
const pingsTogether = 100

// untilPing returns the time from now to the ping of a session from which something was heard just now: PingInterval, or up to a
// hundredth less, so that pings that are due at about the same time go out together. Else each would wake an idle server.
func (t *Transports) untilPing(now time.Time) time.Duration {
	interval := t.options.PingInterval
	early := (now.Sub(t.began) + interval) % (interval / pingsTogether)
	return interval - early
}

// countPing tells whether one more ping of the client may be answered.
func (s *Session) countPing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.pingsSince) > s.transports.options.PingInterval {
		s.pings, s.pingsSince = 0, now
	}
	s.pings++
	return s.pings <= maxPings
}

// expired tells whether the peer has missed its heartbeat, and if so closes the session.
func (s *Session) expired() bool {
	s.mu.Lock()
	late := time.Now().After(s.deadline)
	s.mu.Unlock()
	if late {
		s.close(silent, closeMessage)
	}
	return late
}
