// Package emitter reads what the official @socket.io/redis-emitter publishes in Redis, so that other back ends can send events to the
// sockets in a room. It knows rooms and events, and nothing of attendance. All of it is functions over bytes.
package emitter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tinylib/msgp/msgp"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Emit is an event for every socket in at least one of Rooms and in none of Except.
type Emit struct {
	Rooms, Except []string
	Event         string
	Arguments     codec.Arguments
}

// The channels on which the emitter publishes with its default key: events, and commands.
const (
	Channels = "socket.io#*"
	Commands = "socket.io-request#*"
)

// Why a message is ignored.
var (
	ErrCommand   = errors.New("commands are not supported")
	ErrTooLarge  = errors.New("the message is larger than MAX_PAYLOAD")
	ErrMalformed = errors.New("the message is not one of the emitter's")
	ErrSender    = errors.New("another Socket.IO server sent it")
	ErrNamespace = errors.New("it is for another namespace than /")
	ErrRoom      = errors.New("it names another room than that of a class")
	ErrEvent     = errors.New("its event has no name or a reserved one")
)

// sender is what the emitter puts first into each message. Servers with the Redis adapter put an id of their own.
const sender = "emitter"

// Parse reads a message of at most maxSize bytes from one of the channels. Every room must begin with roomPrefix. An error is one
// of those above. The messages are MessagePack: [sender, {type, data: [event, ...arguments], nsp}, {rooms, except, flags}].
func Parse(channel, message, roomPrefix string, maxSize int) (Emit, error) {
	switch {
	case !strings.HasPrefix(channel, strings.TrimSuffix(Channels, "*")):
		return Emit{}, ErrCommand
	case len(message) > maxSize:
		return Emit{}, ErrTooLarge
	}
	p := parser{namespace: "/"}
	if err := p.message([]byte(message)); err != nil {
		return Emit{}, err
	}
	foreign := func(room string) bool { return !strings.HasPrefix(room, roomPrefix) }
	switch {
	case p.namespace != "/":
		return Emit{}, ErrNamespace
	case p.emit.Event == "" || codec.IsReservedEvent(p.emit.Event):
		return Emit{}, ErrEvent
	case len(p.emit.Rooms) == 0 || slices.ContainsFunc(p.emit.Rooms, foreign) || slices.ContainsFunc(p.emit.Except, foreign):
		return Emit{}, ErrRoom
	}
	return p.emit, nil
}

// parser collects what a message says.
type parser struct {
	emit      Emit
	namespace string
}

func (p *parser) message(text []byte) error {
	parts, rest, err := msgp.ReadArrayHeaderBytes(text)
	if err != nil || parts != 3 {
		return ErrMalformed
	}
	from, rest, err := msgp.ReadStringBytes(rest)
	switch {
	case err != nil:
		return ErrMalformed
	case from != sender:
		return ErrSender
	}
	if rest, err = eachKey(rest, p.packet); err != nil {
		return malformed(err)
	}
	if rest, err = eachKey(rest, p.options); err != nil {
		return malformed(err)
	}
	if len(rest) > 0 {
		return ErrMalformed
	}
	return nil
}

func malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }

// eachKey gives the value of each key of a map to read, which returns what comes after the value.
func eachKey(text []byte, read func(key string, text []byte) ([]byte, error)) ([]byte, error) {
	size, rest, err := msgp.ReadMapHeaderBytes(text)
	for ; size > 0 && err == nil; size-- {
		var key string
		if key, rest, err = msgp.ReadStringBytes(rest); err == nil {
			rest, err = read(key, rest)
		}
	}
	return rest, err
}

// socketEvent is the type of an event's packet, also of one with binary arguments.
const socketEvent = 2

var (
	errPacketType  = errors.New("the packet is no event")
	errPlaceholder = errors.New("it has a placeholder of its own beside binary values")
)

func (p *parser) packet(key string, text []byte) (rest []byte, err error) {
	switch key {
	case "type":
		var packetType int
		if packetType, rest, err = msgp.ReadIntBytes(text); err == nil && packetType != socketEvent {
			err = errPacketType
		}
	case "nsp":
		p.namespace, rest, err = msgp.ReadStringBytes(text)
	case "data":
		rest, err = p.data(text)
	default:
		rest, err = skip(text)
	}
	return rest, err
}

func (p *parser) data(text []byte) (rest []byte, err error) {
	size, rest, err := msgp.ReadArrayHeaderBytes(text)
	if err != nil || size == 0 {
		return rest, err
	}
	if msgp.NextType(rest) != msgp.StrType {
		return rest, errPacketType
	}
	if p.emit.Event, rest, err = msgp.ReadStringBytes(rest); err != nil {
		return rest, err
	}
	c := converter{json: []byte{'['}}
	for i := range size - 1 {
		if i > 0 {
			c.json = append(c.json, ',')
		}
		if rest, err = c.value(rest, 0); err != nil {
			return rest, err
		}
	}
	c.json = append(c.json, ']')
	if len(c.attachments) > 0 && codec.CheckPlaceholders(c.json, len(c.attachments)) != nil {
		return rest, errPlaceholder
	}
	p.emit.Arguments = codec.Arguments{JSON: c.json, Attachments: c.attachments}
	return rest, nil
}

func (p *parser) options(key string, text []byte) (rest []byte, err error) {
	switch key {
	case "rooms":
		p.emit.Rooms, rest, err = texts(text)
	case "except":
		p.emit.Except, rest, err = texts(text)
	default: // flags: what they ask for is no business of a server that never waits for a client
		rest, err = skip(text)
	}
	return rest, err
}

func texts(text []byte) (list []string, rest []byte, err error) {
	size, rest, err := msgp.ReadArrayHeaderBytes(text)
	for ; size > 0 && err == nil; size-- {
		var next string
		if next, rest, err = msgp.ReadStringBytes(rest); err == nil {
			list = append(list, next)
		}
	}
	return list, rest, err
}

// skip reads a value and drops it.
func skip(text []byte) (rest []byte, err error) {
	c := converter{}
	return c.value(text, 0)
}
