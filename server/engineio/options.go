package engineio

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"
)

// Options configures Transports. The zero value of every field means its default.
type Options struct {
	// PingInterval is the time between two pings (default 25 s), PingTimeout how long after it a peer that has
	// not answered is disconnected (default 20 s). Engine.IO 4: the server pings. Engine.IO 3: the client does.
	PingInterval time.Duration
	PingTimeout  time.Duration

	// ConnectTimeout closes a session that has no namespace connected for so long (default 45 s).
	ConnectTimeout time.Duration

	// UpgradeTimeout ends a WebSocket probe that is not finished by then; polling goes on (default 10 s).
	UpgradeTimeout time.Duration

	// AttachmentTimeout closes a session whose binary packet is not complete by then (default 10 s).
	AttachmentTimeout time.Duration

	// MaxPayload is the most bytes of one message, of one polling body, and of the attachments of one packet
	// together (default 1,000,000). It is announced to the client in the handshake.
	MaxPayload int

	// MaxPending is how many sessions may have no namespace connected at a time (default 5,000). One more closes the oldest of them if
	// that has had none for MinPendingTime (default 5 s), which is enough for a client that means to connect. Otherwise its handshake
	// is answered 503 with Retry-After.
	MaxPending     int
	MinPendingTime time.Duration

	// MaxSessions is how many sessions there may be at a time, MaxFromNetwork how many of clients from one network (NetworkOf).
	// HandshakeRate is how many may begin in a second, and at once. Zero: no limit. MemoryShort reports that the process has too little
	// memory for one more; nil: never. A handshake over a limit is answered 503, or 429 over MaxFromNetwork, with Retry-After.
	MaxSessions, MaxFromNetwork, HandshakeRate int
	MemoryShort                                func() bool

	// Node is the name of this server among several behind a balancer. Session ids begin with it and a dot, so that the balancer
	// finds the server of a session. Empty: they do not.
	Node string

	// QueuePackets and QueueBytes bound what waits for one client to read it (default 4,096 packets, 4 MiB). A client
	// that is further behind is disconnected; it reconnects and fetches the state again. Two messages over a quarter of
	// QueueBytes, and each up to four times QueueBytes, may wait beside them: they are what a client asked for, not a sign
	// that it is slow.
	QueuePackets int
	QueueBytes   int

	// Keep chooses what of a handshake's header and query Session.Header and Session.Query return later. What it returns must
	// not refer to the rest, which a browser makes several kilobytes of. Nil keeps everything.
	Keep func(header http.Header, query url.Values) (http.Header, url.Values)

	// Authenticate decides whether a session may connect to a namespace. Auth is the JSON object of the client's
	// CONNECT packet, {} if there was none; Engine.IO 3 clients never send one. Session.Identity returns what it
	// returned. The error's text goes to the client: as
	// connect_error's message, with the data of a *ConnectError, to Engine.IO 3 clients as the error event. Nil lets everybody in. It may block, and
	// holds up only the session that it is called for.
	Authenticate func(session *Session, namespace string, auth json.RawMessage) (identity any, err error)

	// NewLimiter returns the limit on the Socket.IO packets of a new session from this address, or nil for no limit. A CONNECT over it
	// waits, and the server does not read on. A DISCONNECT counts and does not wait. Events are for their handler to count
	// (Session.Limiter). The limit stays when the client leaves a namespace and connects again. Nil: no session has a limit.
	NewLimiter func(address string) *rate.Limiter

	// Refused is called for clients that exceed a limit of this package. Kind is one of a few fixed texts. May be nil.
	Refused func(kind, address, reason string)

	// Logger gets the library's own log and every closed session, both at debug level (default: slog.Default).
	Logger *slog.Logger
}

// maxUnconnected is the most bytes of a message or polling body of a client that is in no namespace yet, if MaxPayload is not less.
// It holds a CONNECT with a token. The server parses it before it knows who the client is.
const maxUnconnected = 16 << 10

// maxPings is how many pings of an Engine.IO 3 client are answered within one ping interval.
const maxPings = 100

func (o Options) withDefaults() Options {
	setDefault(&o.PingInterval, 25*time.Second)
	setDefault(&o.PingTimeout, 20*time.Second)
	setDefault(&o.ConnectTimeout, 45*time.Second)
	setDefault(&o.UpgradeTimeout, 10*time.Second)
	setDefault(&o.AttachmentTimeout, 10*time.Second)
	setDefault(&o.MaxPayload, 1_000_000)
	setDefault(&o.MaxPending, 5000)
	setDefault(&o.MinPendingTime, 5*time.Second)
	setDefault(&o.QueuePackets, 4096)
	setDefault(&o.QueueBytes, 4<<20)
	if o.Keep == nil {
		o.Keep = func(header http.Header, query url.Values) (http.Header, url.Values) { return header, query }
	}
	if o.Refused == nil {
		o.Refused = func(string, string, string) {}
	}
	if o.MemoryShort == nil {
		o.MemoryShort = func() bool { return false }
	}
	if o.Authenticate == nil {
		o.Authenticate = func(*Session, string, json.RawMessage) (any, error) { return nil, nil }
	}
	if o.NewLimiter == nil {
		o.NewLimiter = func(string) *rate.Limiter { return nil }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// peerTimeout is how long a client may send no heartbeat before it is disconnected, and how long it may take to send a body, or to
// take an answer or a part of what is queued for it.
func (o *Options) peerTimeout() time.Duration { return o.PingInterval + o.PingTimeout }

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
