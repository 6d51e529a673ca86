package engineio

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/googollee/go-socket.io/engineio/frame"
	upstream "github.com/googollee/go-socket.io/engineio/packet"
)

// maxRefusals is how many namespaces a session may be refused before it is closed.
const maxRefusals = 100

// socketConn carries Socket.IO packets between a session and the library. It checks what comes, answers CONNECT itself, and
// lets the library see only what cannot harm it. The library reads from one goroutine at a time and writes from one.
type socketConn struct {
	libraryConn

	// Of the reading goroutine.
	reader      packetReader
	undelivered []packet     // for the library, before anything else is received
	connected   []membership // the namespaces that the client is in; changed under session.mu
	refusals    int          // of CONNECT
	partial     *partial     // a binary packet whose attachments are coming
	event       Event        // the event whose handler runs

	// Of the writing goroutine.
	greeted     bool // the library has written its automatic CONNECT
	outgoing    []packet
	outstanding int // attachments of the last packet in outgoing that the library has yet to write
}

// membership is a namespace that the client is in, the payload of the CONNECT that let it in, and what Authenticate made of it.
type membership struct {
	namespace string
	auth      json.RawMessage
	identity  any
}

// noAuth is what a CONNECT without a payload means.
var noAuth = json.RawMessage("{}")

func (c *socketConn) isConnected(namespace string) bool {
	return slices.ContainsFunc(c.connected, func(m membership) bool { return m.namespace == namespace })
}

// Auth returns the JSON object that the client sent to connect to a namespace; {} if it sent none, nil if it is not there.
func (s *Session) Auth(namespace string) json.RawMessage { return s.membership(namespace).auth }

// Identity returns what Options.Authenticate returned for a namespace, nil if the client is not there.
func (s *Session) Identity(namespace string) any { return s.membership(namespace).identity }

func (s *Session) membership(namespace string) membership {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.conn.connected {
		if m.namespace == namespace {
			return m
		}
	}
	return membership{}
}

// partial is a binary packet that is not complete.
type partial struct {
	packet      socketPacket
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
			return 0, 0, nil, err
		}
	}
	next := c.undelivered[0]
	if c.undelivered = c.undelivered[1:]; len(c.undelivered) == 0 {
		c.undelivered = nil
	}
	c.reader.Reset(next.data)
	return frameType(next.binary), upstream.MESSAGE, &c.reader, nil
}

// NextWriter implements transport.FrameWriter.
func (c *socketConn) NextWriter(ft frame.Type, pt upstream.Type) (io.WriteCloser, error) {
	switch {
	case pt == upstream.OPEN: // held back: the library has not registered the session yet
		return &packetWriter{written: discardPacket}, nil
	case !c.greeted:
		c.greeted = true
		if err := c.greet(); err != nil {
			return nil, err
		}
		return &packetWriter{written: discardPacket}, nil
	case ft == frame.Binary:
		return &packetWriter{written: c.writtenBinary}, nil
	default:
		return &packetWriter{written: c.writtenText}, nil
	}
}

// greet runs when the library, having registered the session, writes its automatic CONNECT. It sends the handshake and waits
// until the client is in a namespace; only then does the library go on. In the meantime a session costs it one goroutine,
// and a client that never connects is never seen by a handler.
func (c *socketConn) greet() error {
	s := c.session
	s.registered()
	s.conn = c
	if s.revision == revision3 { // that protocol connects to the root without being asked
		answer, err := c.admit(socketPacket{namespace: rootNamespace})
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
	if message.binary || c.partial != nil {
		return c.receiveAttachment(message)
	}
	p, err := parseSocketPacket(message.data)
	if err == nil && !p.isAcknowledgement() { // an acknowledgement is dropped by its head
		err = p.check()
	}
	if err != nil {
		return c.session.violated("bad Socket.IO packet")
	}
	if p.kind == socketConnect {
		return c.connect(p)
	}
	if !c.isConnected(p.namespace) {
		return c.session.violated("packet for a namespace that is not connected")
	}
	if p.kind == socketDisconnect {
		c.disconnect(p.namespace)
		return nil
	}
	if p.attachments > 0 {
		if p.isAcknowledgement() {
			p.payload = nil
		} else {
			p.payload = bytes.Clone(p.payload) // it outlives this message
		}
		c.partial = &partial{packet: p, timer: time.AfterFunc(c.session.transports.options.AttachmentTimeout, func() {
			c.session.close("attachments did not come", closeMessage)
		})}
		return nil
	}
	return c.dispatch(p, nil)
}

func (c *socketConn) receiveAttachment(message packet) error {
	partial := c.partial
	if !message.binary || partial == nil {
		return c.session.violated("attachments out of order")
	}
	partial.size += len(message.data)
	if partial.size > c.session.transports.options.MaxPayload {
		return c.session.violated("attachments over the limit")
	}
	var attachment []byte
	if !partial.packet.isAcknowledgement() {
		attachment = bytes.Clone(message.data)
	}
	partial.attachments = append(partial.attachments, attachment)
	if len(partial.attachments) < partial.packet.attachments {
		return nil
	}
	partial.timer.Stop()
	c.partial = nil
	return c.dispatch(partial.packet, partial.attachments)
}

// dispatch hands an event to the library, or drops an acknowledgement.
func (c *socketConn) dispatch(p socketPacket, attachments [][]byte) error {
	if p.isAcknowledgement() {
		c.acknowledged(p.namespace)
		return nil
	}
	name, arguments, err := splitEvent(p.payload)
	if err != nil {
		return c.session.violated("bad event")
	}
	if handlers := c.session.transports.handlers[p.namespace]; handlers != nil {
		entry, known := handlers.events[string(name)]
		if !known && handlers.others != nil {
			entry, known = *handlers.others, true
			entry.name = string(name)
		}
		if known {
			c.event = Event{
				Name:      entry.name,
				Arguments: Arguments{JSON: arguments, Attachments: attachments},
				session:   c.session, namespace: p.namespace, id: p.id,
			}
			c.deliver(entry.upstream, nil)
			return nil
		}
	}
	if checkPlaceholders(arguments, len(attachments)) != nil {
		return c.session.violated("bad placeholder")
	}
	text := libraryEvent(p.namespace, p.id, string(name), arguments)
	if len(attachments) > 0 {
		head := appendHead(nil, socketBinaryEvent, len(attachments), p.namespace, p.id)
		text = append(head, text[len(appendHead(nil, socketEvent, 0, p.namespace, p.id)):]...)
	}
	c.deliver(text, attachments)
	return nil
}

// acknowledged lets the handler of HandleOthers count an acknowledgement. The library never sees one: nobody is asked for any.
func (c *socketConn) acknowledged(namespace string) {
	if handlers := c.session.transports.handlers[namespace]; handlers != nil && handlers.others != nil {
		c.event = Event{session: c.session, namespace: namespace, acknowledgement: true}
		c.deliver(handlers.others.upstream, nil)
	}
}

// libraryEvent encodes an event for the library, whose parser ends an event's name at the first comma or bracket.
func libraryEvent(namespace, id, name string, arguments []byte) []byte {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(err) // a string
	}
	escaped := strings.NewReplacer(",", `\u002c`, "]", `\u005d`).Replace(string(quoted))
	data := append(appendHead(nil, socketEvent, 0, namespace, id), '[')
	data = append(data, escaped...)
	if len(arguments) > 2 {
		data = append(data, ',')
		return append(data, arguments[1:]...)
	}
	return append(data, ']')
}

func (c *socketConn) deliver(text []byte, attachments [][]byte) {
	c.undelivered = append(c.undelivered, packet{data: text})
	for _, attachment := range attachments {
		c.undelivered = append(c.undelivered, packet{binary: true, data: attachment})
	}
}

// connect answers a CONNECT. The library sees it when the client is let in, unless it is the first of the session and for the root,
// to which the library has connected every session already; if the client comes to the root after another namespace, the library's
// OnConnect runs once more.
func (c *socketConn) connect(p socketPacket) error {
	if c.isConnected(p.namespace) {
		return c.session.violated("connected twice")
	}
	first := !c.session.admitted // which only this goroutine changes
	answer, err := c.admit(p)
	c.session.Send(answer)
	if err != nil {
		if c.refusals++; c.refusals > maxRefusals {
			return c.session.violated("refused too often")
		}
		return nil
	}
	if p.namespace != rootNamespace || !first {
		c.deliver(appendHead(nil, socketConnect, 0, p.namespace, ""), nil)
	}
	return nil
}

// admit decides on a CONNECT and returns its answer, the error being the reason for a refusal.
func (c *socketConn) admit(p socketPacket) (answer *Message, err error) {
	t, s := c.session.transports, c.session
	var identity any
	auth := noAuth
	if len(p.payload) > 0 {
		auth = bytes.Clone(p.payload)
	}
	if t.socketIO.RoomLen(p.namespace, "") < 0 { // how the library tells that a namespace has no handler
		err = errInvalidNamespace
	} else {
		identity, err = t.options.Authenticate(s, p.namespace, auth)
	}
	kind, reply := byte(socketConnect), any(nil)
	switch {
	case err != nil:
		kind, reply = socketConnectError, refusalPayload(s.revision, err)
	case s.revision == revision4:
		reply = map[string]string{"sid": randomID()}
	}
	data := appendHead([]byte{packetMessage}, kind, 0, p.namespace, "")
	if reply != nil {
		text, marshalError := json.Marshal(reply)
		if marshalError != nil {
			panic(marshalError) // a programmer's mistake: ConnectError.Data that is no JSON
		}
		data = append(data, text...)
	}
	if err == nil {
		s.mu.Lock()
		c.connected = append(c.connected, membership{p.namespace, auth, identity})
		s.mu.Unlock()
		s.hasNamespace()
	}
	return newMessage(packet{data: data}), err
}

func (c *socketConn) disconnect(namespace string) {
	s := c.session
	s.mu.Lock()
	c.connected = slices.DeleteFunc(c.connected, func(m membership) bool { return m.namespace == namespace })
	s.mu.Unlock()
	if len(c.connected) == 0 {
		s.awaitNamespace()
	}
	c.deliver(appendHead(nil, socketDisconnect, 0, namespace, ""), nil)
}

// writtenText takes a packet from the library. CONNECT has been answered already; acknowledgements that nobody asked for, which
// the library sends whenever a handler returns something, and packets for a namespace that the client is not in are dropped.
func (c *socketConn) writtenText(data []byte) error {
	p, err := parseSocketPacket(bytes.TrimRight(data, "\n"))
	if err != nil {
		return err
	}
	s := c.session
	s.mu.Lock()
	connected := c.isConnected(p.namespace)
	s.mu.Unlock()
	unasked := (p.kind == socketAck || p.kind == socketBinaryAck) && p.id == ""
	c.outstanding = p.attachments
	c.outgoing = nil
	if p.kind == socketConnect || unasked || !connected {
		return nil
	}
	text := appendHead([]byte{packetMessage}, p.kind, p.attachments, p.namespace, p.id)
	c.outgoing = []packet{{data: append(text, p.payload...)}}
	c.sendComplete()
	return nil
}

func (c *socketConn) writtenBinary(data []byte) error {
	c.outstanding--
	if c.outgoing != nil {
		c.outgoing = append(c.outgoing, packet{binary: true, data: bytes.Clone(data)})
		c.sendComplete()
	}
	return nil
}

// sendComplete sends what the library has written once all of it is there: other packets must not come between.
func (c *socketConn) sendComplete() {
	if c.outstanding == 0 {
		c.session.Send(newMessage(c.outgoing...))
		c.outgoing = nil
	}
}
