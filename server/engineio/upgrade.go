package engineio

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// upgradeGrace is how long a server that stops waits for a client to finish its upgrade.
const upgradeGrace = time.Second

var (
	errProbe = errors.New("not the packet that an upgrade needs")
	errEnded = errors.New("the session ended meanwhile")
)

// serveProbe lets a WebSocket take over a polling session (protocol v4, "Upgrade"): the client sends "2probe" over it, gets
// "3probe", stops polling, and sends "5". Until then the session goes on over polling, and so it does if that never comes.
func (s *Session) serveProbe(w http.ResponseWriter, r *http.Request) {
	possible := s.beginProbe() // before the client knows that its WebSocket is open
	ws, err := upgradeWebSocket(w, r)
	switch {
	case err != nil:
		if possible {
			s.endProbe()
		}
		s.transports.refuse(w, errorBadRequest)
	case !possible:
		// The official server lets the WebSocket open and then closes it; clients rely on the close event.
		_, _ = ws.tryWrite(closeFrame)
		ws.close()
	default:
		if err := s.probeWith(ws); err != nil {
			s.transports.counters.failedUpgrades.Add(1)
			s.transports.options.Logger.DebugContext(s.LogContext(), "upgrade failed", "err", err)
			s.endProbe()
			ws.close()
		}
	}
}

func (s *Session) beginProbe() (possible bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.ws != nil || s.probing {
		return false
	}
	s.probing = true
	return true
}

// endProbe lets polling go on, and the client try again.
func (s *Session) endProbe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probing, s.probe, s.probed = false, nil, false
	s.changed.Broadcast()
}

// upgradeDecides reports whether only the upgrade packet, for which probeWith waits, can tell the client that its session has ended. After
// the probe's answer the official client polls no more. It takes the end of its WebSocket for a failed upgrade if it comes before the answer
// to the last poll, and then neither polls nor sends until it misses the heartbeat (engine.io-client, lib/socket.ts, _probe). The caller
// holds mu, and has set reason.
func (s *Session) upgradeDecides() bool {
	return s.probed && s.poll == nil && s.reason != endedByClient
}

func (s *Session) probeWith(ws *webSocket) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errEnded
	}
	s.probe = ws
	s.mu.Unlock()
	deadline := time.Now().Add(s.transports.options.UpgradeTimeout)
	if err := ws.conn.SetReadDeadline(deadline); err != nil {
		return err
	}
	if err := expectText(ws, "2probe"); err != nil {
		return err
	}
	if !s.beginProbed() {
		return errEnded
	}
	if err := ws.write(deadline, codec.NewMessage(codec.TextPacket("3probe")).Frames(s.revision)); err != nil {
		return err
	}
	s.releasePoll()
	if err := expectText(ws, "5"); err != nil {
		return err
	}
	if err := ws.conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.carryWith(ws)
}

// beginProbed notes that the client is about to be told that it can finish its upgrade. It returns false if the session has ended.
func (s *Session) beginProbed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probed = !s.closed
	return s.probed
}

// releasePoll answers the poll that waits: the client does not finish its upgrade before.
func (s *Session) releasePoll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll != nil && !s.closed {
		s.poll.answer(noopMessage)
	}
}

// carryWith makes ws carry the session, from the first packet that is still queued.
func (s *Session) carryWith(ws *webSocket) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errEnded
	}
	s.ws, s.probing, s.probe, s.probed = ws, false, nil, false
	s.changed.Broadcast()
	s.mu.Unlock()
	s.transports.counters.upgrades.Add(1)
	s.Flush()
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
