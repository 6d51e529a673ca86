package codec

import (
	"encoding/binary"
	"errors"
)

// The opcodes of WebSocket frames (RFC 6455, section 5.2).
const (
	OpcodeContinuation = 0x0
	OpcodeText         = 0x1
	OpcodeBinary       = 0x2
	OpcodeClose        = 0x8
	OpcodePing         = 0x9
	OpcodePong         = 0xa
)

const (
	// maxFrameHeader is the longest header that AppendFrame writes: the server does not mask.
	maxFrameHeader = 10

	// maxControlPayload is the most that a control frame may carry (RFC 6455, section 5.5).
	maxControlPayload = 125
)

var (
	// ErrBadFrame says that data are no frame that a client may send.
	ErrBadFrame = errors.New("bad WebSocket frame")

	// ErrTooBig says that a message has more bytes than the client may send.
	ErrTooBig = errors.New("message over the limit")
)

// AppendFrame appends one final, unmasked frame whose payload is prefix and then data.
func AppendFrame(dst []byte, opcode byte, prefix, data []byte) []byte {
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

// FrameHeader is the header of a frame from a client.
type FrameHeader struct {
	Final  bool
	Opcode byte
	Length int // of the payload, in bytes
	Mask   [4]byte
	Size   int // of this header, in bytes
}

// ParseFrameHeader reads the header of a client's frame (RFC 6455, section 5.2). Ok is false while buffer holds too
// little of it. It returns ErrBadFrame for what a client must not send (no mask, reserved bits, unknown opcodes, long or
// split control frames) and ErrTooBig for a payload over limit bytes.
func ParseFrameHeader(buffer []byte, limit int) (header FrameHeader, ok bool, err error) {
	if len(buffer) < 2 {
		return header, false, nil
	}
	header.Final = buffer[0]&0x80 != 0
	header.Opcode = buffer[0] & 0x0f
	control := header.Opcode&0x8 != 0
	masked := buffer[1]&0x80 != 0
	short := int(buffer[1] & 0x7f)
	if buffer[0]&0x70 != 0 || !masked {
		return header, false, ErrBadFrame
	}
	if control && (!header.Final || short > maxControlPayload) {
		return header, false, ErrBadFrame
	}
	switch header.Opcode {
	case OpcodeContinuation, OpcodeText, OpcodeBinary, OpcodeClose, OpcodePing, OpcodePong:
	default:
		return header, false, ErrBadFrame
	}
	header.Size, header.Length = 2, short
	switch short {
	case 126:
		if len(buffer) < 4 {
			return header, false, nil
		}
		header.Size, header.Length = 4, int(binary.BigEndian.Uint16(buffer[2:]))
	case 127:
		if len(buffer) < 10 {
			return header, false, nil
		}
		length := binary.BigEndian.Uint64(buffer[2:])
		if length > uint64(limit) {
			return header, false, ErrTooBig
		}
		header.Size, header.Length = 10, int(length)
	}
	if header.Length > limit && !control {
		return header, false, ErrTooBig
	}
	if len(buffer) < header.Size+len(header.Mask) {
		return header, false, nil
	}
	copy(header.Mask[:], buffer[header.Size:])
	header.Size += len(header.Mask)
	return header, true, nil
}

// Unmask removes a client's mask from data, which begin position bytes into the payload, and returns the position after
// them (RFC 6455, section 5.3).
func Unmask(data []byte, mask [4]byte, position int) int {
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
