package engineio

import (
	"errors"
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/tally"
)

// TestEndOfSessionIsCountedByItsReason has a line for each kind of end.
func TestEndOfSessionIsCountedByItsReason(t *testing.T) {
	for _, test := range []struct {
		kind string
		end  func(s *Session)
	}{
		{"closed by the client", func(s *Session) { _, _, _ = s.accept(codec.TextPacket("1")) }},
		{"no namespace connected", func(s *Session) { s.close(endedUnjoined+": another client needs the place", closeMessage) }},
		{"ping timeout", func(s *Session) { s.close(pingTimeout, closeMessage) }},
		{"poll cancelled", func(s *Session) { s.close(endedByCancel, closeMessage) }},
		{"protocol", func(s *Session) { s.closeForViolation("ping flood") }},
		{"server shutting down", func(s *Session) { s.Close(endedByStop) }},
		{"slow", func(s *Session) { s.abort(endedBySlow + ": the send queue is full") }},
		{"transport", func(s *Session) { s.closeBroken(errors.New("a text of the kernel")) }},
		{tally.Other, func(s *Session) { s.Close("token expired") }},
	} {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		test.end(s)
		s.Close("for a second time")
		for kind, count := range s.transports.Counts().Ended {
			if want := map[bool]int64{true: 1}[kind == test.kind]; count != want {
				t.Errorf("%s: %q was counted %d times, want %d", test.kind, kind, count, want)
			}
		}
	}
}

// BenchmarkCounts is what one scrape costs with 10,000 connections.
func BenchmarkCounts(b *testing.B) {
	transports, _ := New(Options{})
	for i := range 10_000 {
		transports.sessions[fmt.Sprint(i)] = &Session{transports: transports, revision: codec.Revision4}
	}
	for b.Loop() {
		transports.Counts()
	}
}
