package engineio

import (
	"strings"
	"sync/atomic"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/tally"
)

// Carrier is how a session is carried: by which transport, and in which revision of the protocol.
type Carrier struct {
	Transport string // "polling" or "websocket"
	Revision  int
}

var carriers = []Carrier{
	{transportPolling, codec.Revision3},
	{transportPolling, codec.Revision4},
	{transportWebSocket, codec.Revision3},
	{transportWebSocket, codec.Revision4},
}

// Counts is what Transports has counted since it was made, and how its sessions are now.
type Counts struct {
	Opened         map[Carrier]int64 // sessions, by how they began
	Refused        map[string]int64  // requests, by reason
	Ended          map[string]int64  // sessions, by reason
	Violations     int64             // sessions that ended because the client broke the protocol
	Upgrades       int64
	FailedUpgrades int64
	BytesReceived  map[string]int64 // of messages and polling bodies, by transport
	BytesSent      map[string]int64 // the same

	Sessions    map[Carrier]int
	Pending     int // sessions without a namespace
	QueuedTotal int // packets that wait for clients
	QueuedBytes int // the same in bytes
	QueuedMost  int // packets that wait for one client
}

// counters is what Transports counts. The reasons and transports are the keys of Counts.
type counters struct {
	opened                   map[Carrier]*atomic.Int64 // never changes
	refused, ended           tally.Tally
	upgrades, failedUpgrades atomic.Int64
	received, sent           [2]atomic.Int64 // over polling, over WebSocket
}

// The places of the transports in counters.
const (
	overPolling = iota
	overWebSocket
)

// The beginnings of the reasons why sessions end, up to a colon. Those of who uses this package count as other.
const (
	endedByClient    = "closed by the client"
	endedByViolation = "protocol" // the client broke the protocol
	endedBySlow      = "slow"
	endedByBroken    = "transport" // the connection broke
	endedByCancel    = "poll cancelled"
	endedUnjoined    = "no namespace connected"
	endedByStop      = "server shutting down"
)

func newCounters() *counters {
	c := &counters{
		opened: make(map[Carrier]*atomic.Int64, len(carriers)),
		ended:  tally.New(endedByClient, endedByViolation, endedBySlow, endedByBroken, endedByCancel, endedUnjoined, endedByStop, pingTimeout),
		refused: tally.New(reasonTransportUnknown, reasonSessionUnknown, reasonBadMethod, reasonBadRequest, reasonUnsupportedProtocol,
			reasonTooLarge, reasonPending, reasonStopping, reasonSessions, reasonNetwork, reasonRate, reasonMemory),
	}
	for _, carrier := range carriers {
		c.opened[carrier] = new(atomic.Int64)
	}
	return c
}

func (c *counters) countEnd(reason string) {
	kind, _, _ := strings.Cut(reason, ":")
	c.ended.Add(kind)
}

// Counts returns what was counted. It looks at every session, one after the other.
func (t *Transports) Counts() Counts {
	c := t.counters
	counts := Counts{
		Opened: make(map[Carrier]int64, len(carriers)), Sessions: make(map[Carrier]int, len(carriers)),
		Refused: c.refused.Counts(), Ended: c.ended.Counts(),
		Upgrades: c.upgrades.Load(), FailedUpgrades: c.failedUpgrades.Load(),
		BytesReceived: byTransport(&c.received), BytesSent: byTransport(&c.sent),
		Pending: t.pending.len(),
	}
	counts.Violations = counts.Ended[endedByViolation]
	for _, carrier := range carriers {
		counts.Opened[carrier], counts.Sessions[carrier] = c.opened[carrier].Load(), 0
	}
	for _, s := range t.all() {
		carrier, packets, bytes := s.load()
		counts.Sessions[carrier]++
		counts.QueuedTotal += packets
		counts.QueuedBytes += bytes
		counts.QueuedMost = max(counts.QueuedMost, packets)
	}
	return counts
}

func byTransport(bytes *[2]atomic.Int64) map[string]int64 {
	return map[string]int64{transportPolling: bytes[overPolling].Load(), transportWebSocket: bytes[overWebSocket].Load()}
}

// load returns how the session is carried, and what waits for its client.
func (s *Session) load() (carrier Carrier, packets, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	transport := transportPolling
	if s.ws != nil {
		transport = transportWebSocket
	}
	return Carrier{transport, s.revision}, s.queued, s.queuedSize
}
