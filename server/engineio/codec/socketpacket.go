package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
)

// The packet types of Socket.IO (protocol v5, "Packet types"; v4 calls SocketConnectError "ERROR").
const (
	SocketConnect      = '0'
	SocketDisconnect   = '1'
	SocketEvent        = '2'
	SocketAck          = '3'
	SocketConnectError = '4'
	SocketBinaryEvent  = '5'
	SocketBinaryAck    = '6'
)

// RootNamespace is the namespace of packets that name none.
const RootNamespace = "/"

const (
	// maxAttachments is the most binary attachments that one packet may announce. go-socket.io allocates as many as the client
	// says (parser/decoder.go), so 50 bytes would end the process.
	maxAttachments     = 10
	maxNamespaceLength = 256
	maxAckDigits       = 15 // below 2^53, the largest integer that JavaScript counts exactly
)

// ErrBadSocketPacket says that data are no Socket.IO packet that a client may send.
var ErrBadSocketPacket = errors.New("bad Socket.IO packet")

// SocketPacket is one Socket.IO packet: <type>[<attachments>-][<namespace>,][<acknowledgement id>][<JSON>].
type SocketPacket struct {
	Type        byte
	Attachments int    // how many the packet announces; for the binary types only
	Namespace   string // "/" if none is named; without the query that Engine.IO 3 clients append
	ID          string // the acknowledgement id's digits, "" if there is none
	Payload     []byte // the JSON as it came; aliases the packet
}

// ParseSocketPacket reads a packet's header. It does not look into the payload. It returns ErrBadSocketPacket.
func ParseSocketPacket(data []byte) (SocketPacket, error) {
	p := SocketPacket{Namespace: RootNamespace}
	if len(data) == 0 || data[0] < SocketConnect || data[0] > SocketBinaryAck {
		return p, ErrBadSocketPacket
	}
	p.Type, data = data[0], data[1:]
	if p.isBinary() {
		digits, _, found := bytes.Cut(data[:min(len(data), 4)], []byte{'-'})
		count, err := strconv.ParseUint(string(digits), 10, 8)
		if !found || err != nil || count > maxAttachments {
			return p, ErrBadSocketPacket
		}
		p.Attachments = int(count)
		data = data[len(digits)+1:]
	}
	if len(data) > 0 && data[0] == '/' {
		name, rest, _ := bytes.Cut(data, []byte{','})
		name, _, _ = bytes.Cut(name, []byte{'?'})
		if len(name) > maxNamespaceLength {
			return p, ErrBadSocketPacket
		}
		if len(name) > 1 {
			p.Namespace = string(name)
		}
		data = rest
	}
	digits := 0
	for digits < len(data) && data[digits] >= '0' && data[digits] <= '9' {
		digits++
	}
	if digits > maxAckDigits {
		return p, ErrBadSocketPacket
	}
	p.ID, p.Payload = string(data[:digits]), data[digits:]
	return p, nil
}

func (p SocketPacket) isBinary() bool {
	return p.Type == SocketBinaryEvent || p.Type == SocketBinaryAck
}

// IsAcknowledgement tells whether the packet answers an event.
func (p SocketPacket) IsAcknowledgement() bool {
	return p.Type == SocketAck || p.Type == SocketBinaryAck
}

// Check returns ErrBadSocketPacket unless the payload is what the packet's type may carry (socket.io-parser, isPayloadValid). It is
// not for acknowledgements, whose payloads nobody reads.
func (p SocketPacket) Check() error {
	ok := false
	switch p.Type {
	case SocketConnect:
		ok = len(p.Payload) == 0 || p.Payload[0] == '{' && json.Valid(p.Payload)
	case SocketDisconnect:
		ok = len(p.Payload) == 0
	case SocketEvent, SocketBinaryEvent:
		ok = len(p.Payload) > 0 && p.Payload[0] == '[' && json.Valid(p.Payload)
	}
	if !ok {
		return ErrBadSocketPacket
	}
	return nil
}

// Append appends the packet as it is sent.
func (p SocketPacket) Append(dst []byte) []byte { return append(p.appendHeader(dst), p.Payload...) }

// appendHeader appends everything of the packet but its payload.
func (p SocketPacket) appendHeader(dst []byte) []byte {
	dst = append(dst, p.Type)
	if p.isBinary() {
		dst = strconv.AppendInt(dst, int64(p.Attachments), 10)
		dst = append(dst, '-')
	}
	if p.Namespace != RootNamespace {
		dst = append(dst, p.Namespace...)
		dst = append(dst, ',')
	}
	return append(dst, p.ID...)
}

// MessagePacket returns the Engine.IO packet that carries the Socket.IO packet.
func (p SocketPacket) MessagePacket() Packet {
	return Packet{Data: p.Append([]byte{PacketMessage})}
}
