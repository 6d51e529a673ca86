package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// Arguments are the arguments of an event or of an acknowledgement: a JSON array and the binary attachments that the
// placeholders in it, {"_placeholder":true,"num":0}, stand for.
type Arguments struct {
	JSON        json.RawMessage
	Attachments [][]byte
}

// MarshalArguments encodes values as arguments. A single json.RawMessage is taken as it is, unchecked: it must be valid. It returns
// the errors of encoding/json.
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

// EncodeEvent encodes an event. Arguments.JSON must be an array.
func EncodeEvent(namespace, name string, arguments Arguments) *Message {
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(fmt.Sprintf("encode event name %q: %v", name, err)) // a string
	}
	packetType := byte(SocketEvent)
	if len(arguments.Attachments) > 0 {
		packetType = SocketBinaryEvent
	}
	data := make([]byte, 0, len(namespace)+len(quoted)+len(arguments.JSON)+16)
	data = append(data, PacketMessage)
	data = SocketPacket{Type: packetType, Attachments: len(arguments.Attachments), Namespace: namespace}.appendHeader(data)
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

// EncodeAcknowledgement encodes the answer to the event with an acknowledgement id. Arguments.JSON must be an array.
func EncodeAcknowledgement(namespace, id string, arguments Arguments) *Message {
	p := SocketPacket{Type: SocketAck, Namespace: namespace, ID: id, Payload: arguments.JSON}
	if len(arguments.Attachments) > 0 {
		p.Type, p.Attachments = SocketBinaryAck, len(arguments.Attachments)
	}
	return withAttachments(p.Append([]byte{PacketMessage}), arguments.Attachments)
}

func withAttachments(text []byte, attachments [][]byte) *Message {
	packets := make([]Packet, 1, 1+len(attachments))
	packets[0] = Packet{Data: text}
	for _, attachment := range attachments {
		packets = append(packets, Packet{Binary: true, Data: attachment})
	}
	return NewMessage(packets...)
}

// reservedEvents are the names of a socket's own events, which a client must not send (socket.io-parser, RESERVED_EVENTS).
var reservedEvents = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// IsReservedEvent reports whether name is that of one of a socket's own events.
func IsReservedEvent(name string) bool { return slices.Contains(reservedEvents, name) }

// SplitEvent returns the name of an event and the rest of its checked payload as a JSON array. The array is made in place, so payload
// must not be used afterwards. It returns ErrBadSocketPacket if the name is no string or is reserved.
func SplitEvent(payload []byte) (name, arguments []byte, err error) {
	rest := bytes.TrimLeft(payload[1:], " \t\r\n")
	if rest[0] != '"' {
		return nil, nil, ErrBadSocketPacket
	}
	end := 1
	escaped := false
	for rest[end] != '"' { // the payload is valid JSON, so the string ends
		if rest[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	name = rest[1:end]
	if escaped {
		var text string
		if err := json.Unmarshal(rest[:end+1], &text); err != nil {
			return nil, nil, ErrBadSocketPacket
		}
		name = []byte(text)
	}
	if IsReservedEvent(string(name)) {
		return nil, nil, ErrBadSocketPacket
	}
	rest = bytes.TrimLeft(rest[end+1:], " \t\r\n")
	if rest[0] == ']' {
		return name, []byte("[]"), nil
	}
	rest[0] = '[' // it was the comma
	return name, rest, nil
}
