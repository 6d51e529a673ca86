package engineio

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// gatherSize is up to how many bytes of several queued messages are copied together for one attempt to write them. More
// goes to the goroutine that waits for the client, which can write without copying.
const gatherSize = 32 << 10

// lingerTimeout is how long a closed session's last packets may take to go out.
const lingerTimeout = 5 * time.Second

// Send queues a message for the client and flushes the queue. It never blocks. After the end of the session, it does nothing.
func (s *Session) Send(m *codec.Message) {
	s.Enqueue(m)
	s.Flush()
}

// Enqueue queues a message for the client, to be written by the next Flush or Send, together with whatever is queued by then.
// It returns whether that Flush is the caller's to make: nobody else has been told so before. It never blocks. A client whose
// queue is full is closed. After the end of the session, it does nothing.
func (s *Session) Enqueue(m *codec.Message) (flush bool) {
	s.mu.Lock()
	if s.waiting && s.full(m) { // not the client's fault
		s.mu.Unlock()
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
		s.abort("slow: the send queue is full")
		return false
	}
	if s.queue == nil {
		s.queue = s.single[:0]
	}
	s.queue = append(s.queue, m)
	s.add(s.countOf(m))
	flush = !s.waiting && !s.flushing
	s.waiting = s.waiting || flush
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

// full tells whether a message may not be queued. Large ones say nothing about how slow the client is, so the others are counted
// without them. The caller holds mu.
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

// Backlogged tells whether more than half of what may wait for the client to read it does so.
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

// add notes that messages of this count are queued. The caller holds mu. The same of subtract, for those that were written.
func (s *Session) add(c count) {
	s.queued += c.packets
	s.queuedSize += c.size
	if c.larges != 0 { // seldom: these are not in the cache lines that every message needs
		s.larges += c.larges
		s.largeSize += c.largeSize
	}
}

func (s *Session) subtract(c count) { s.add(count{-c.packets, -c.size, -c.larges, -c.largeSize}) }

// Flush has the queue written. It never blocks: over WebSocket as much is written at once as the client takes, the rest by a
// goroutine that lives until the queue is empty; over polling the queue goes to the request that waits, or else to the next.
func (s *Session) Flush() {
	if p, ok := s.take(); ok {
		p.wrote(p.ws.tryWrite(p.data))
	}
}

// portion is as much of a session's queue as is written at once. While there is one, nobody else writes to the session's WebSocket.
type portion struct {
	session *Session
	ws      *webSocket
	data    []byte
	scratch *[gatherSize]byte // where data stands, nil if it was not copied
	count
}

// take begins a flush. It returns false if there is nothing to write now: nothing is queued, or somebody is writing already, or the
// queue goes out by polling.
func (s *Session) take() (portion, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	if len(s.queue) == 0 || s.flushing {
		return portion{}, false
	}
	switch {
	case s.ws != nil:
		s.flushing = true
		return s.gather(s.ws), true
	case s.poll != nil:
		s.poll.wake()
	case s.probing:
		s.changed.Broadcast() // a request may wait for the upgrade
	}
	return portion{}, false
}

var scratches = sync.Pool{New: func() any { return new([gatherSize]byte) }}

// gather takes messages off the queue, gatherSize bytes at the most unless the first is larger. Several are copied together. The
// caller holds mu.
func (s *Session) gather(ws *webSocket) portion {
	p := portion{session: s, ws: ws}
	count, size := 0, 0
	for _, m := range s.queue {
		if count > 0 && size+m.Size() > gatherSize {
			break
		}
		count++
		size += m.Size()
		p.add(s.countOf(m))
	}
	if count == 1 {
		p.data = s.queue[0].Frames(s.revision)
	} else {
		p.scratch = scratches.Get().(*[gatherSize]byte)
		p.data = p.scratch[:0]
		for _, m := range s.queue[:count] {
			p.data = append(p.data, m.Frames(s.revision)...)
		}
	}
	clear(s.queue[:count])
	if s.queue = s.queue[count:]; len(s.queue) == 0 {
		s.queue = nil // an idle session keeps no queue
	}
	return p
}

// wrote is told how the write of the portion went, as tryWrite returns it. It writes what else is queued, until the queue is empty
// or the client takes no more at once.
func (p portion) wrote(written int, err error) {
	s := p.session
	for {
		rest := p.data[written:]
		if p.scratch != nil {
			rest = bytes.Clone(rest)
			scratches.Put(p.scratch)
		}
		if err != nil {
			s.stopFlushing()
			s.close("transport: "+err.Error(), closeMessage)
			return
		}
		if len(rest) > 0 {
			go s.drain(p.ws, rest, p.count)
			return
		}
		s.mu.Lock()
		s.subtract(p.count)
		if len(s.queue) == 0 {
			s.flushing = false
			s.lingered(p.ws)
			s.mu.Unlock()
			return
		}
		p = s.gather(p.ws)
		s.mu.Unlock()
		written, err = p.ws.tryWrite(p.data)
	}
}

// drain waits for a client that is behind, and writes what is queued for it until nothing is left. It ends by itself, or
// when the connection is closed, or when the client has taken nothing for as long as a missed heartbeat takes.
func (s *Session) drain(ws *webSocket, data []byte, writing count) {
	parts := [][]byte{data}
	for {
		if err := ws.write(s.writeDeadline(), parts...); err != nil {
			s.stopFlushing()
			s.close("transport: "+err.Error(), closeMessage)
			return
		}
		s.mu.Lock()
		s.subtract(writing)
		if len(s.queue) == 0 {
			s.flushing = false
			s.lingered(ws)
			s.mu.Unlock()
			return
		}
		parts, writing = parts[:0], count{}
		for _, m := range s.queue {
			parts = append(parts, m.Frames(s.revision))
			writing.add(s.countOf(m))
		}
		clear(s.queue)
		s.queue = nil
		s.mu.Unlock()
	}
}

// writeDeadline returns when the client must have taken what is written to it now.
func (s *Session) writeDeadline() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lingering {
		return time.Now().Add(lingerTimeout)
	}
	return time.Now().Add(s.transports.options.patience())
}

func (s *Session) stopFlushing() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushing, s.queue = false, nil
	if s.closed && s.ws != nil {
		s.ws.close()
	}
}

// endWebSocket closes the WebSocket that carries the session, after what is queued if anything is. The caller holds mu, has set
// closed, and flushes afterwards.
func (s *Session) endWebSocket() {
	if s.ws == nil {
		return
	}
	if !s.flushing && len(s.queue) == 0 {
		s.closeWebSocket(s.ws)
		return
	}
	s.lingering = true
	// The write that is under way ends by then; if the client is gone, this ends it too.
	_ = s.ws.conn.SetWriteDeadline(time.Now().Add(lingerTimeout))
}

// lingered closes a WebSocket whose session has ended, now that nothing is in flight. The caller holds mu.
func (s *Session) lingered(ws *webSocket) {
	if s.lingering {
		s.closeWebSocket(ws)
	}
}

// closeFrame is a closing handshake without a reason (RFC 6455, section 5.5.1).
var closeFrame = codec.AppendFrame(nil, codec.OpcodeClose, nil, nil)

func (s *Session) closeWebSocket(ws *webSocket) {
	if !ws.gone.Load() {
		_, _ = ws.tryWrite(closeFrame) // a courtesy; the connection is closed all the same
	}
	ws.close()
}
