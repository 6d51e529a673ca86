package engineio

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Options configures Transports. The zero value of every field means its default.
type Options struct {
	// PingInterval is the time between two pings (default 25 s), PingTimeout how long after it a peer that has
	// not answered is given up (default 20 s). Engine.IO 4: the server pings. Engine.IO 3: the client does.
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

	// QueuePackets and QueueBytes bound what waits for one client to read it (default 4,096 packets, 4 MiB). A client
	// that is further behind is closed: it comes back and asks anew, and has held up nobody.
	QueuePackets int
	QueueBytes   int

	// AllowOrigin decides on requests that carry an Origin header, which browsers always do where it matters; requests
	// without one are let through. Nil allows the origin whose host and port are those of the request.
	AllowOrigin func(origin string, request *http.Request) bool

	// Authenticate decides whether a session may connect to a namespace. Auth is the JSON object of the client's
	// CONNECT packet, {} if there was none; Engine.IO 3 clients never send one. Session.Identity returns what it
	// returned. The error's text goes to the client: as
	// connect_error's message, to Engine.IO 3 clients as the error event. Nil lets everybody in. It may block, and
	// holds up only the session that it is called for.
	Authenticate func(session *Session, namespace string, auth json.RawMessage) (identity any, err error)

	// Logger gets the library's own noise and every closed session, both at debug level (default: slog.Default).
	Logger *slog.Logger
}

// maxAttachments is the most binary attachments that one packet may announce. Upstream allocates as many as the client
// says (go-socket.io, parser/decoder.go), so that 50 bytes end the process.
const maxAttachments = 10

// maxPayloadPackets is the most packets of one polling body. A client that was offline sends hundreds at once.
const maxPayloadPackets = 10_000

// maxPings is how many pings of an Engine.IO 3 client are answered within one ping interval.
const maxPings = 100

func (o Options) withDefaults() Options {
	setDefault(&o.PingInterval, 25*time.Second)
	setDefault(&o.PingTimeout, 20*time.Second)
	setDefault(&o.ConnectTimeout, 45*time.Second)
	setDefault(&o.UpgradeTimeout, 10*time.Second)
	setDefault(&o.AttachmentTimeout, 10*time.Second)
	setDefault(&o.MaxPayload, 1_000_000)
	setDefault(&o.QueuePackets, 4096)
	setDefault(&o.QueueBytes, 4<<20)
	if o.AllowOrigin == nil {
		o.AllowOrigin = sameHost
	}
	if o.Authenticate == nil {
		o.Authenticate = func(*Session, string, json.RawMessage) (any, error) { return nil, nil }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// patience is how long nothing may be heard of a client before it is given up, and also how long it may take to send a body, or to
// take an answer or a part of what is queued for it.
func (o *Options) patience() time.Duration { return o.PingInterval + o.PingTimeout }

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func sameHost(origin string, request *http.Request) bool {
	parsed, err := url.Parse(origin)
	return err == nil && parsed.Host != "" && parsed.Host == request.Host
}
