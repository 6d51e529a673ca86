package engineio

import (
	"encoding/binary"
	"errors"
)

// The opcodes of RFC 6455, section 5.2.
const (
	opcodeContinuation = 0x0
	opcodeText         = 0x1
	opcodeBinary       = 0x2
	opcodeClose        = 0x8
	opcodePing         = 0x9
	opcodePong         = 0xa

	// maxFrameHeader is the longest header that appendFrame writes: the server does not mask.
	maxFrameHeader = 10

	// maxControlPayload is the most that a control frame may carry (RFC 6455, section 5.5).
	maxControlPayload = 125
)

var (
	errBadFrame = errors.New("bad WebSocket frame")
	errTooBig   = errors.New("message over the limit")
)

// appendFrame appends one final, unmasked frame whose payload is prefix and then data.
func appendFrame(dst []byte, opcode byte, prefix, data []byte) []byte {
	length := len(prefix) + len(data)
	dst = append(dst, 0x80|opcode)
	switch {
	case length < 126:
		dst = append(dst, byte(length))
	case length < 1<<16:
		dst = append(dst, 126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(length))
	default:
		dst = append(dst, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(length))
	}
	dst = append(dst, prefix...)
	return append(dst, data...)
}

// frameHeader is the header of a frame from a client.
type frameHeader struct {
	final  bool
	opcode byte
	length int // of the payload, in bytes
	mask   [4]byte
	size   int // of this header, in bytes
}

// parseFrameHeader reads the header of a client's frame (RFC 6455, section 5.2). Ok is false while buffer holds too
// little of it. It returns errBadFrame for what a client must not send (no mask, reserved bits, unknown opcodes, long or
// split control frames) and errTooBig for a payload over limit bytes.
func parseFrameHeader(buffer []byte, limit int) (header frameHeader, ok bool, err error) {
	if len(buffer) < 2 {
		return header, false, nil
	}
	header.final = buffer[0]&0x80 != 0
	header.opcode = buffer[0] & 0x0f
	control := header.opcode&0x8 != 0
	masked := buffer[1]&0x80 != 0
	short := int(buffer[1] & 0x7f)
	if buffer[0]&0x70 != 0 || !masked {
		return header, false, errBadFrame
	}
	if control && (!header.final || short > maxControlPayload) {
		return header, false, errBadFrame
	}
	switch header.opcode {
	case opcodeContinuation, opcodeText, opcodeBinary, opcodeClose, opcodePing, opcodePong:
	default:
		return header, false, errBadFrame
	}
	header.size, header.length = 2, short
	switch short {
	case 126:
		if len(buffer) < 4 {
			return header, false, nil
		}
		header.size, header.length = 4, int(binary.BigEndian.Uint16(buffer[2:]))
	case 127:
		if len(buffer) < 10 {
			return header, false, nil
		}
		length := binary.BigEndian.Uint64(buffer[2:])
		if length > uint64(limit) {
			return header, false, errTooBig
		}
		header.size, header.length = 10, int(length)
	}
	if header.length > limit && !control {
		return header, false, errTooBig
	}
	if len(buffer) < header.size+len(header.mask) {
		return header, false, nil
	}
	copy(header.mask[:], buffer[header.size:])
	header.size += len(header.mask)
	return header, true, nil
}

// unmask applies a client's mask to data, which begin position bytes into the payload, and returns the position after
// them (RFC 6455, section 5.3).
func unmask(data []byte, mask [4]byte, position int) int {
	end := position + len(data)
	for len(data) > 0 && position%4 != 0 {
		data[0] ^= mask[position%4]
		data, position = data[1:], position+1
	}
	word := uint64(binary.LittleEndian.Uint32(mask[:]))
	word |= word << 32
	for len(data) >= 8 {
		binary.LittleEndian.PutUint64(data, binary.LittleEndian.Uint64(data)^word)
		data = data[8:]
	}
	for i := range data {
		data[i] ^= mask[i%4]
	}
	return end
}
