package engineio

import "errors"

// The packet types of Engine.IO, as they stand at the head of a text packet (protocol v4, "Packet types").
const (
	packetOpen    = '0'
	packetClose   = '1'
	packetPing    = '2'
	packetPong    = '3'
	packetMessage = '4'
	packetUpgrade = '5'
	packetNoop    = '6'
)

var errBadPacket = errors.New("bad packet")

// packet is one Engine.IO packet. A text packet's data begin with its type; a binary packet is always a message, and its
// data are the message alone.
type packet struct {
	binary bool
	data   []byte
}

func textPacket(text string) packet { return packet{data: []byte(text)} }

// kind returns the packet's type, packetMessage for a binary one.
func (p packet) kind() byte {
	if p.binary {
		return packetMessage
	}
	return p.data[0]
}

// checkText tells whether data can be a text packet: it has a type that the protocol knows.
func checkText(data []byte) error {
	if len(data) == 0 || data[0] < packetOpen || data[0] > packetNoop {
		return errBadPacket
	}
	return nil
}

// Revisions of the Engine.IO protocol: 3 is spoken by socket.io-client 1.x and 2.x, 4 by 3.x and 4.x.
const (
	revision3 = 3
	revision4 = 4
)

// revisions are those that this package speaks, by the query parameter EIO that asks for them.
var revisions = map[string]int{"3": revision3, "4": revision4}

// Message is one or more packets, encoded once and then shared by every session they are sent to, whatever carries it
// and whichever revision it speaks. It is immutable.
type Message struct {
	packets []packet

	// frames and frames3 are the same packets as WebSocket frames of Engine.IO 4 and 3; one slice for both unless
	// something is binary: Engine.IO 3 puts the packet's type before binary data.
	frames  []byte
	frames3 []byte
}

func newMessage(packets ...packet) *Message {
	m := &Message{packets: packets}
	size, anyBinary := 0, false
	for _, p := range packets {
		size += len(p.data) + maxFrameHeader
		anyBinary = anyBinary || p.binary
	}
	m.frames = make([]byte, 0, size)
	for _, p := range packets {
		m.frames = appendFrame(m.frames, p.frameOpcode(), nil, p.data)
	}
	m.frames3 = m.frames
	if anyBinary {
		m.frames3 = make([]byte, 0, size+len(packets))
		for _, p := range packets {
			var kind []byte
			if p.binary {
				kind = binaryKind3
			}
			m.frames3 = appendFrame(m.frames3, p.frameOpcode(), kind, p.data)
		}
	}
	return m
}

// binaryKind3 is what Engine.IO 3 puts before the data of a binary message.
var binaryKind3 = []byte{packetMessage - '0'}

func (p packet) frameOpcode() byte {
	if p.binary {
		return opcodeBinary
	}
	return opcodeText
}

// Join makes one message of several, in this order: what is sent together is written together.
func Join(messages ...*Message) *Message {
	if len(messages) == 1 {
		return messages[0]
	}
	joined, size, size3, shared := &Message{}, 0, 0, true
	for _, m := range messages {
		joined.packets = append(joined.packets, m.packets...)
		size += len(m.frames)
		size3 += len(m.frames3)
		shared = shared && len(m.frames3) == len(m.frames)
	}
	joined.frames = make([]byte, 0, size)
	for _, m := range messages {
		joined.frames = append(joined.frames, m.frames...)
	}
	joined.frames3 = joined.frames
	if !shared {
		joined.frames3 = make([]byte, 0, size3)
		for _, m := range messages {
			joined.frames3 = append(joined.frames3, m.frames3...)
		}
	}
	return joined
}

// after returns the message with bytes before it that are no WebSocket frame.
func (m *Message) after(answer string) *Message {
	return &Message{packets: m.packets, frames: append([]byte(answer), m.frames...), frames3: append([]byte(answer), m.frames3...)}
}

func (m *Message) webSocket(revision int) []byte {
	if revision == revision3 {
		return m.frames3
	}
	return m.frames
}

// Messages that every session sends.
var (
	pingMessage  = newMessage(textPacket("2"))
	pongMessage  = newMessage(textPacket("3"))
	noopMessage  = newMessage(textPacket("6"))
	closeMessage = newMessage(textPacket("1"))
)
