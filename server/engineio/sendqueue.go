package engineio

import (
	"fmt"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Send queues a message for the client and flushes the queue. It never blocks. After the end of the session, it does nothing.
func (s *Session) Send(m *codec.Message) {
	s.Enqueue(m)
	s.Flush()
}

// Enqueue queues a message for the client, to be written by the next Flush or Send, together with whatever is queued by then.
// It returns true if the caller must call Flush: no earlier caller has still to do it. It never blocks. A client whose
// queue is full is closed. After the end of the session, it does nothing.
func (s *Session) Enqueue(m *codec.Message) (flush bool) {
	s.mu.Lock()
	if (s.flushExpected || s.delayed) && s.full(m) { // not the client's fault
		s.mu.Unlock()
		s.endDelay()
		s.Flush()
		s.mu.Lock()
	}
	if s.closed {
		s.mu.Unlock()
		return false
	}
	if s.full(m) {
		waiting := fmt.Sprintf("%d packets of %d bytes wait, %d bytes come up", s.queued, s.queuedSize, m.Size())
		s.mu.Unlock()
		s.transports.options.Refused("slow client closed", s.remote, waiting)
		s.abort(endedBySlow + ": the send queue is full")
		return false
	}
	if s.queue == nil {
		s.queue = s.single[:0]
	}
	s.queue = append(s.queue, m)
	s.add(s.countOf(m))
	flush = !s.flushExpected && !s.flushing
	s.flushExpected = s.flushExpected || flush
	s.mu.Unlock()
	return flush
}

const (
	// largePart is the part of QueueBytes over which a message is large: an answer that the client has asked for.
	largePart = 4
	// fewLarge is how many large messages wait whatever their sizes: an answer that is sent as an event and as an acknowledgement.
	fewLarge = 2
	// maxLarge is how many times QueueBytes a message may have.
	maxLarge = 4
)

// messageHead is more than an event's head and its frame have.
const messageHead = 1 << 10

// MaxPayload returns the size in bytes of the largest payload that a client may be sent in one event.
func (t *Transports) MaxPayload() int { return maxLarge*t.options.QueueBytes - messageHead }

// full returns whether a message exceeds the limits of the queue. Large messages do not show that a client is slow, so the others
// are counted without them. The caller holds mu.
func (s *Session) full(m *codec.Message) bool {
	options := &s.transports.options
	switch c := s.countOf(m); {
	case s.queued+c.packets > options.QueuePackets:
		return true
	case c.larges == 0:
		return s.queuedSize-s.largeSize+c.size > options.QueueBytes
	case s.larges < fewLarge:
		return c.size > maxLarge*options.QueueBytes
	default:
		return s.queuedSize+c.size > options.QueueBytes
	}
}

// Backlogged returns whether the send queue is more than half full.
func (s *Session) Backlogged() bool {
	options := &s.transports.options
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && (s.queued > options.QueuePackets/2 || s.queuedSize > options.QueueBytes/2)
}

// count is how much messages are, as the limits of the queue count it.
type count struct {
	packets, size     int
	larges, largeSize int
}

func (c *count) add(other count) {
	c.packets += other.packets
	c.size += other.size
	c.larges += other.larges
	c.largeSize += other.largeSize
}

func (s *Session) countOf(m *codec.Message) count {
	c := count{packets: len(m.Packets()), size: m.Size()}
	if c.size > s.transports.options.QueueBytes/largePart {
		c.larges, c.largeSize = 1, c.size
	}
	return c
}

// add notes that messages of this count are queued. The caller holds mu. The same of subtract, for those that were written to a WebSocket.
func (s *Session) add(c count) {
	s.queued += c.packets
	s.queuedSize += c.size
	if c.larges != 0 { // seldom: these are not in the cache lines that every message needs
		s.larges += c.larges
		s.largeSize += c.largeSize
		if !s.closed {
			s.transports.large.bytes.Add(int64(c.largeSize))
		}
	}
}

func (s *Session) subtract(c count) {
	s.add(count{-c.packets, -c.size, -c.larges, -c.largeSize})
	s.transports.counters.sent[overWebSocket].Add(int64(c.size))
}
