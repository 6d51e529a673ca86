package engineio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	socketio "github.com/googollee/go-socket.io"
)

// Arguments are the arguments of an event or of an acknowledgement: a JSON array and the binary attachments that the
// placeholders in it, {"_placeholder":true,"num":0}, stand for.
type Arguments struct {
	JSON        json.RawMessage
	Attachments [][]byte
}

// MarshalArguments encodes values as arguments. A single json.RawMessage is taken as it is, without another look: it must
// be valid. It returns encoding/json's errors.
func MarshalArguments(values ...any) (Arguments, error) {
	if len(values) == 1 {
		if encoded, ok := values[0].(json.RawMessage); ok {
			return Arguments{JSON: slices.Concat([]byte("["), encoded, []byte("]"))}, nil
		}
	}
	if values == nil {
		values = []any{}
	}
	text, err := json.Marshal(values)
	return Arguments{JSON: text}, err
}

// EncodeEvent encodes an event once for all the sessions that it is sent to. Arguments.JSON must be an array.
func EncodeEvent(namespace, name string, arguments Arguments) *Message {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(fmt.Sprintf("encode event name %q: %v", name, err)) // a string
	}
	kind := byte(socketEvent)
	if len(arguments.Attachments) > 0 {
		kind = socketBinaryEvent
	}
	data := make([]byte, 0, len(namespace)+len(quoted)+len(arguments.JSON)+16)
	data = append(data, packetMessage)
	data = appendHead(data, kind, len(arguments.Attachments), namespace, "")
	data = append(data, '[')
	data = append(data, quoted...)
	if inner := arguments.JSON[1:]; len(inner) > 1 {
		data = append(data, ',')
		data = append(data, inner...)
	} else {
		data = append(data, ']')
	}
	return withAttachments(data, arguments.Attachments)
}

func withAttachments(text []byte, attachments [][]byte) *Message {
	packets := make([]packet, 1, 1+len(attachments))
	packets[0] = packet{data: text}
	for _, attachment := range attachments {
		packets = append(packets, packet{binary: true, data: attachment})
	}
	return newMessage(packets...)
}

// Event is an event from a client. Its contents are good only while its handler runs; those of a Clone for longer.
type Event struct {
	Name      string
	Arguments Arguments

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

// IsAcknowledgement tells whether this is no event but an acknowledgement, without name and arguments (HandleOthers).
func (e Event) IsAcknowledgement() bool { return e.acknowledgement }

// WantsAcknowledgement tells whether the client waits for an acknowledgement.
func (e Event) WantsAcknowledgement() bool { return e.id != "" }

// Acknowledge answers the client, if it wants that. It never blocks. Call it once.
func (e Event) Acknowledge(arguments Arguments) {
	if e.id == "" {
		return
	}
	kind := byte(socketAck)
	if len(arguments.Attachments) > 0 {
		kind = socketBinaryAck
	}
	data := appendHead([]byte{packetMessage}, kind, len(arguments.Attachments), e.namespace, e.id)
	e.session.Send(withAttachments(append(data, arguments.JSON...), arguments.Attachments))
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
// clients send, so that they can be counted. What is in them is read by nobody: no client is asked for one.
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
		handler(conn, SessionOf(conn).conn.event)
	})
	return registered{event, libraryEvent(namespace, "", event, []byte("[]"))}
}

// SessionOf returns the session behind a connection of go-socket.io's.
func SessionOf(conn socketio.Conn) *Session { return conn.RemoteAddr().(*Session) }
