package codec

// Message is one or more packets, encoded once and then shared by every session that sends them, over either transport and in
// either revision. It is immutable.
type Message struct {
	packets []Packet

	// frames and frames3 are the packets as WebSocket frames of Engine.IO 4 and 3. They are one slice unless a packet is binary:
	// Engine.IO 3 puts the packet's type before binary data.
	frames  []byte
	frames3 []byte
}

// NewMessage encodes packets, which must not change afterwards.
func NewMessage(packets ...Packet) *Message {
	m := &Message{packets: packets}
	size, anyBinary := 0, false
	for _, p := range packets {
		size += len(p.Data) + maxFrameHeader
		anyBinary = anyBinary || p.Binary
	}
	m.frames = make([]byte, 0, size)
	for _, p := range packets {
		m.frames = AppendFrame(m.frames, p.opcode(), nil, p.Data)
	}
	m.frames3 = m.frames
	if anyBinary {
		m.frames3 = make([]byte, 0, size+len(packets))
		for _, p := range packets {
			var prefix []byte
			if p.Binary {
				prefix = binaryType3
			}
			m.frames3 = AppendFrame(m.frames3, p.opcode(), prefix, p.Data)
		}
	}
	return m
}

// NewControlMessage returns a WebSocket control frame, which is no packet.
func NewControlMessage(opcode byte, payload []byte) *Message {
	frame := AppendFrame(nil, opcode, nil, payload)
	return &Message{frames: frame, frames3: frame}
}

func (p Packet) opcode() byte {
	if p.Binary {
		return OpcodeBinary
	}
	return OpcodeText
}

// Join returns one message with the packets of all messages, in this order. They are written together.
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

// Packets returns the packets, which must not be changed.
func (m *Message) Packets() []Packet { return m.packets }

// Frames returns the packets as WebSocket frames, which must not be changed.
func (m *Message) Frames(revision int) []byte {
	if revision == Revision3 {
		return m.frames3
	}
	return m.frames
}

// Size returns the number of bytes of the packets as WebSocket frames of Engine.IO 4. It bounds what a session queues.
func (m *Message) Size() int { return len(m.frames) }
