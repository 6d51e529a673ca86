package engineio

import "time"

// gatherSize is up to how many bytes of several queued messages are copied together for one attempt to write them. More
// goes to the goroutine that waits for the client, which can write without copying.
const gatherSize = 32 << 10

// lingerTimeout is how long a closed session's last packets may take to go out.
const lingerTimeout = 5 * time.Second

// Send queues a message for the client. It never blocks: over WebSocket the message is written at once if the client takes it,
// otherwise by a goroutine that lives until the queue is empty. A client whose queue is full is closed. After the end
// of the session, Send does nothing.
func (s *Session) Send(m *Message) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	options := &s.transports.options
	if s.queued+len(m.packets) > options.QueuePackets || s.queuedSize+len(m.frames) > options.QueueBytes {
		s.mu.Unlock()
		s.abort("slow: the send queue is full")
		return
	}
	s.queued += len(m.packets)
	s.queuedSize += len(m.frames)
	if s.ws != nil && !s.flushing {
		s.flushing = true
		ws := s.ws
		s.mu.Unlock()
		s.flush(ws, m)
		return
	}
	s.queue = append(s.queue, m)
	if s.poll != nil {
		s.poll.wake()
	}
	s.mu.Unlock()
}

// flush writes one message and then whatever has been queued meanwhile, as long as the client takes it at once. The caller has
// set flushing; flush or the goroutine that it leaves the rest to ends it.
func (s *Session) flush(ws *webSocket, m *Message) {
	data, packets, size := m.webSocket(s.revision), len(m.packets), len(m.frames)
	for {
		written, err := ws.tryWrite(data)
		if err != nil {
			s.stopFlushing()
			s.close("transport: "+err.Error(), closeMessage)
			return
		}
		if written < len(data) {
			go s.drain(ws, data[written:], packets, size)
			return
		}
		s.mu.Lock()
		s.queued -= packets
		s.queuedSize -= size
		if len(s.queue) == 0 {
			s.flushing = false
			s.lingered(ws)
			s.mu.Unlock()
			return
		}
		data, packets, size = s.gather()
		s.mu.Unlock()
	}
}

// gather takes messages off the queue and copies them together, gatherSize bytes at the most unless the first is larger.
func (s *Session) gather() (data []byte, packets, size int) {
	count := 0
	for _, m := range s.queue {
		if count > 0 && size+len(m.frames) > gatherSize {
			break
		}
		count++
		packets += len(m.packets)
		size += len(m.frames)
	}
	if count == 1 {
		data = s.queue[0].webSocket(s.revision)
	} else {
		data = make([]byte, 0, size+packets)
		for _, m := range s.queue[:count] {
			data = append(data, m.webSocket(s.revision)...)
		}
	}
	clear(s.queue[:count])
	if s.queue = s.queue[count:]; len(s.queue) == 0 {
		s.queue = nil // an idle session keeps no queue
	}
	return data, packets, size
}

// drain waits for a client that is behind, and writes what is queued for it until nothing is left. It ends by itself, or
// when the connection is closed, or when the client has taken nothing for as long as a missed heartbeat takes.
func (s *Session) drain(ws *webSocket, data []byte, packets, size int) {
	parts := [][]byte{data}
	for {
		if err := ws.write(s.writeDeadline(), parts...); err != nil {
			s.stopFlushing()
			s.close("transport: "+err.Error(), closeMessage)
			return
		}
		s.mu.Lock()
		s.queued -= packets
		s.queuedSize -= size
		if len(s.queue) == 0 {
			s.flushing = false
			s.lingered(ws)
			s.mu.Unlock()
			return
		}
		parts, packets, size = parts[:0], 0, 0
		for _, m := range s.queue {
			parts = append(parts, m.webSocket(s.revision))
			packets += len(m.packets)
			size += len(m.frames)
		}
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

// endWebSocket closes the WebSocket that carries the session, after what is being written if anything is. The caller holds mu
// and has set closed.
func (s *Session) endWebSocket() {
	if s.ws == nil {
		return
	}
	if !s.flushing {
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
var closeFrame = appendFrame(nil, opcodeClose, nil, nil)

func (s *Session) closeWebSocket(ws *webSocket) {
	if !ws.gone.Load() {
		_, _ = ws.tryWrite(closeFrame) // a courtesy; the connection is closed all the same
	}
	ws.close()
}
