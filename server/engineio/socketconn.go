package engineio

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/googollee/go-socket.io/engineio/frame"
	upstream "github.com/googollee/go-socket.io/engineio/packet"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// maxRefusals is how many namespaces a session may be refused before it is closed.
const maxRefusals = 100

// socketConn carries Socket.IO packets between a session and the library. It checks what comes, answers CONNECT itself, and
// lets the library see only what cannot harm it. The library reads from one goroutine at a time and writes from one.
type socketConn struct {
	libraryConn

	// Of the reading goroutine.
	reader      packetReader
	undelivered []codec.Packet       // for the library, before anything else is received
	connected   []connectedNamespace // the namespaces that the client is in; changed under session.mu
	refusals    int                  // of CONNECT
	partial     *partial             // a binary packet whose attachments are coming
	event       Event                // the event whose handler runs

	// Of EndWriter, and of the reading goroutine after it.
	ended        func() // nil: the library calls OnDisconnect
	endingWriter bool

	// Of the writing goroutine.
	opened      bool // the library has written its automatic CONNECT
	outgoing    []codec.Packet
	outstanding int // attachments of the last packet in outgoing that the library has yet to write
}

// connectedNamespace is a namespace that the client is in, with the payload of its CONNECT and what Authenticate returned.
type connectedNamespace struct {
	namespace string
	auth      json.RawMessage
	identity  any
}

// noAuth is what a CONNECT without a payload means.
var noAuth = json.RawMessage("{}")

func (c *socketConn) isConnected(namespace string) bool {
	return slices.ContainsFunc(c.connected, func(m connectedNamespace) bool { return m.namespace == namespace })
}

// Auth returns the JSON object that the client sent to connect to a namespace; {} if it sent none, nil if it is not there.
func (s *Session) Auth(namespace string) json.RawMessage { return s.connectedNamespace(namespace).auth }

// Identity returns what Options.Authenticate returned for a namespace, nil if the client is not there.
func (s *Session) Identity(namespace string) any { return s.connectedNamespace(namespace).identity }

func (s *Session) connectedNamespace(namespace string) connectedNamespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.conn.connected {
		if m.namespace == namespace {
			return m
		}
	}
	return connectedNamespace{}
}

// partial is a binary packet that is not complete.
type partial struct {
	packet      codec.SocketPacket
	attachments [][]byte
	size        int
	timer       *time.Timer
}

// NextReader implements transport.FrameReader: it returns the next packet that is for the library.
func (c *socketConn) NextReader() (frame.Type, upstream.Type, io.ReadCloser, error) {
	c.event = Event{}
	for len(c.undelivered) == 0 {
		c.session.await()
		if err := c.receive(); err != nil {
			c.endReading()
			return 0, 0, nil, err
		}
	}
	next := c.undelivered[0]
	if c.undelivered = c.undelivered[1:]; len(c.undelivered) == 0 {
		c.undelivered = nil
	}
	c.reader.Reset(next.Data)
	return frameType(next.Binary), upstream.MESSAGE, &c.reader, nil
}

// NextWriter implements transport.FrameWriter.
func (c *socketConn) NextWriter(ft frame.Type, pt upstream.Type) (io.WriteCloser, error) {
	switch {
	case pt == upstream.OPEN: // held back: the library has not registered the session yet
		return &packetWriter{written: discardPacket}, nil
	case !c.opened:
		c.opened = true
		if err := c.openSession(); err != nil {
			return nil, err
		}
		return &packetWriter{written: discardPacket}, nil
	case ft == frame.Binary:
		return &packetWriter{written: c.writtenBinary}, nil
	default:
		return &packetWriter{written: c.writtenText}, nil
	}
}

// openSession runs when the library, having registered the session, writes its automatic CONNECT. It sends the handshake and waits
// until the client is in a namespace; only then does the library go on. In the meantime a session costs it one goroutine,
// and a client that never connects is never seen by a handler.
func (c *socketConn) openSession() error {
	s := c.session
	s.registered()
	s.conn = c
	if s.revision == codec.Revision3 { // that protocol connects to the root without being asked
		answer, err := c.authenticate(codec.SocketPacket{Namespace: codec.RootNamespace})
		s.open(answer)
		if err == nil {
			return nil
		}
	} else {
		s.open()
	}
	for len(c.connected) == 0 {
		c.session.await()
		if err := c.receive(); err != nil {
			return err
		}
	}
	return nil
}

// receive deals with one message of the client's, if there is one.
func (c *socketConn) receive() error {
	message, ok, err := c.session.receive()
	if err != nil || !ok {
		return err
	}
	if message.Binary || c.partial != nil {
		return c.receiveAttachment(message)
	}
	p, err := codec.ParseSocketPacket(message.Data)
	if err == nil && !p.IsAcknowledgement() { // an acknowledgement is dropped by its head
		err = p.Check()
	}
	if err != nil {
		return c.session.violation("bad Socket.IO packet")
	}
	if p.Type == codec.SocketConnect {
		c.session.awaitLimit()
		return c.connect(p)
	}
	if !c.isConnected(p.Namespace) {
		return c.session.violation("packet for a namespace that is not connected")
	}
	if p.Type == codec.SocketDisconnect {
		c.session.countPacket()
		c.disconnect(p.Namespace)
		return nil
	}
	if p.Attachments > 0 {
		if p.IsAcknowledgement() {
			p.Payload = nil
		} else {
			p.Payload = bytes.Clone(p.Payload) // it outlives this message
		}
		c.partial = &partial{packet: p, timer: time.AfterFunc(c.session.transports.options.AttachmentTimeout, func() {
			c.session.closeForViolation("attachments did not come")
		})}
		return nil
	}
	return c.dispatch(p, nil)
}

func (c *socketConn) receiveAttachment(message codec.Packet) error {
	partial := c.partial
	if !message.Binary || partial == nil {
		return c.session.violation("attachments out of order")
	}
	partial.size += len(message.Data)
	if partial.size > c.session.transports.options.MaxPayload {
		return c.session.violation("attachments over the limit")
	}
	var attachment []byte
	if !partial.packet.IsAcknowledgement() {
		attachment = bytes.Clone(message.Data)
	}
	partial.attachments = append(partial.attachments, attachment)
	if len(partial.attachments) < partial.packet.Attachments {
		return nil
	}
	partial.timer.Stop()
	c.partial = nil
	return c.dispatch(partial.packet, partial.attachments)
}

// dispatch hands an event to the library, or drops an acknowledgement.
func (c *socketConn) dispatch(p codec.SocketPacket, attachments [][]byte) error {
	if p.IsAcknowledgement() {
		c.acknowledged(p.Namespace)
		return nil
	}
	name, arguments, err := codec.SplitEvent(p.Payload)
	if err != nil {
		return c.session.violation("bad event")
	}
	if handlers := c.session.transports.handlers[p.Namespace]; handlers != nil {
		entry, known := handlers.events[string(name)]
		if !known && handlers.others != nil {
			entry, known = *handlers.others, true
			entry.name = string(name)
		}
		if known {
			c.event = Event{
				Name:      entry.name,
				Arguments: codec.Arguments{JSON: arguments, Attachments: attachments},
				session:   c.session, namespace: p.Namespace, id: p.ID,
			}
			c.deliver(entry.upstream, nil)
			return nil
		}
	}
	if codec.CheckPlaceholders(arguments, len(attachments)) != nil {
		return c.session.violation("bad placeholder")
	}
	c.deliver(codec.EncodeLibraryEvent(p.Namespace, p.ID, string(name), arguments, len(attachments)), attachments)
	return nil
}

// acknowledged lets the handler of HandleOthers count an acknowledgement. The library never sees one: the server asks for none.
func (c *socketConn) acknowledged(namespace string) {
	if handlers := c.session.transports.handlers[namespace]; handlers != nil && handlers.others != nil {
		c.event = Event{session: c.session, namespace: namespace, acknowledgement: true}
		c.deliver(handlers.others.upstream, nil)
	}
}

func (c *socketConn) deliver(text []byte, attachments [][]byte) {
	c.undelivered = append(c.undelivered, codec.Packet{Data: text})
	for _, attachment := range attachments {
		c.undelivered = append(c.undelivered, codec.Packet{Binary: true, Data: attachment})
	}
}

// connect answers a CONNECT. The library sees it when the client is let in, unless it is the first of the session and for the root,
// to which the library has connected every session already; if the client comes to the root after another namespace, the library's
// OnConnect runs once more.
func (c *socketConn) connect(p codec.SocketPacket) error {
	if c.isConnected(p.Namespace) {
		return c.session.violation("connected twice")
	}
	first := !c.session.wasConnected // which only this goroutine changes
	answer, err := c.authenticate(p)
	c.session.Send(answer)
	if err != nil {
		if c.refusals++; c.refusals > maxRefusals {
			return c.session.violation("refused too often")
		}
		return nil
	}
	if p.Namespace != codec.RootNamespace || !first {
		c.deliver(codec.SocketPacket{Type: codec.SocketConnect, Namespace: p.Namespace}.Append(nil), nil)
	}
	return nil
}

// authenticate decides on a CONNECT. It returns the answer to send, and the error if it refuses.
func (c *socketConn) authenticate(p codec.SocketPacket) (answer *codec.Message, err error) {
	t, s := c.session.transports, c.session
	var identity any
	auth := noAuth
	if len(p.Payload) > 0 {
		auth = bytes.Clone(p.Payload)
	}
	if t.socketIO.RoomLen(p.Namespace, "") < 0 { // how the library tells that a namespace has no handler
		err = errInvalidNamespace
	} else {
		identity, err = t.options.Authenticate(s, p.Namespace, auth)
	}
	if err == nil {
		s.mu.Lock()
		c.connected = append(c.connected, connectedNamespace{p.Namespace, auth, identity})
		s.mu.Unlock()
		s.enteredNamespace()
	}
	return connectAnswer(s.revision, p.Namespace, err), err
}

// connectAnswer encodes the answer to a CONNECT: CONNECT with an id of the socket, or CONNECT_ERROR.
func connectAnswer(revision int, namespace string, refusal error) *codec.Message {
	answer := codec.SocketPacket{Type: codec.SocketConnect, Namespace: namespace}
	var content any
	switch {
	case refusal != nil:
		answer.Type, content = codec.SocketConnectError, refusalPayload(revision, refusal)
	case revision == codec.Revision4:
		content = struct {
			SID string `json:"sid"`
		}{randomID()}
	}
	if content != nil {
		text, err := json.Marshal(content)
		if err != nil {
			panic(err) // a programmer's mistake: data of a ConnectError that is no JSON
		}
		answer.Payload = text
	}
	return codec.NewMessage(answer.MessagePacket())
}

func (c *socketConn) disconnect(namespace string) {
	s := c.session
	s.mu.Lock()
	c.connected = slices.DeleteFunc(c.connected, func(m connectedNamespace) bool { return m.namespace == namespace })
	s.mu.Unlock()
	if len(c.connected) == 0 {
		s.awaitNamespace()
	}
	c.deliver(codec.SocketPacket{Type: codec.SocketDisconnect, Namespace: namespace}.Append(nil), nil)
}

// writtenText takes a packet from the library. CONNECT has been answered already; acknowledgements that the client did not ask for, which
// the library sends whenever a handler returns something, and packets for a namespace that the client is not in are dropped.
func (c *socketConn) writtenText(data []byte) error {
	p, err := codec.ParseSocketPacket(bytes.TrimRight(data, "\n"))
	if err != nil {
		return err
	}
	s := c.session
	s.mu.Lock()
	connected := c.isConnected(p.Namespace)
	s.mu.Unlock()
	unasked := p.IsAcknowledgement() && p.ID == ""
	c.outstanding = p.Attachments
	c.outgoing = nil
	if p.Type == codec.SocketConnect || unasked || !connected {
		return nil
	}
	c.outgoing = []codec.Packet{p.MessagePacket()}
	c.sendComplete()
	return nil
}

func (c *socketConn) writtenBinary(data []byte) error {
	c.outstanding--
	if c.outgoing != nil {
		c.outgoing = append(c.outgoing, codec.Packet{Binary: true, Data: bytes.Clone(data)})
		c.sendComplete()
	}
	return nil
}

// sendComplete sends what the library has written once all of it is there: other packets must not come between.
func (c *socketConn) sendComplete() {
	if c.outstanding == 0 {
		c.session.Send(codec.NewMessage(c.outgoing...))
		c.outgoing = nil
	}
}
