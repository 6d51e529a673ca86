package engineio

import (
	"bytes"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Event is an event from a client. Its contents are good only while its handler runs; those of a Clone for longer.
type Event struct {
	Name      string
	Arguments codec.Arguments

	session         *Session
	namespace       string
	id              string
	acknowledgement bool
}

// Clone returns a copy of the event that is good after its handler, too.
func (e Event) Clone() Event {
	e.Arguments.JSON = bytes.Clone(e.Arguments.JSON)
	return e // every attachment has been copied for it already
}

// IsAcknowledgement returns whether this is no event but an acknowledgement, without name and arguments (HandleOthers).
func (e Event) IsAcknowledgement() bool { return e.acknowledgement }

// WantsAcknowledgement returns whether the client waits for an acknowledgement.
func (e Event) WantsAcknowledgement() bool { return e.id != "" }

// Acknowledge answers the client, if it wants that. It never blocks. Call it once.
func (e Event) Acknowledge(arguments codec.Arguments) {
	if e.id == "" {
		return
	}
	e.session.Send(codec.EncodeAcknowledgement(e.namespace, e.id, arguments))
}

// Handler takes an event with all its arguments as they came. Handlers of one session run one after the other, in the order in
// which the events came.
type Handler func(conn socketio.Conn, event Event)

// namespaceHandlers are the handlers of one namespace.
type namespaceHandlers struct {
	events map[string]registered
	others *registered
}

// registered is a handler and the packet that makes the library call it.
type registered struct {
	name     string
	upstream []byte
}

// othersEvent is how the library knows the handler of HandleOthers.
const othersEvent = "*"

// Handle makes handler take an event in a namespace. Other than a handler given to the server's own OnEvent it gets whatever
// arguments the client sent, their JSON undecoded, and acknowledges when it likes. It must be called before serving.
func (t *Transports) Handle(namespace, event string, handler Handler) {
	t.handle(namespace).events[event] = t.register(namespace, event, handler)
}

// HandleOthers makes handler take all events in a namespace that Handle has not been called for. Without it they go to the
// server's own handlers, which ignore what they do not know, but acknowledge it. It also takes the acknowledgements that
// clients send, so that they can be counted. Their contents are not read: the server asks for none.
func (t *Transports) HandleOthers(namespace string, handler Handler) {
	others := t.register(namespace, othersEvent, handler)
	t.handle(namespace).others = &others
}

func (t *Transports) handle(namespace string) *namespaceHandlers {
	if t.handlers[namespace] == nil {
		t.handlers[namespace] = &namespaceHandlers{events: make(map[string]registered)}
	}
	return t.handlers[namespace]
}

func (t *Transports) register(namespace, event string, handler Handler) registered {
	t.socketIO.OnEvent(namespace, event, func(conn socketio.Conn) {
		c, returned := SessionOf(conn).conn, false
		defer func() {
			if !returned {
				c.panicked()
			}
		}()
		handler(conn, c.event)
		returned = true
	})
	return registered{event, codec.EncodeLibraryEvent(namespace, "", event, []byte("[]"), 0)}
}

// SessionOf returns the session behind a connection of go-socket.io's.
func SessionOf(conn socketio.Conn) *Session { return conn.RemoteAddr().(*Session) }
