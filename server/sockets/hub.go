// Package sockets assembles go-socket.io for this server. It authenticates clients when they connect, keeps rooms and a presence
// that counts users rather than sockets, limits events, and encodes each broadcast once. It does not know attendance.
//
// Everything here is safe for concurrent use unless its comment says otherwise, and nothing waits for a client.
package sockets

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/tally"
)

const (
	namespace = "/"

	// roomNamespace is the library's namespace for our rooms. When a connection closes, the library walks through all rooms of the
	// client's namespaces. No client can be in this one: on the wire, a namespace begins with a slash.
	roomNamespace = "rooms"
)

// Options configures a Hub. Fields of the same name as in engineio.Options mean the same, zero values included.
type Options struct {
	PingInterval, PingTimeout, ConnectTimeout time.Duration
	MaxPayload, QueuePackets, QueueBytes      int
	MaxPending                                int
	MaxSessions, MaxFromNetwork               int
	HandshakeRate                             int
	MemoryShort                               func() bool
	Node                                      string
	Keep                                      func(header http.Header, query url.Values) (http.Header, url.Values)
	Refused                                   func(kind, address, reason string)

	// Authenticate verifies who connects, from what Keep kept of the handshake's header and query and the CONNECT packet's payload (a
	// JSON object). Socket.Claims returns what it returned. The connection is closed when it expires; the zero time means never. An error
	// refuses the connection. Its text is connect_error's message; a *ConnectError also has data. Nil admits every client, with nil claims.
	Authenticate func(address string, header http.Header, query url.Values, auth json.RawMessage) (claims any, expires time.Time, err error)

	// EventRate is how many events a second a user may send in the long run over all their sockets, EventBurst how many at
	// once. One connection may send as many, whoever it says it is. The sockets of an address that have no user yet may send ten
	// times as many together. Further events wait, up to a bound. Zero: no limit.
	EventRate, EventBurst int

	// Presence knows which users are in which rooms. Nil: a LocalPresence in which no room can be resumed.
	Presence Presence

	// SocketLeft is called when a socket that had joined a room is no longer in it. It must not block. Nil: it is not called.
	SocketLeft func(room string)

	// UserSockets is how many sockets a user may have. With one more, the oldest is closed. Zero: no limit.
	UserSockets int

	// UserOf returns the user of claims, for whose limits the socket counts before SetUser is called. Nil: only SetUser sets the user.
	UserOf func(claims any) string

	// IdentifyTimeout is how long events wait for the event that identifies the user (HandleIdentify) if they come before it.
	// Zero: they do not wait.
	IdentifyTimeout time.Duration

	// IOUring lets broadcasts be written with io_uring where the kernel allows it. Otherwise each write is a system call of its own.
	IOUring bool

	// DrainTime is how long Drain takes to close the sockets that have a user, one after the other, so that their clients do not all
	// connect to the other servers at once. Zero: it closes all at once.
	DrainTime time.Duration

	// Sent lists the events that Broadcast and Emit send, for Counts.
	Sent []string

	// FannedOut is given how long it took from a broadcast until the send queues of its room were written, or handed to a goroutine that
	// waits for a slow client. It must not block. Nil: it is not called.
	FannedOut func(time.Duration)

	Logger *slog.Logger
}

// Handler takes one event from a socket; arguments is the JSON array of what the client sent with it. The reply goes to the client
// if it asked for an acknowledgement, and must be encodable as JSON. Handlers of one socket run one after the other.
type Handler func(ctx context.Context, socket *Socket, arguments json.RawMessage) (reply any)

// Hub is all sockets of this process. It is the http.Handler of the path that clients use.
type Hub struct {
	options          Options
	transports       *engineio.Transports
	server           *socketio.Server
	served           chan struct{} // closed when the library has stopped serving
	presence         Presence
	fanouts          []*fanout
	workers          *workers
	limits           *limits // of users
	addressLimits    *limits // of the sockets without a user and the requests without a verified user, by engineio.NetworkOf
	addressBursts    *limits // of what the connections without a verified user may begin with, by engineio.NetworkOf
	onUserLeft       func(room, user string, state any)
	onRateLimited    func(socket *Socket, warn bool) (reply any)
	onTooManySockets func(socket *Socket)
	onUnknown        func(ctx context.Context, event string) (reply any)
	kinds            map[string]*eventKind // by event, those without a handler under tally.Other
	counters         counters

	waitingBytes atomic.Int64  // of the events that wait
	stopping     chan struct{} // closed when the hub drains

	mu       sync.RWMutex
	draining bool
	handling sync.WaitGroup // handlers, and goroutines of waiting events, that run
	handlers atomic.Int32   // how many handlers run
}

// New returns a hub that serves at once. Register handlers before the first client connects.
func New(options Options) *Hub {
	h := &Hub{
		options:          options,
		served:           make(chan struct{}),
		presence:         options.Presence,
		limits:           newLimits(options.EventRate, options.EventBurst, options.UserSockets),
		addressLimits:    newLimits(usersPerAddress*options.EventRate, usersPerAddress*options.EventBurst, 0),
		addressBursts:    newLimits(usersPerAddress*options.EventRate, usersPerAddress*options.EventBurst, 0),
		onUserLeft:       func(string, string, any) {},
		onRateLimited:    func(*Socket, bool) any { return nil },
		onTooManySockets: func(*Socket) {},
		onUnknown:        func(context.Context, string) any { return nil },
		kinds:            make(map[string]*eventKind),
		counters:         counters{sent: tally.New(options.Sent...)},
		stopping:         make(chan struct{}),
	}
	if h.presence == nil {
		h.presence = NewLocalPresence(0)
	}
	if h.options.Logger == nil {
		h.options.Logger = slog.Default()
	}
	if h.options.SocketLeft == nil {
		h.options.SocketLeft = func(string) {}
	}
	if h.options.FannedOut == nil {
		h.options.FannedOut = func(time.Duration) {}
	}
	if h.options.Refused == nil {
		h.options.Refused = func(string, string, string) {}
	}
	h.transports, h.server = engineio.New(engineio.Options{
		PingInterval: options.PingInterval, PingTimeout: options.PingTimeout, ConnectTimeout: options.ConnectTimeout,
		MaxPayload: options.MaxPayload, QueuePackets: options.QueuePackets, QueueBytes: options.QueueBytes,
		MaxSessions: options.MaxSessions, MaxFromNetwork: options.MaxFromNetwork, HandshakeRate: options.HandshakeRate,
		MemoryShort: options.MemoryShort, MaxPending: options.MaxPending, Node: options.Node, Keep: options.Keep, Refused: h.options.Refused,
		Authenticate: h.authenticate, NewLimiter: h.newConnectionLimiter, Logger: h.options.Logger,
	})
	h.fanouts = newFanouts(h)
	h.workers = newWorkers(h.stopping)
	h.server.OnConnect(roomNamespace, nil) // makes the namespace
	h.server.OnConnect(namespace, h.connected)
	h.server.OnDisconnect(namespace, h.disconnected)
	unknown := &eventKind{handle: func(s *Socket, t task) { h.acknowledge(t.event, h.onUnknown(s.ctx, t.event.Name)) }}
	h.kinds[tally.Other] = unknown
	h.transports.HandleOthers(namespace, func(conn socketio.Conn, e engineio.Event) {
		socket := socketOf(conn)
		if e.IsAcknowledgement() {
			socket.acknowledged()
			return
		}
		unknown.received.Add(1)
		socket.receive(task{event: e, arrived: time.Now(), eventKind: unknown})
	})
	go func() {
		defer close(h.served)
		_ = h.server.Serve() // returns io.EOF after Close, and nothing else
	}()
	return h
}

// Handle registers the handler of an event. It runs in a worker, for which the goroutine that reads waits.
func (h *Hub) Handle(event string, handler Handler) {
	h.handle(event, &eventKind{handle: h.inWorker(h.call(handler))})
}

// HandleInline registers the handler of a frequent event. It runs in the goroutine that reads, which need not wake a worker.
func (h *Hub) HandleInline(event string, handler Handler) {
	h.handle(event, &eventKind{handle: h.call(handler)})
}

// HandleIdentify registers the handler of the event that identifies a socket's user (SetUser). It runs before the events that
// wait for the user.
func (h *Hub) HandleIdentify(event string, handler Handler) {
	h.handle(event, &eventKind{handle: h.inWorker(h.call(handler)), identifies: true})
}

func (h *Hub) handle(event string, kind *eventKind) {
	h.kinds[event] = kind
	h.transports.Handle(namespace, event, func(conn socketio.Conn, e engineio.Event) {
		kind.received.Add(1)
		socketOf(conn).receive(task{event: e, arrived: time.Now(), eventKind: kind})
	})
}

func (h *Hub) call(handler Handler) func(*Socket, task) {
	return func(socket *Socket, t task) {
		if !h.begin() {
			return
		}
		defer h.end()
		socket.mu.Lock()
		defer socket.mu.Unlock()
		if socket.draining {
			return
		}
		socket.arrived, socket.acknowledges = t.arrived, t.event.WantsAcknowledgement()
		h.acknowledge(t.event, handler(socket.ctx, socket, t.event.Arguments.JSON))
	}
}

func (h *Hub) inWorker(handle func(*Socket, task)) func(*Socket, task) {
	return func(socket *Socket, t task) {
		h.workers.run(func() { handle(socket, t) })
	}
}

// begin counts a handler that starts. While the hub drains it returns false: the client sends the event again when it is back.
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

// beginWaiting counts a goroutine that starts to handle waiting events. While the hub drains it returns false.
func (h *Hub) beginWaiting() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if !h.draining {
		h.handling.Add(1)
	}
	return !h.draining
}

// reserveWaiting counts the bytes of an event that starts to wait, negative ones when it no longer waits. It returns false,
// and counts nothing, if all waiting events would exceed their bound.
func (h *Hub) reserveWaiting(size int) bool {
	if h.waitingBytes.Add(int64(size)) <= maxBytesOfAll || size < 0 {
		return true
	}
	h.waitingBytes.Add(-int64(size))
	return false
}

func (h *Hub) end() {
	h.handlers.Add(-1)
	h.handling.Done()
}

// OnUserLeft sets what is called when the connection of a user's last socket in a room broke. State is that socket's.
func (h *Hub) OnUserLeft(left func(room, user string, state any)) { h.onUserLeft = left }

// OnRateLimited sets what is called instead of an event's handler when the socket has sent too many events. Reply goes to the
// acknowledgement. Warn, true once a second at the most: it must warn the client as well, with Emit.
func (h *Hub) OnRateLimited(refuse func(socket *Socket, warn bool) (reply any)) {
	h.onRateLimited = refuse
}

// OnTooManySockets sets what is called for a socket that is about to be closed because its user has too many. It may Emit.
func (h *Hub) OnTooManySockets(notify func(socket *Socket)) { h.onTooManySockets = notify }

// OnUnknown sets what is called for an event that has no handler. Reply goes to the acknowledgement.
func (h *Hub) OnUnknown(unknown func(ctx context.Context, event string) (reply any)) {
	h.onUnknown = unknown
}

// Allow counts a request over HTTP as so many events of its user. Over the limit it returns how long the user has to wait, otherwise
// zero. Where nothing verifies the user it counts against the limit of the address, too. Address is host:port.
func (h *Hub) Allow(user, address string, events int) (wait time.Duration) {
	if h.options.UserOf == nil {
		wait = h.addressLimits.allow(engineio.NetworkOf(address), events)
	}
	if wait == 0 {
		wait = h.limits.allow(user, events)
	}
	if wait > 0 {
		h.counters.refusedRequests.Add(1)
	}
	return wait
}

func (h *Hub) acknowledge(e engineio.Event, reply any) {
	if !e.WantsAcknowledgement() {
		return
	}
	arguments, err := codec.MarshalArguments(reply)
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

// ConnectError refuses a connection with data beside the message.
type ConnectError = engineio.ConnectError

// identity is the result of authenticate, kept until the socket exists.
type identity struct {
	claims  any
	expires time.Time
}

func (h *Hub) authenticate(session *engineio.Session, _ string, auth json.RawMessage) (any, error) {
	if h.options.Authenticate == nil {
		return nil, nil
	}
	claims, expires, err := h.options.Authenticate(session.String(), session.Header(), session.Query(), auth)
	if err != nil {
		return nil, err
	}
	session.CloseAt(expires, "token expired")
	return identity{claims, expires}, nil
}

// connected runs when a client has joined the namespace, before any of its events.
func (h *Hub) connected(conn socketio.Conn) error {
	conn.Leave(conn.ID()) // the library makes a room for each connection, in a namespace that it walks through
	engineio.EndWriter(conn, func() { h.disconnected(conn, "") })
	session := engineio.SessionOf(conn)
	socket := &Socket{hub: h, ctx: session.LogContext(), member: member{Conn: conn, session: session}}
	socket.limiter.Store(h.addressLimits.limiter(engineio.NetworkOf(session.String())))
	if h.options.IdentifyTimeout > 0 {
		socket.waiting.awaitingUser = true
		socket.waiting.busy.Store(true)
	}
	if known, ok := session.Identity(namespace).(identity); ok {
		socket.claims, socket.expires = known.claims, known.expires
		if h.options.UserOf != nil {
			socket.count(h.options.UserOf(known.claims))
			socket.identifyLimiter = socket.limiter.Load()
		}
	}
	h.counters.connects.Add(1)
	conn.SetContext(socket)
	return nil
}

// disconnected runs when a client has left the namespace, and also for clients that were never in it.
func (h *Hub) disconnected(conn socketio.Conn, _ string) {
	if socket := socketOf(conn); socket != nil {
		socket.disconnected()
	}
}

func socketOf(conn socketio.Conn) *Socket {
	socket, _ := conn.Context().(*Socket)
	return socket
}
