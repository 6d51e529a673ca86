package codec

import "errors"

// Revisions of the Engine.IO protocol: 3 is spoken by socket.io-client 1.x and 2.x, 4 by 3.x and 4.x.
const (
	Revision3 = 3
	Revision4 = 4
)

// The packet types of Engine.IO: the first byte of a text packet (protocol v4, "Packet types").
const (
	PacketOpen    = '0'
	PacketClose   = '1'
	PacketPing    = '2'
	PacketPong    = '3'
	PacketMessage = '4'
	PacketUpgrade = '5'
	PacketNoop    = '6'
)

// ErrBadPacket says that data are not what Engine.IO sends.
var ErrBadPacket = errors.New("bad packet")

// Packet is one Engine.IO packet. The data of a text packet begin with its type. A binary packet is always a message, and its
// data are the message alone.
type Packet struct {
	Binary bool
	Data   []byte
}

// TextPacket returns a text packet: its type and data.
func TextPacket(text string) Packet { return Packet{Data: []byte(text)} }

// MessagePacket returns a packet that carries a copy of text as a message.
func MessagePacket(text []byte) Packet {
	return Packet{Data: append([]byte{PacketMessage}, text...)}
}

// Type returns the packet's type, PacketMessage for a binary one.
func (p Packet) Type() byte {
	if p.Binary {
		return PacketMessage
	}
	return p.Data[0]
}

// checkText returns ErrBadPacket unless data begin with a packet type of the protocol.
func checkText(data []byte) error {
	if len(data) == 0 || data[0] < PacketOpen || data[0] > PacketNoop {
		return ErrBadPacket
	}
	return nil
}

// binaryType3 is the byte that Engine.IO 3 puts before the data of a binary message.
var binaryType3 = []byte{PacketMessage - '0'}

// DecodeFrame returns the packet that a whole WebSocket message carries; it aliases data, unless a client with the option forceBase64
// has sent binary data as text. It returns ErrBadPacket if the message is no packet.
func DecodeFrame(binary bool, data []byte, revision int) (Packet, error) {
	if !binary {
		return decodeText(data, revision)
	}
	if revision == Revision3 {
		return decodeBinary3(data)
	}
	return Packet{Binary: true, Data: data}, nil
}

// decodeBinary3 decodes a binary packet of Engine.IO 3.
func decodeBinary3(data []byte) (Packet, error) {
	if len(data) == 0 || data[0] != binaryType3[0] {
		return Packet{}, ErrBadPacket
	}
	return Packet{Binary: true, Data: data[1:]}, nil
}
