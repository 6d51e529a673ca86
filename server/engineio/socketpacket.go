package engineio

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// The packet types of Socket.IO (protocol v5, "Packet types"; v4 calls connectError "ERROR").
const (
	socketConnect      = '0'
	socketDisconnect   = '1'
	socketEvent        = '2'
	socketAck          = '3'
	socketConnectError = '4'
	socketBinaryEvent  = '5'
	socketBinaryAck    = '6'
)

const (
	rootNamespace      = "/"
	maxNamespaceLength = 256
	maxAckDigits       = 15 // below 2^53, the largest integer that JavaScript counts exactly
)

var errBadSocketPacket = errors.New("bad Socket.IO packet")

// reservedEvents may not be sent by a client (socket.io-parser, RESERVED_EVENTS): they are the names of the sockets' own events.
var reservedEvents = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// socketPacket is one Socket.IO packet: <type>[<attachments>-][<namespace>,][<ack id>][<JSON>].
type socketPacket struct {
	kind        byte
	attachments int
	namespace   string // "/" if none is named; without the query that Engine.IO 3 clients put behind it
	id          string // the ack id's digits, "" if there is none
	payload     []byte // the JSON as it came; aliases the packet
}

// parseSocketPacket reads a packet's head. It does not look into the payload.
func parseSocketPacket(data []byte) (socketPacket, error) {
	p := socketPacket{namespace: rootNamespace}
	if len(data) == 0 || data[0] < socketConnect || data[0] > socketBinaryAck {
		return p, errBadSocketPacket
	}
	p.kind, data = data[0], data[1:]
	if p.kind == socketBinaryEvent || p.kind == socketBinaryAck {
		digits, _, found := bytes.Cut(data[:min(len(data), 4)], []byte{'-'})
		count, err := strconv.ParseUint(string(digits), 10, 8)
		if !found || err != nil || count > maxAttachments {
			return p, errBadSocketPacket
		}
		p.attachments = int(count)
		data = data[len(digits)+1:]
	}
	if len(data) > 0 && data[0] == '/' {
		name, rest, _ := bytes.Cut(data, []byte{','})
		name, _, _ = bytes.Cut(name, []byte{'?'})
		if len(name) > maxNamespaceLength {
			return p, errBadSocketPacket
		}
		if len(name) > 1 {
			p.namespace = string(name)
		}
		data = rest
	}
	digits := 0
	for digits < len(data) && data[digits] >= '0' && data[digits] <= '9' {
		digits++
	}
	if digits > maxAckDigits {
		return p, errBadSocketPacket
	}
	p.id, p.payload = string(data[:digits]), data[digits:]
	return p, nil
}

func (p socketPacket) isAcknowledgement() bool {
	return p.kind == socketAck || p.kind == socketBinaryAck
}

// check tells whether the payload is what its type of packet may carry (socket.io-parser, isPayloadValid). It is not for
// acknowledgements, which are dropped unread.
func (p socketPacket) check() error {
	ok := false
	switch p.kind {
	case socketConnect:
		ok = len(p.payload) == 0 || p.payload[0] == '{' && json.Valid(p.payload)
	case socketDisconnect:
		ok = len(p.payload) == 0
	case socketEvent, socketBinaryEvent:
		ok = len(p.payload) > 0 && p.payload[0] == '[' && json.Valid(p.payload)
	}
	if !ok {
		return errBadSocketPacket
	}
	return nil
}

// splitEvent takes an event's name off its checked payload. Arguments is the rest as a JSON array; it is made in place, so that
// payload is of no use afterwards.
func splitEvent(payload []byte) (name, arguments []byte, err error) {
	rest := bytes.TrimLeft(payload[1:], " \t\r\n")
	if rest[0] != '"' {
		return nil, nil, errBadSocketPacket
	}
	end := 1
	escaped := false
	for rest[end] != '"' { // the payload is valid JSON, so there is an end
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
			return nil, nil, errBadSocketPacket
		}
		name = []byte(text)
	}
	if slices.Contains(reservedEvents, string(name)) {
		return nil, nil, errBadSocketPacket
	}
	rest = bytes.TrimLeft(rest[end+1:], " \t\r\n")
	if rest[0] == ']' {
		return name, []byte("[]"), nil
	}
	rest[0] = '[' // it was the comma
	return name, rest, nil
}

// appendHead appends a packet's type, namespace and ack id.
func appendHead(dst []byte, kind byte, attachments int, namespace, id string) []byte {
	dst = append(dst, kind)
	if kind == socketBinaryEvent || kind == socketBinaryAck {
		dst = strconv.AppendInt(dst, int64(attachments), 10)
		dst = append(dst, '-')
	}
	if namespace != rootNamespace {
		dst = append(dst, namespace...)
		dst = append(dst, ',')
	}
	return append(dst, id...)
}

// checkPlaceholders tells whether every placeholder in a JSON text names one of count attachments. The library indexes with
// the client's own number, in packets without attachments too, and a wrong one ends the process.
func checkPlaceholders(text []byte, count int) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return errBadSocketPacket
	}
	if !placeholdersIn(value, count) {
		return errBadSocketPacket
	}
	return nil
}

func placeholdersIn(value any, count int) bool {
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if !placeholdersIn(element, count) {
				return false
			}
		}
	case map[string]any:
		placeholder, number := false, 0.0
		for key, element := range value {
			// The library's decoder does not tell upper from lower case.
			if strings.EqualFold(key, "_placeholder") {
				placeholder = true
			} else if strings.EqualFold(key, "num") {
				if n, ok := element.(float64); ok {
					number = max(number, n)
				}
			}
			if !placeholdersIn(element, count) {
				return false
			}
		}
		return !placeholder || number < float64(count)
	}
	return true
}
