package sockets

import (
	"sync/atomic"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/tally"
)

// Counts is what a Hub has counted since it was made, and how it is now.
type Counts struct {
	engineio.Counts

	Connected, Connects, Disconnects int64            // sockets, which have joined the namespace
	Received                         map[string]int64 // events from clients, by name; those without a handler are tally.Other
	Sent                             map[string]int64 // events to sockets, by the names of Options.Sent

	// What was over a limit on events: events that waited for it, events that were refused, and requests that were.
	DelayedEvents, RefusedEvents, RefusedRequests int64

	WaitingBytes int64 // of events that wait for their limit or for their user
	Handlers     int64 // that run
}

// counters is what a Hub counts.
type counters struct {
	connects, disconnects             atomic.Int64
	sent                              tally.Tally
	delayed, refused, refusedRequests atomic.Int64
}

// Counts returns what was counted. It looks at every connection, one after the other.
func (h *Hub) Counts() Counts {
	c := &h.counters
	// In this order, so that a socket that comes and goes meanwhile does not make Connected negative.
	disconnects, connects := c.disconnects.Load(), c.connects.Load()
	received := make(map[string]int64, len(h.kinds))
	for name, kind := range h.kinds {
		received[name] = kind.received.Load()
	}
	return Counts{
		Counts:    h.transports.Counts(),
		Connected: connects - disconnects, Connects: connects, Disconnects: disconnects,
		Received: received, Sent: c.sent.Counts(),
		DelayedEvents: c.delayed.Load(), RefusedEvents: c.refused.Load(), RefusedRequests: c.refusedRequests.Load(),
		WaitingBytes: h.waitingBytes.Load(), Handlers: int64(h.handlers.Load()),
	}
}

// UnknownEvents returns the number of events that had no handler.
func (h *Hub) UnknownEvents() int64 { return h.kinds[tally.Other].received.Load() }

// countSent counts messages that each went to so many sockets.
func (h *Hub) countSent(messages []Message, sockets int) {
	for len(messages) > 0 { // most are a run of the same event
		name, run := messages[0].Event, 1
		for run < len(messages) && messages[run].Event == name {
			run++
		}
		h.counters.sent.Of(name).Add(int64(run * sockets))
		messages = messages[run:]
	}
}
