package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	socketio "github.com/googollee/go-socket.io"
	upstream "github.com/googollee/go-socket.io/engineio"
	"github.com/googollee/go-socket.io/engineio/session"
	"github.com/googollee/go-socket.io/engineio/transport"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/logging"
)

const (
	transportPolling   = "polling"
	transportWebSocket = "websocket"
)

// revisions are the Engine.IO revisions that this package speaks, by the query parameter EIO that asks for them.
var revisions = map[string]int{"3": codec.Revision3, "4": codec.Revision4}

// Messages that every session sends.
var (
	pingMessage  = codec.NewMessage(codec.TextPacket("2"))
	pongMessage  = codec.NewMessage(codec.TextPacket("3"))
	noopMessage  = codec.NewMessage(codec.TextPacket("6"))
	closeMessage = codec.NewMessage(codec.TextPacket("1"))
)

// library is what Transports needs of the go-socket.io server that it carries: the Socket.IO one or the bare Engine.IO one.
type library interface {
	http.Handler
	Remove(sid string)
}

// Transports speaks Engine.IO 3 and 4 with clients over long-polling and WebSocket, and lets a go-socket.io server believe
// that it does so itself. It is an http.Handler for the path that clients use, normally /socket.io/.
type Transports struct {
	options  Options
	library  library
	socketIO *socketio.Server // nil at the Engine.IO level
	handlers map[string]*namespaceHandlers
	began    time.Time
	capacity *capacity
	pending  pendingSessions
	large    largeTotal
	openings openings
	counters *counters

	mu         sync.RWMutex
	sessions   map[string]*Session
	draining   bool
	handshakes sync.WaitGroup // requests that are inside the library, which must not be closed under them
	idle       chan struct{}  // closed when draining and no session is left
}

func newTransports(options Options) *Transports {
	redirectLibraryLog(options.Logger)
	options = options.withDefaults()
	return &Transports{
		options:  options,
		capacity: newCapacity(&options),
		handlers: make(map[string]*namespaceHandlers),
		began:    time.Now(),
		counters: newCounters(),
		sessions: make(map[string]*Session),
		idle:     make(chan struct{}),
	}
}

// New returns transports and the go-socket.io server that they carry. Register handlers with either, run the server's Serve
// in a goroutine, and give the transports to an HTTP server.
func New(options Options) (*Transports, *socketio.Server) {
	t := newTransports(options)
	t.socketIO = socketio.NewServer(t.libraryOptions())
	t.library = t.socketIO
	return t, t.socketIO
}

// NewEngine returns transports and the bare Engine.IO server that they carry: messages without Socket.IO's packets in them.
func NewEngine(options Options) (*Transports, *upstream.Server) {
	t := newTransports(options)
	server := upstream.NewServer(t.libraryOptions())
	t.library = server
	return t, server
}

func (t *Transports) libraryOptions() *upstream.Options {
	return &upstream.Options{
		PingInterval:       t.options.PingInterval,
		PingTimeout:        t.options.PingTimeout,
		Transports:         []transport.Transport{bridge{transportPolling}, bridge{transportWebSocket}},
		SessionIDGenerator: newSIDs(t.options.Node),
		ConnInitor: func(r *http.Request, conn upstream.Conn) {
			sessionOf(r).name(conn.ID())
		},
	}
}

// sids replaces the library's generator, which counts 1, 2, 3 and so lets anybody guess anybody's session.
type sids struct{ prefix string }

var _ session.IDGenerator = sids{}

func newSIDs(node string) sids {
	if node == "" {
		return sids{}
	}
	return sids{node + "."}
}

// NewID implements session.IDGenerator.
func (s sids) NewID() string { return s.prefix + randomID() }

func randomID() string {
	var id [20]byte
	_, _ = rand.Read(id[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// ServeHTTP serves handshakes, polls, posts and WebSockets of any known session. Whether the origin may do that has been checked
// before.
func (t *Transports) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	name := query.Get("transport")
	if name != transportPolling && name != transportWebSocket {
		t.refuse(w, errorTransportUnknown)
		return
	}
	revision, known := revisions[query.Get("EIO")]
	if !known {
		t.refuse(w, errorUnsupportedProtocol)
		return
	}
	sid := query.Get("sid")
	if sid == "" {
		t.serveHandshake(w, r, query, revision)
		return
	}
	s := t.session(sid)
	if s == nil || s.revision != revision || s.expired() || s.ended() {
		t.refuse(w, errorUnknownSID)
		return
	}
	switch {
	case name == transportWebSocket:
		s.serveProbe(w, r)
	case r.Method == http.MethodGet:
		s.servePoll(w, r)
	case r.Method == http.MethodPost:
		s.servePost(w, r)
	default:
		t.refuse(w, errorBadRequest)
	}
}

// serveHandshake begins a session: it gives the library a connection, which gives the session its id and, over polling, the
// request its answer as the first poll.
func (t *Transports) serveHandshake(w http.ResponseWriter, r *http.Request, query url.Values, revision int) {
	if r.Method != http.MethodGet {
		t.refuse(w, errorBadMethod)
		return
	}
	if over := t.admit(r.RemoteAddr); over != nil {
		t.counters.refused.Add(over.reason)
		t.options.Refused(over.kind, r.RemoteAddr, over.setting)
		over.answer(w)
		return
	}
	var ws *webSocket
	if query.Get("transport") == transportWebSocket {
		var err error
		if ws, err = upgradeWebSocket(w, r); err != nil {
			t.dismiss(r.RemoteAddr)
			t.handshakes.Done()
			t.refuse(w, errorBadRequest)
			return
		}
	}
	s := newSession(t, r, query, revision, ws)
	t.library.ServeHTTP(discardResponse{}, r.WithContext(context.WithValue(r.Context(), sessionKey{}, s)))
	select {
	case <-s.named:
	default: // the library has refused, which it has no reason to
		s.close("refused by the library", closeMessage)
		t.handshakes.Done()
		if ws == nil {
			t.refuse(w, errorBadRequest)
		}
		return
	}
	t.opened(s, r)
	if ws == nil {
		s.servePoll(w, r)
	}
}

// opened counts a session that has begun, and logs it with the id of its handshake.
func (t *Transports) opened(s *Session, handshake *http.Request) {
	began := s.firstCarrier()
	t.counters.opened[began].Add(1)
	t.options.Logger.DebugContext(logging.WithConnection(handshake.Context(), s.logID), "engine session opened",
		"transport", began.Transport, "revision", began.Revision)
}

// enter notes a handshake that is inside the library; the library's having registered the session takes it out.
func (t *Transports) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.draining {
		return false
	}
	t.handshakes.Add(1)
	return true
}

func (t *Transports) session(sid string) *Session {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.sessions[sid]
}

// Len returns the number of sessions.
func (t *Transports) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.sessions)
}

func (t *Transports) all() []*Session {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Collect(maps.Values(t.sessions))
}

// name gives the session its id and makes it known.
func (s *Session) name(id string) {
	s.id = id
	t := s.transports
	t.mu.Lock()
	t.sessions[id] = s
	t.mu.Unlock()
	close(s.named)
}

// registered runs when the library has registered the session. If the session has ended before, it was too early to be removed.
func (s *Session) registered() {
	defer s.transports.handshakes.Done()
	<-s.named // Drain closes the sessions that have an id, once none is on its way
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		s.transports.library.Remove(s.id)
	}
}

// forget removes an ended session here and in the library, which by itself forgets only sessions that it has begun to serve.
func (t *Transports) forget(s *Session) {
	t.counters.countEnd(s.reason)
	t.options.Logger.DebugContext(s.LogContext(), "engine session closed", "reason", s.reason)
	t.capacity.leave(s.remote)
	t.mu.RLock()
	id := s.id // not every session that ends has got one
	t.mu.RUnlock()
	t.library.Remove(id) // first: when the last is forgotten here, Drain returns
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sessions, id)
	if t.draining && len(t.sessions) == 0 {
		t.signalIdle()
	}
}

func (t *Transports) signalIdle() {
	select {
	case <-t.idle:
	default:
		close(t.idle)
	}
}

// Refuse refuses new sessions from now on. Those that are there go on.
func (t *Transports) Refuse() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.draining = true
}

// Drain refuses new sessions, lets those finish that are just beginning, and closes all of them; what has been queued for
// them still goes out. It returns when no session is left, or with ctx's error. Close the library's server after it, never
// before: a handshake that the library has not finished would panic.
func (t *Transports) Drain(ctx context.Context) error {
	t.Refuse()
	entered := make(chan struct{})
	go func() { // ends with the last handshake, which the library never holds up
		t.handshakes.Wait()
		close(entered)
	}()
	select {
	case <-entered:
	case <-ctx.Done():
		return ctx.Err()
	}
	t.mu.Lock()
	if len(t.sessions) == 0 {
		t.signalIdle()
	}
	t.mu.Unlock()
	for _, s := range t.all() {
		go s.Drain() // ends within upgradeGrace and overtakeTimeout; idle waits for it
	}
	select {
	case <-t.idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// httpError is one of the official server's refusals (engine.io, lib/server.ts, "errors").
type httpError struct {
	status  int
	reason  string // in Counts.Refused
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// The reasons of Counts.Refused.
const (
	reasonTransportUnknown    = "transport unknown"
	reasonSessionUnknown      = "session unknown"
	reasonBadMethod           = "bad method"
	reasonBadRequest          = "bad request"
	reasonUnsupportedProtocol = "unsupported protocol"
	reasonTooLarge            = "too large"
	reasonPending             = "too many pending"
	reasonStopping            = "shutting down"
	reasonSessions            = "too many connections"
	reasonNetwork             = "too many from one address"
	reasonRate                = "too many a second"
	reasonMemory              = "little memory"
)

var (
	errorTransportUnknown    = httpError{http.StatusBadRequest, reasonTransportUnknown, 0, "Transport unknown"}
	errorUnknownSID          = httpError{http.StatusBadRequest, reasonSessionUnknown, 1, "Session ID unknown"}
	errorBadMethod           = httpError{http.StatusBadRequest, reasonBadMethod, 2, "Bad handshake method"}
	errorBadRequest          = httpError{http.StatusBadRequest, reasonBadRequest, 3, "Bad request"}
	errorUnsupportedProtocol = httpError{http.StatusBadRequest, reasonUnsupportedProtocol, 5, "Unsupported protocol version"}
)

// refusalTimeout is how long a client may take to take a refusal.
const refusalTimeout = 10 * time.Second

func (t *Transports) refuse(w http.ResponseWriter, refusal httpError) {
	t.counters.refused.Add(refusal.reason)
	body, err := json.Marshal(refusal)
	if err != nil {
		panic(err) // a number and a string
	}
	_ = writeAnswer(w, refusal.status, typeJSON, body, refusalTimeout) // the client is gone if this fails
}

type sessionKey struct{}

func sessionOf(r *http.Request) *Session { return r.Context().Value(sessionKey{}).(*Session) }

// discardResponse is what the library answers to: the real answer comes from the session.
type discardResponse struct{}

func (discardResponse) Header() http.Header            { return http.Header{} }
func (discardResponse) Write(data []byte) (int, error) { return len(data), nil }
func (discardResponse) WriteHeader(int)                {}
