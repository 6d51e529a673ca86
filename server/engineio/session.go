package engineio

import (
	"container/list"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/logging"
)

// Session is one Engine.IO session: what a client has between its handshake and its end, whatever carries it. All methods
// are safe for concurrent use.
type Session struct {
	mu            sync.Mutex
	transports    *Transports
	revision      int
	ws            *webSocket // what carries the session; nil: polling
	queue         []*codec.Message
	single        [1]*codec.Message // where the queue begins: most hold one message, and then nothing is allocated
	queued        int               // packets in queue and in flight
	queuedSize    int               // their bytes as WebSocket frames
	flushExpected bool              // Enqueue has returned true to a caller that has not flushed yet
	flushing      bool
	delayed       bool // flushing stands for a delay and not for a write
	lingering     bool // closed, but what is in flight may still go out
	closed        bool

	reason       string
	base64Only   bool          // Engine.IO 3's b64=1: the client cannot take binary over polling
	overSocket   bool          // opened over WebSocket: there is nothing to upgrade to
	pending      *list.Element // in Transports.pending, while no namespace is connected; nil at the Engine.IO level
	wasConnected bool          // a namespace has been connected
	larges       int           // large messages in queue and in flight
	handshake    *handshake
	remote       string
	logID        logging.ID
	largeSize    int // the part of queuedSize that is of large messages

	// named is closed when id is known, before anything is sent.
	named chan struct{}
	id    string

	// changed is signalled when the reader may go on: there is something in inbox, the carrier changed, or all is over.
	changed    sync.Cond
	inbox      []codec.Packet // messages that arrived by polling
	inboxBytes int

	probing bool       // a WebSocket is opening to carry the session
	probe   *webSocket // the WebSocket that does, once it is open
	probed  bool       // the probe was answered; the client now stops polling
	poll    *poll      // the request that waits for something to send
	posting bool       // a POST has begun and has not been answered

	// conn is the Socket.IO connection that the session carries, nil at the Engine.IO level. Set before the first event.
	conn *socketConn

	timer        *time.Timer // pings (Engine.IO 4) or notices their absence (Engine.IO 3)
	pinged       bool        // a ping waits for its pong
	pings        int32       // that the client sent since pingsSince
	pingsSince   time.Time
	deadline     time.Time   // when the client is disconnected; checked by requests too, because timers can be late
	connectTimer *time.Timer // runs while no namespace is connected
	expiry       *time.Timer // closes the session when what let it in expires
	limiter      *rate.Limiter
}

// handshake is what Options.Keep kept of the handshake request.
type handshake struct {
	header http.Header
	query  string // encoded, which takes a tenth of the memory
}

func newSession(transports *Transports, r *http.Request, query url.Values, revision int, ws *webSocket) *Session {
	header, kept := transports.options.Keep(r.Header, query)
	s := &Session{
		transports: transports,
		revision:   revision,
		base64Only: query.Get("b64") != "",
		overSocket: ws != nil,
		remote:     r.RemoteAddr,
		named:      make(chan struct{}),
		logID:      logging.NewID(),
		limiter:    transports.options.NewLimiter(r.RemoteAddr),
		ws:         ws,
	}
	if transports.socketIO != nil {
		s.pending = transports.pending.begin(s) // as reserve has counted it
	}
	if header != nil || kept != nil {
		s.handshake = &handshake{header, kept.Encode()}
	}
	s.changed.L = &s.mu
	timeout := transports.options.peerTimeout()
	s.mu.Lock() // heartbeat must find its timer
	defer s.mu.Unlock()
	s.deadline = time.Now().Add(timeout)
	s.pinged = true // no ping goes out before the handshake has (open)
	s.timer = time.AfterFunc(timeout, s.heartbeat)
	return s
}

// ID returns the session's id, the secret that authenticates its requests: 20 random bytes, base64url, after Options.Node and a dot.
func (s *Session) ID() string { return s.id }

// Limiter returns what Options.NewLimiter returned for the session. Who handles its events counts them here.
func (s *Session) Limiter() *rate.Limiter { return s.limiter }

// Revision returns the Engine.IO protocol revision that the client speaks: 3 (socket.io-client 1.x, 2.x) or 4 (3.x, 4.x).
func (s *Session) Revision() int { return s.revision }

// Header returns what Options.Keep kept of the handshake request's header. It must not be changed.
func (s *Session) Header() http.Header {
	if s.handshake == nil {
		return nil
	}
	return s.handshake.header
}

// Query returns what Options.Keep kept of the handshake request's query, parsed anew each time.
func (s *Session) Query() url.Values {
	values, _ := url.ParseQuery(s.rawQuery()) // what is malformed is left out, as everywhere in net/http
	return values
}

func (s *Session) rawQuery() string {
	if s.handshake == nil {
		return ""
	}
	return s.handshake.query
}

// Transport returns what carries the session now: "polling" or "websocket".
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws != nil {
		return transportWebSocket
	}
	return transportPolling
}

// firstCarrier returns how the session was carried at first.
func (s *Session) firstCarrier() Carrier {
	if s.overSocket {
		return Carrier{transportWebSocket, s.revision}
	}
	return Carrier{transportPolling, s.revision}
}

// LogContext returns a context whose log lines name the connection. The sid would do so, too, but is a secret.
func (s *Session) LogContext() context.Context {
	return logging.WithConnection(context.Background(), s.logID)
}

// Network and String make a session its own peer's address. go-socket.io hands the address of our connection through to
// its handlers unchanged, and nothing else: it is the way back from its Conn to the session (SessionOf).
func (s *Session) Network() string { return "tcp" }

// String returns the peer's address as the HTTP server gave it: host:port.
func (s *Session) String() string { return s.remote }

// Close ends the session. What was sent before still goes out as far as the client takes it at once; no Socket.IO
// DISCONNECT is sent, so the client comes back. Reason is for the log.
func (s *Session) Close(reason string) { s.close(reason, closeMessage) }

// Drain is Close for a server that stops: a client that is about to finish its upgrade may do so first, and one that polls is told of
// the end by its poll. Drain waits for that, but not for long.
func (s *Session) Drain() {
	s.awaitChange(upgradeGrace, func() bool { return !s.probed || s.closed })
	s.awaitPoll()
	s.Close(endedByStop)
}

// Disconnect sends a DISCONNECT of a namespace and closes the session. Unlike after Close, the official clients do not reconnect by
// themselves. Reason is for the log.
func (s *Session) Disconnect(namespace, reason string) {
	s.Send(codec.NewMessage(codec.SocketPacket{Type: codec.SocketDisconnect, Namespace: namespace}.MessagePacket()))
	s.Close(reason)
}

// open sends the handshake and whatever must follow it at once, and begins the heartbeat. Protocol v4, "Handshake".
func (s *Session) open(following ...*codec.Message) {
	s.recordHeartbeat()
	upgrades := []string{}
	if !s.overSocket {
		upgrades = append(upgrades, transportWebSocket)
	}
	options := &s.transports.options
	handshake, err := json.Marshal(struct {
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int      `json:"maxPayload"`
	}{
		SID: s.id, Upgrades: upgrades,
		PingInterval: options.PingInterval.Milliseconds(), PingTimeout: options.PingTimeout.Milliseconds(),
		MaxPayload: options.MaxPayload,
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	messages := append([]*codec.Message{codec.NewMessage(codec.Packet{Data: append([]byte{codec.PacketOpen}, handshake...)})}, following...)
	if open := codec.Join(messages...); s.overSocket {
		s.Enqueue(open)
		s.transports.openings.delay(s)
	} else {
		s.Send(open)
	}
}

// accept deals with one packet from the client. Deliver: it is a message for the reader, given back as such. An error: the
// client broke the protocol, and the session is closed.
func (s *Session) accept(p codec.Packet) (message codec.Packet, deliver bool, err error) {
	switch p.Type() {
	case codec.PacketMessage:
		if !p.Binary {
			p.Data = p.Data[1:]
		}
		return p, true, nil
	case codec.PacketPing:
		if s.revision != codec.Revision3 {
			return p, false, s.violation("invalid heartbeat direction")
		}
		s.recordHeartbeat()
		if !s.countPing() {
			return p, false, s.violation("ping flood")
		}
		s.Send(pongMessage)
	case codec.PacketPong:
		if s.revision == codec.Revision3 {
			return p, false, s.violation("invalid heartbeat direction")
		}
		s.recordHeartbeat()
	case codec.PacketClose:
		s.close(endedByClient, noopMessage)
		return p, false, io.EOF
	case codec.PacketOpen:
		return p, false, s.violation("open packet from a client")
	}
	return p, false, nil // upgrade and noop mean nothing here
}

// violation closes the session because the client broke the protocol, and returns codec.ErrBadPacket. A client that polls learns of it
// by its poll, as from the official server: a moment later there would be no session to poll.
func (s *Session) violation(how string) error {
	s.awaitPoll()
	s.closeForViolation(how)
	return codec.ErrBadPacket
}

// closeForViolation closes the session because the client broke the protocol.
func (s *Session) closeForViolation(how string) { s.close(endedByViolation+": "+how, closeMessage) }

// closeBroken closes the session because its connection broke.
func (s *Session) closeBroken(err error) { s.close(endedByBroken+": "+err.Error(), closeMessage) }

// close ends the session once. A poll that waits gets what is queued and then answer.
func (s *Session) close(reason string, answer *codec.Message) {
	s.end(reason, answer, (*Session).endWebSocket)
}

// abort ends the session at once, without regard to what is still on its way to the client.
func (s *Session) abort(reason string) {
	s.end(reason, closeMessage, func(s *Session) {
		s.queue = nil
		s.cutWebSocket()
	})
}

func (s *Session) end(reason string, answer *codec.Message, endWebSocket func(*Session)) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed, s.reason = true, reason
	s.transports.large.bytes.Add(-int64(s.largeSize)) // what is still queued is gone within lingerTimeout
	s.timer.Stop()
	s.stopAwaitingNamespace()
	if s.expiry != nil {
		s.expiry.Stop()
	}
	if s.poll != nil {
		s.poll.answer(answer)
	}
	if s.probe != nil && !s.upgradeDecides() {
		s.probe.close()
	}
	endWebSocket(s)
	s.changed.Broadcast()
	s.mu.Unlock()
	s.Flush()
	s.transports.forget(s)
}

// ended returns whether the session has ended.
func (s *Session) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// await waits until receive has something to read. It is called where the stack is shallow, because idle readers wait here: the
// collector halves stacks of which less than a quarter is used.
func (s *Session) await() {
	if ws := s.carrier(); ws != nil {
		ws.await()
	}
}

// carrier waits while nothing carries the session but polling, and nothing has arrived. It returns the WebSocket from which
// something is to be awaited, nil if receive has something to look at already.
func (s *Session) carrier() *webSocket {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.inbox) == 0 && !s.closed && s.ws == nil {
		s.changed.Wait()
	}
	if len(s.inbox) > 0 || s.closed {
		return nil
	}
	return s.ws
}

// receive returns the next message; ok is false if what has arrived was none, and await is to be called again. It is called
// by one goroutine at a time; the data are good until it is called again. After the end of the session it returns what had
// arrived before, then io.EOF.
func (s *Session) receive() (message codec.Packet, ok bool, err error) {
	s.mu.Lock()
	if len(s.inbox) > 0 {
		message = s.inbox[0]
		s.inbox = s.inbox[1:]
		s.inboxBytes -= len(message.Data) + inboxCost
		if len(s.inbox) == 0 {
			s.inbox = nil
			s.changed.Broadcast() // a POST may wait for room
		}
		s.mu.Unlock()
		return message, true, nil
	}
	ws, closed, limit := s.ws, s.closed, s.limit()
	s.mu.Unlock()
	switch {
	case closed:
		return codec.Packet{}, false, io.EOF
	case ws == nil:
		return codec.Packet{}, false, nil
	}
	ws.limit = limit
	return s.receiveFrom(ws)
}

// receiveFrom reads the next packet from the WebSocket that carries the session.
func (s *Session) receiveFrom(ws *webSocket) (message codec.Packet, ok bool, err error) {
	binary, data, err := ws.next(s.control)
	if err != nil {
		s.closeBroken(err)
		return codec.Packet{}, false, io.EOF
	}
	s.transports.counters.received[overWebSocket].Add(int64(len(data)))
	p, err := codec.DecodeFrame(binary, data, s.revision)
	if err != nil {
		return codec.Packet{}, false, s.violation("unknown packet type")
	}
	return s.accept(p)
}

// control answers WebSocket's own pings.
func (s *Session) control(opcode byte, payload []byte) {
	if opcode == codec.OpcodePing {
		if !s.countPing() {
			s.closeForViolation("ping flood")
			return
		}
		s.Send(codec.NewControlMessage(codec.OpcodePong, payload))
	}
}
