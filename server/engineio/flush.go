package engineio

import (
	"bytes"
	"sync"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// copySize is up to how many bytes of several queued messages are copied together for one attempt to write them. More goes to the
// goroutine that waits for the client, which writes without copying.
const copySize = 32 << 10

// lingerTimeout is how long the last packets of a closed session may take to go out.
const lingerTimeout = 5 * time.Second

// smallCopySize is enough for most copies, which are of a few short messages. A Writer holds as many at a time as it does writes.
const smallCopySize = 4 << 10

var smallCopies, largeCopies = copyBuffers(smallCopySize), copyBuffers(copySize)

// copyBuffers returns a pool of empty buffers with room for size bytes each.
func copyBuffers(size int) *sync.Pool {
	return &sync.Pool{New: func() any {
		buffer := make([]byte, 0, size)
		return &buffer
	}}
}

// Flush writes the send queue. It never blocks: over WebSocket it writes as much as the client takes at once, and starts a goroutine
// for the rest, which ends when the queue is empty; over polling the queue goes to the request that waits, or else to the next.
func (s *Session) Flush() {
	if next, ok := s.beginFlush(); ok {
		sent, err := next.ws.tryWrite(next.data)
		s.written(next, sent, err)
	}
}

// beginFlush takes off the queue what is to be written to the WebSocket that carries the session. Its caller alone may write until
// written is called. Over polling it hands the queue over itself; then ok is false, as it is when there is nothing to write.
func (s *Session) beginFlush() (next queuedWrite, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushExpected = false
	switch {
	case len(s.queue) == 0 || s.flushing:
	case s.ws != nil:
		s.flushing = true
		return s.nextWrite(), true
	case s.poll != nil:
		s.poll.wake()
	case s.probing:
		s.changed.Broadcast() // a request may wait for the upgrade
	}
	return queuedWrite{}, false
}

// queuedWrite is as much of a send queue as one attempt writes.
type queuedWrite struct {
	ws     *webSocket
	data   []byte
	buffer *[]byte    // of copies, if several messages were copied together, else nil
	copies *sync.Pool // where buffer is from
	count
}

// nextWrite takes messages off the queue: the first, and further ones while they fit into copySize bytes together. The caller holds
// mu.
func (s *Session) nextWrite() queuedWrite {
	next := queuedWrite{ws: s.ws}
	messages, size := 0, 0
	for _, m := range s.queue {
		if messages > 0 && size+m.Size() > copySize {
			break
		}
		messages++
		size += m.Size()
		next.add(s.countOf(m))
	}
	if messages == 1 {
		next.data = s.queue[0].Frames(s.revision)
	} else {
		if next.copies = largeCopies; size <= smallCopySize {
			next.copies = smallCopies
		}
		next.buffer = next.copies.Get().(*[]byte)
		next.data = *next.buffer
		for _, m := range s.queue[:messages] {
			next.data = append(next.data, m.Frames(s.revision)...)
		}
	}
	clear(s.queue[:messages])
	if s.queue = s.queue[messages:]; len(s.queue) == 0 {
		s.queue = nil // an idle session keeps no queue
	}
	return next
}

// written deals with how an attempt to write went. It goes on writing until the queue is empty or the client takes no more at once.
func (s *Session) written(next queuedWrite, sent int, err error) {
	for {
		rest := next.data[sent:]
		if next.buffer != nil {
			rest = bytes.Clone(rest)
			next.copies.Put(next.buffer)
		}
		if err != nil {
			s.stopFlushing()
			s.closeBroken(err)
			return
		}
		if len(rest) > 0 {
			go s.drain(next.ws, rest, next.count)
			return
		}
		s.mu.Lock()
		s.subtract(next.count)
		if len(s.queue) == 0 {
			s.flushing = false
			s.closeLingering(next.ws)
			s.mu.Unlock()
			return
		}
		next = s.nextWrite()
		s.mu.Unlock()
		sent, err = next.ws.tryWrite(next.data)
	}
}

// drain waits for a client that is behind, and writes what is queued for it until nothing is left. It ends by itself, or
// when the connection is closed, or when the client has taken nothing for as long as a missed heartbeat takes.
func (s *Session) drain(ws *webSocket, data []byte, writing count) {
	parts := [][]byte{data}
	for {
		if err := ws.write(s.writeDeadline(), parts...); err != nil {
			s.stopFlushing()
			s.closeBroken(err)
			return
		}
		s.mu.Lock()
		s.subtract(writing)
		if len(s.queue) == 0 {
			s.flushing = false
			s.closeLingering(ws)
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
	return time.Now().Add(s.transports.options.peerTimeout())
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

// cutWebSocket closes the WebSocket that carries the session, whatever is queued or in flight. The caller holds mu and has set closed.
func (s *Session) cutWebSocket() {
	switch {
	case s.ws == nil:
	case s.flushing && !s.delayed:
		s.lingering = true
		s.ws.cut()
	default:
		s.ws.close()
	}
}

// closeLingering closes a WebSocket whose session has ended, now that nothing is in flight. The caller holds mu.
func (s *Session) closeLingering(ws *webSocket) {
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
