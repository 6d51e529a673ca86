package engineio

import (
	"bytes"
	"errors"
	"time"
)

var errProbe = errors.New("not the packet that an upgrade needs")

// serveProbe lets a WebSocket take over a polling session (protocol v4, "Upgrade"): the client sends "2probe" over it, gets
// "3probe", stops polling, and sends "5". Until then the session goes on over polling, and so it does if that never comes.
func (s *Session) serveProbe(ws *webSocket) {
	s.mu.Lock()
	if s.closed || s.ws != nil || s.probe != nil {
		s.mu.Unlock()
		// The official server lets the WebSocket open and then closes it; clients rely on the close event.
		_, _ = ws.tryWrite(closeFrame)
		ws.close()
		return
	}
	s.probe = ws
	s.mu.Unlock()

	if err := s.probeWith(ws); err != nil {
		s.transports.options.Logger.Debug("upgrade failed", "err", err)
		s.mu.Lock()
		s.probe, s.probed = nil, false
		s.mu.Unlock()
		ws.close()
	}
}

func (s *Session) probeWith(ws *webSocket) error {
	deadline := time.Now().Add(s.transports.options.UpgradeTimeout)
	if err := ws.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	if err := expectText(ws, "2probe"); err != nil {
		return err
	}
	if err := ws.write(deadline, newMessage(textPacket("3probe")).frames); err != nil {
		return err
	}
	s.mu.Lock()
	s.probed = true
	if s.poll != nil {
		s.poll.answer(noopMessage)
	}
	s.mu.Unlock()
	if err := expectText(ws, "5"); err != nil {
		return err
	}
	if err := ws.conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.carryWith(ws)
}

// carryWith makes ws carry the session, from the first packet that is still queued.
func (s *Session) carryWith(ws *webSocket) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errors.New("the session ended meanwhile")
	}
	s.ws, s.probe, s.probed = ws, nil, false
	s.changed.Broadcast()
	if len(s.queue) == 0 {
		s.mu.Unlock()
		return nil
	}
	pending := Join(s.queue...)
	s.queue, s.flushing = nil, true
	s.mu.Unlock()
	s.flush(ws, pending)
	return nil
}

func expectText(ws *webSocket, text string) error {
	binary, data, err := ws.next(nil)
	if err != nil {
		return err
	}
	if binary || !bytes.Equal(data, []byte(text)) {
		return errProbe
	}
	return nil
}
