// Package sockets is go-socket.io put together for this server: who a client is, known when it connects; rooms, with presence that
// counts users rather than sockets; a limit on events; and broadcasts that are encoded once. It knows nothing of attendance.
//
// Everything here is safe for concurrent use unless it says otherwise, and nothing waits for a client.
package sockets

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	socketio "github.com/googollee/go-socket.io"
	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
)

const (
	namespace = "/"

	// roomNamespace is where the library keeps our rooms. When a connection closes, the library walks through all rooms of the
	// namespaces that the client is in, and no client can be in this one: on the wire, a namespace begins with a slash.
	roomNamespace = "rooms"
)

// Options configures a Hub. Fields of the same name as in engineio.Options mean the same, zero values included.
type Options struct {
	PingInterval, PingTimeout, ConnectTimeout time.Duration
	MaxPayload, QueuePackets, QueueBytes      int
	MaxPending                                int
	Keep                                      func(header http.Header, query url.Values) (http.Header, url.Values)
	Refused                                   func(kind, address, reason string)

	// Authenticate verifies who connects, from what Keep kept of the handshake's header and query and the CONNECT packet's payload (a
	// JSON object). Socket.Claims returns what it returned. The connection is closed when it expires; the zero time means never. An error
	// refuses the connection, and its text is connect_error's message. Nil lets everybody in, with nil claims.
	Authenticate func(address string, header http.Header, query url.Values, auth json.RawMessage) (claims any, expires time.Time, err error)

	// EventRate is how many events a second a socket may send in the long run, EventBurst how many at once. Zero: no limit.
	EventRate, EventBurst int

	// ResumeWindow is how long after a lost connection SetUser still returns the rooms that the user was in.
	ResumeWindow time.Duration

	Logger *slog.Logger
}

// Handler takes one event from a socket; arguments is the JSON array of what the client sent with it. The reply goes to the client
// if it asked for an acknowledgement, and must be encodable as JSON. Handlers of one socket run one after the other.
type Handler func(ctx context.Context, socket *Socket, arguments json.RawMessage) (reply any)

// Hub is all sockets of this process. It is the http.Handler of the path that clients use.
type Hub struct {
	options    Options
	transports *engineio.Transports
	server     *socketio.Server
	served     chan struct{} // closed when the library has stopped serving
	presence   *presence
	outboxes   []*outbox
	onLeft     func(room, user string, state any)
	onLimit    func(socket *Socket) (reply any)
	onUnknown  func(event string)

	mu       sync.RWMutex
	draining bool
	handling sync.WaitGroup // events whose handlers run
	handlers atomic.Int32   // how many they are
}

// New returns a hub that serves at once. Register handlers before the first client connects.
func New(options Options) *Hub {
	h := &Hub{
		options:   options,
		served:    make(chan struct{}),
		presence:  newPresence(options.ResumeWindow),
		onLeft:    func(string, string, any) {},
		onLimit:   func(*Socket) any { return nil },
		onUnknown: func(string) {},
	}
	if h.options.Logger == nil {
		h.options.Logger = slog.Default()
	}
	if h.options.Refused == nil {
		h.options.Refused = func(string, string, string) {}
	}
	h.transports, h.server = engineio.New(engineio.Options{
		PingInterval: options.PingInterval, PingTimeout: options.PingTimeout, ConnectTimeout: options.ConnectTimeout,
		MaxPayload: options.MaxPayload, QueuePackets: options.QueuePackets, QueueBytes: options.QueueBytes,
		MaxPending: options.MaxPending, Keep: options.Keep, Refused: h.options.Refused,
		Authenticate: h.authenticate, Logger: h.options.Logger,
	})
	h.outboxes = newOutboxes(h)
	h.server.OnConnect(roomNamespace, nil) // makes the namespace
	h.server.OnConnect(namespace, h.connected)
	h.server.OnDisconnect(namespace, h.disconnected)
	h.transports.HandleOthers(namespace, func(conn socketio.Conn, event engineio.Event) {
		if socket := socketOf(conn); socket.allowed(event) {
			h.onUnknown(event.Name)
		}
	})
	go func() {
		defer close(h.served)
		_ = h.server.Serve() // returns io.EOF after Close, and nothing else
	}()
	return h
}

// Handle makes handler take an event.
func (h *Hub) Handle(event string, handler Handler) {
	h.transports.Handle(namespace, event, func(conn socketio.Conn, e engineio.Event) {
		socket := socketOf(conn)
		if !socket.allowed(e) || !h.begin() {
			return
		}
		defer h.end()
		socket.mu.Lock()
		reply := handler(context.Background(), socket, e.Arguments.JSON)
		socket.mu.Unlock()
		h.acknowledge(e, reply)
	})
}

// begin notes that a handler starts. Once the hub drains none does: the client will send the event again when it is back.
func (h *Hub) begin() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.draining {
		return false
	}
	h.handling.Add(1)
	h.handlers.Add(1)
	return true
}

func (h *Hub) end() {
	h.handlers.Add(-1)
	h.handling.Done()
}

// OnLeft sets what is called when the last socket of a user in a room has gone without leaving it. State is that socket's.
func (h *Hub) OnLeft(left func(room, user string, state any)) { h.onLeft = left }

// OnLimit sets what tells a socket that it sends too much. It runs once a second at the most, in place of the event's handler.
func (h *Hub) OnLimit(limit func(socket *Socket) (reply any)) { h.onLimit = limit }

// OnUnknown sets what is called for an event that has no handler.
func (h *Hub) OnUnknown(unknown func(event string)) { h.onUnknown = unknown }

func (h *Hub) acknowledge(e engineio.Event, reply any) {
	if !e.WantsAcknowledgement() {
		return
	}
	arguments, err := engineio.MarshalArguments(reply)
	if err != nil {
		h.options.Logger.Error("encode acknowledgement", "event", e.Name, "err", err)
		return
	}
	e.Acknowledge(arguments)
}

// ServeHTTP serves the clients' requests.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.transports.ServeHTTP(w, r) }

// Sockets returns the number of connections, those included that have not joined the namespace yet.
func (h *Hub) Sockets() int { return h.transports.Len() }

// Drain refuses new clients and takes no more events, lets the handlers that run finish and what they sent go out, and closes
// the transports, without a DISCONNECT packet, so that the clients come back. It returns when they are closed, or with
// ctx's error.
func (h *Hub) Drain(ctx context.Context) error {
	h.transports.Refuse()
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	handled := make(chan struct{})
	go func() { // ends with the last handler
		h.handling.Wait()
		close(handled)
	}()
	if err := wait(ctx, handled); err != nil {
		return err
	}
	if err := h.transports.Drain(ctx); err != nil {
		return err
	}
	if err := h.server.Close(); err != nil {
		return err
	}
	return wait(ctx, h.served)
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errExpired = errors.New("unauthorized")

func (h *Hub) authenticate(session *engineio.Session, _ string, auth json.RawMessage) (any, error) {
	if h.options.Authenticate == nil {
		return nil, nil
	}
	claims, expires, err := h.options.Authenticate(session.String(), session.Header(), session.Query(), auth)
	if err != nil {
		return nil, err
	}
	if !expires.IsZero() && !expires.After(time.Now()) {
		return nil, errExpired
	}
	session.CloseAt(expires, "token expired")
	return claims, nil
}

// connected runs when a client has joined the namespace, before any of its events.
func (h *Hub) connected(conn socketio.Conn) error {
	conn.Leave(conn.ID()) // the library makes a room for every connection, in the namespace that it walks through
	session := engineio.SessionOf(conn)
	socket := &Socket{hub: h, member: member{Conn: conn, session: session}}
	if h.options.EventRate > 0 {
		socket.limiter = rate.NewLimiter(rate.Limit(h.options.EventRate), h.options.EventBurst)
	}
	socket.claims = session.Identity(namespace)
	conn.SetContext(socket)
	return nil
}

// disconnected runs when a client has left the namespace, and for clients that never joined it.
func (h *Hub) disconnected(conn socketio.Conn, _ string) {
	if socket := socketOf(conn); socket != nil {
		socket.disconnected()
	}
}

func socketOf(conn socketio.Conn) *Socket {
	socket, _ := conn.Context().(*Socket)
	return socket
}
