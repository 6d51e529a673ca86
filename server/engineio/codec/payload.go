package codec

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	// separator stands between the packets of an Engine.IO 4 polling body (protocol v4, "Payload").
	separator = 0x1e

	// maxPayloadPackets is the most packets of one polling body. A client that was offline sends hundreds at once.
	maxPayloadPackets = 10_000
)

// AppendPayload appends packets to dst as the body of a poll's answer. Binary says that the body is in the binary form of
// Engine.IO 3, which is used when a packet is binary and the client has not asked for base64.
func AppendPayload(dst []byte, packets []Packet, revision int, base64Only bool) (body []byte, binary bool) {
	if revision == Revision4 {
		for i, p := range packets {
			if i > 0 {
				dst = append(dst, separator)
			}
			if p.Binary {
				dst = append(dst, 'b')
				dst = base64.StdEncoding.AppendEncode(dst, p.Data)
			} else {
				dst = append(dst, p.Data...)
			}
		}
		return dst, false
	}
	if !base64Only && slices.ContainsFunc(packets, func(p Packet) bool { return p.Binary }) {
		return appendBinaryPayload3(dst, packets), true
	}
	for _, p := range packets {
		if p.Binary {
			dst = strconv.AppendInt(dst, int64(base64.StdEncoding.EncodedLen(len(p.Data))+2), 10)
			dst = append(dst, ':', 'b', PacketMessage)
			dst = base64.StdEncoding.AppendEncode(dst, p.Data)
		} else {
			dst = strconv.AppendInt(dst, int64(utf16Length(p.Data)), 10)
			dst = append(dst, ':')
			dst = append(dst, p.Data...)
		}
	}
	return dst, false
}

// appendBinaryPayload3 encodes a binary polling body of Engine.IO 3: for each packet 0 (text) or 1 (binary), the length in bytes as
// one byte per decimal digit, 255, and the packet.
func appendBinaryPayload3(dst []byte, packets []Packet) []byte {
	for _, p := range packets {
		isBinary, length := byte(0), len(p.Data)
		if p.Binary {
			isBinary, length = 1, length+len(binaryType3)
		}
		dst = append(dst, isBinary)
		for _, digit := range strconv.Itoa(length) {
			dst = append(dst, byte(digit-'0'))
		}
		dst = append(dst, 0xff)
		if p.Binary {
			dst = append(dst, binaryType3...)
		}
		dst = append(dst, p.Data...)
	}
	return dst
}

// utf16Length returns the number of UTF-16 code units of a UTF-8 text. Engine.IO 3 counts lengths as JavaScript does.
func utf16Length(text []byte) int {
	length := 0
	for _, r := range string(text) { // the conversion does not allocate
		length++
		if r >= 0x10000 {
			length++
		}
	}
	return length
}

// DecodePayload splits the body of a POST into packets in wire order; they alias body. It returns ErrBadPacket, and no
// packets, if any part of body is not a packet, or if there are more than 10,000. Binary says that body came
// as application/octet-stream, which only Engine.IO 3 clients send.
func DecodePayload(body []byte, revision int, binary bool) ([]Packet, error) {
	switch {
	case revision == Revision3 && binary:
		return decodeBinaryPayload3(body)
	case binary:
		return nil, ErrBadPacket
	case !utf8.Valid(body):
		return nil, ErrBadPacket
	case revision == Revision3:
		return decodePayload3(body)
	default:
		return decodePayload4(body)
	}
}

func decodePayload4(body []byte) ([]Packet, error) {
	count := bytes.Count(body, []byte{separator}) + 1
	if count > maxPayloadPackets {
		return nil, ErrBadPacket
	}
	packets := make([]Packet, 0, count)
	for part := range bytes.SplitSeq(body, []byte{separator}) {
		p, err := decodeText(part, Revision4)
		if err != nil {
			return nil, err
		}
		packets = append(packets, p)
	}
	return packets, nil
}

func decodePayload3(body []byte) ([]Packet, error) {
	var packets []Packet
	for len(body) > 0 {
		digits, _, found := bytes.Cut(body[:min(len(body), 20)], []byte{':'})
		length, err := strconv.ParseUint(string(digits), 10, 31)
		if !found || err != nil || length == 0 || len(packets) == maxPayloadPackets {
			return nil, ErrBadPacket
		}
		rest := body[len(digits)+1:]
		end, ok := utf16Offset(rest, int(length))
		if !ok {
			return nil, ErrBadPacket
		}
		p, err := decodeText(rest[:end], Revision3)
		if err != nil {
			return nil, err
		}
		packets = append(packets, p)
		body = rest[end:]
	}
	if len(packets) == 0 {
		return nil, ErrBadPacket
	}
	return packets, nil
}

// utf16Offset returns how many bytes of text hold its first length UTF-16 code units. Not ok: text is shorter, or a
// surrogate pair would be cut.
func utf16Offset(text []byte, length int) (offset int, ok bool) {
	for length > 0 && offset < len(text) {
		r, size := utf8.DecodeRune(text[offset:])
		offset += size
		length--
		if r >= 0x10000 {
			length--
		}
	}
	return offset, length == 0
}

// decodeText decodes a packet that came as text: type and data, or "b" (Engine.IO 3: "b4") and base64.
func decodeText(part []byte, revision int) (Packet, error) {
	if len(part) == 0 {
		return Packet{}, ErrBadPacket
	}
	if part[0] != 'b' {
		return Packet{Data: part}, checkText(part)
	}
	encoded := part[1:]
	if revision == Revision3 {
		if len(encoded) == 0 || encoded[0] != PacketMessage {
			return Packet{}, ErrBadPacket
		}
		encoded = encoded[1:]
	}
	data := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(data, encoded)
	if err != nil {
		return Packet{}, ErrBadPacket
	}
	return Packet{Binary: true, Data: data[:n]}, nil
}

// decodeBinaryPayload3 decodes what appendBinaryPayload3 encodes.
func decodeBinaryPayload3(body []byte) ([]Packet, error) {
	var packets []Packet
	for len(body) > 0 {
		isBinary := body[0] == 1
		length, rest, ok := cutLength3(body[1:])
		if body[0] > 1 || !ok || length == 0 || length > len(rest) || len(packets) == maxPayloadPackets {
			return nil, ErrBadPacket
		}
		p := Packet{Data: rest[:length]}
		var err error
		switch {
		case isBinary:
			p, err = decodeBinary3(p.Data)
		case !utf8.Valid(p.Data):
			err = ErrBadPacket
		default:
			err = checkText(p.Data)
		}
		if err != nil {
			return nil, err
		}
		packets = append(packets, p)
		body = rest[length:]
	}
	if len(packets) == 0 {
		return nil, ErrBadPacket
	}
	return packets, nil
}

// cutLength3 reads the length of a packet, one byte per decimal digit and 255 after the last, and returns it with what follows.
func cutLength3(data []byte) (length int, rest []byte, ok bool) {
	const maxDigits = 11
	digits, _, found := bytes.Cut(data[:min(len(data), maxDigits+1)], []byte{0xff})
	if !found || len(digits) == 0 {
		return 0, nil, false
	}
	for _, digit := range digits {
		if digit > 9 {
			return 0, nil, false
		}
		length = length*10 + int(digit)
	}
	return length, data[len(digits)+1:], true
}
