package engineio

import (
	"bytes"
	"encoding/base64"
	"strconv"
	"unicode/utf8"
)

// separator stands between the packets of an Engine.IO 4 polling body (protocol v4, "Payload").
const separator = 0x1e

// appendPayload appends packets to dst as the body of a poll's answer. Binary reports whether the body is in Engine.IO 3's
// binary form, which is used when a packet is binary and the client has not asked for base64.
func appendPayload(dst []byte, packets []packet, revision int, base64Only bool) (body []byte, binary bool) {
	if revision == revision4 {
		for i, p := range packets {
			if i > 0 {
				dst = append(dst, separator)
			}
			if p.binary {
				dst = append(dst, 'b')
				dst = base64.StdEncoding.AppendEncode(dst, p.data)
			} else {
				dst = append(dst, p.data...)
			}
		}
		return dst, false
	}
	if !base64Only {
		for _, p := range packets {
			if p.binary {
				return appendBinaryPayload3(dst, packets), true
			}
		}
	}
	for _, p := range packets {
		if p.binary {
			dst = strconv.AppendInt(dst, int64(base64.StdEncoding.EncodedLen(len(p.data))+2), 10)
			dst = append(dst, ':', 'b', packetMessage)
			dst = base64.StdEncoding.AppendEncode(dst, p.data)
		} else {
			dst = strconv.AppendInt(dst, int64(utf16Length(p.data)), 10)
			dst = append(dst, ':')
			dst = append(dst, p.data...)
		}
	}
	return dst, false
}

// appendBinaryPayload3 encodes as Engine.IO 3 does when it may use binary: 0 for text or 1 for binary, the length in
// bytes as one byte per decimal digit, 255, then the packet.
func appendBinaryPayload3(dst []byte, packets []packet) []byte {
	for _, p := range packets {
		kind, length := byte(0), len(p.data)
		if p.binary {
			kind, length = 1, length+len(binaryKind3)
		}
		dst = append(dst, kind)
		for _, digit := range strconv.Itoa(length) {
			dst = append(dst, byte(digit-'0'))
		}
		dst = append(dst, 0xff)
		if p.binary {
			dst = append(dst, binaryKind3...)
		}
		dst = append(dst, p.data...)
	}
	return dst
}

// utf16Length returns the length of JavaScript's string for a UTF-8 text: in Engine.IO 3, lengths are those of strings.
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

// decodePayload splits the body of a POST into packets in wire order; they alias body. It returns errBadPacket, and no
// packets, if any part of body is not a packet, or if there are more than maxPayloadPackets. Binary says that body came
// as application/octet-stream, which only Engine.IO 3 clients send.
func decodePayload(body []byte, revision int, binary bool) ([]packet, error) {
	switch {
	case revision == revision3 && binary:
		return decodeBinaryPayload3(body)
	case binary:
		return nil, errBadPacket
	case !utf8.Valid(body):
		return nil, errBadPacket
	case revision == revision3:
		return decodePayload3(body)
	default:
		return decodePayload4(body)
	}
}

func decodePayload4(body []byte) ([]packet, error) {
	count := bytes.Count(body, []byte{separator}) + 1
	if count > maxPayloadPackets {
		return nil, errBadPacket
	}
	packets := make([]packet, 0, count)
	for part := range bytes.SplitSeq(body, []byte{separator}) {
		p, err := decodePart(part, revision4)
		if err != nil {
			return nil, err
		}
		packets = append(packets, p)
	}
	return packets, nil
}

func decodePayload3(body []byte) ([]packet, error) {
	var packets []packet
	for len(body) > 0 {
		digits, _, found := bytes.Cut(body[:min(len(body), 20)], []byte{':'})
		length, err := strconv.ParseUint(string(digits), 10, 31)
		if !found || err != nil || length == 0 || len(packets) == maxPayloadPackets {
			return nil, errBadPacket
		}
		rest := body[len(digits)+1:]
		end, ok := utf16Offset(rest, int(length))
		if !ok {
			return nil, errBadPacket
		}
		p, err := decodePart(rest[:end], revision3)
		if err != nil {
			return nil, err
		}
		packets = append(packets, p)
		body = rest[end:]
	}
	if len(packets) == 0 {
		return nil, errBadPacket
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

// decodePart decodes one packet of a text payload: type and data, or "b" (Engine.IO 3: "b4") and base64.
func decodePart(part []byte, revision int) (packet, error) {
	if len(part) == 0 {
		return packet{}, errBadPacket
	}
	if part[0] != 'b' {
		return packet{data: part}, checkText(part)
	}
	encoded := part[1:]
	if revision == revision3 {
		if len(encoded) == 0 || encoded[0] != packetMessage {
			return packet{}, errBadPacket
		}
		encoded = encoded[1:]
	}
	data := make([]byte, base64.StdEncoding.DecodedLen(len(encoded)))
	n, err := base64.StdEncoding.Decode(data, encoded)
	if err != nil {
		return packet{}, errBadPacket
	}
	return packet{binary: true, data: data[:n]}, nil
}

func decodeBinaryPayload3(body []byte) ([]packet, error) {
	var packets []packet
	for len(body) > 0 {
		kind := body[0]
		digits, _, found := bytes.Cut(body[1:min(len(body), 13)], []byte{0xff})
		if kind > 1 || !found || len(digits) == 0 || len(packets) == maxPayloadPackets {
			return nil, errBadPacket
		}
		length := 0
		for _, digit := range digits {
			if digit > 9 {
				return nil, errBadPacket
			}
			length = length*10 + int(digit)
		}
		rest := body[1+len(digits)+1:]
		if length == 0 || length > len(rest) {
			return nil, errBadPacket
		}
		data := rest[:length]
		if kind == 1 {
			if data[0] != binaryKind3[0] {
				return nil, errBadPacket
			}
			packets = append(packets, packet{binary: true, data: data[1:]})
		} else {
			if !utf8.Valid(data) {
				return nil, errBadPacket
			}
			if err := checkText(data); err != nil {
				return nil, err
			}
			packets = append(packets, packet{data: data})
		}
		body = rest[length:]
	}
	if len(packets) == 0 {
		return nil, errBadPacket
	}
	return packets, nil
}
