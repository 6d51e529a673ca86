//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// WebSocket opcodes (RFC 6455, section 5.2). Fragments never come: neither server splits a message.
const (
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPing   = 9
	opPong   = 10
)

// maxMessage bounds what a server may send in one message; a roster of 5,000 is far below it.
const maxMessage = 16 << 20

// maskingKey is the same for every frame: RFC 6455 wants it unpredictable to protect proxies, of which there are none
// here. It is not zero, so that servers have the work that they have with browsers.
var maskingKey = [4]byte{0x5a, 0xc3, 0x17, 0x88}

// appendFrame appends one masked text frame.
func appendFrame(b []byte, message []byte) []byte {
	b = append(b, 0x80|opText)
	switch n := len(message); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = append(b, 0x80|127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, maskingKey[:]...)
	for i, c := range message {
		b = append(b, c^maskingKey[i%4])
	}
	return b
}

// nextFrame cuts the first unmasked frame off data. A size of 0 says that the rest of the frame has not come yet.
func nextFrame(data []byte) (opcode byte, message []byte, size int, err error) {
	if len(data) < 2 {
		return 0, nil, 0, nil
	}
	if data[0]&0xf0 != 0x80 || data[1]&0x80 != 0 {
		return 0, nil, 0, fmt.Errorf("WebSocket frame begins with %#x %#x: fragmented, compressed or masked", data[0], data[1])
	}
	header, length := 2, uint64(data[1])
	switch {
	case length == 126 && len(data) >= 4:
		header, length = 4, uint64(binary.BigEndian.Uint16(data[2:]))
	case length == 127 && len(data) >= 10:
		header, length = 10, binary.BigEndian.Uint64(data[2:])
	case length >= 126:
		return 0, nil, 0, nil
	}
	if length > maxMessage {
		return 0, nil, 0, fmt.Errorf("WebSocket message of %d bytes", length)
	}
	if size = header + int(length); len(data) < size {
		return 0, nil, 0, nil
	}
	return data[0] & 0x0f, data[header:size], size, nil
}

// webSocket carries the packets of one client over one stream.
type webSocket struct {
	client   *client
	stream   *stream
	upgraded bool
}

func (w *webSocket) opened(s *stream) {
	s.write(fmt.Appendf(nil, "GET /socket.io/?EIO=%d&transport=websocket HTTP/1.1\r\nHost: %s\r\n"+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: bmV1cmFjYW1wdXMgbG9hZA==\r\n\r\n", w.client.revision, w.client.node.address))
}

func (w *webSocket) received(_ *stream, data []byte) (used int, err error) {
	if !w.upgraded {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			return 0, nil
		}
		if !bytes.HasPrefix(data, []byte("HTTP/1.1 101 ")) {
			return 0, fmt.Errorf("upgrade refused: %.120q", data)
		}
		w.upgraded = true
		used = end + 4
	}
	for {
		opcode, message, size, err := nextFrame(data[used:])
		if err != nil || size == 0 {
			return used, err
		}
		used += size
		switch opcode {
		case opText:
			w.client.packet(message)
		case opPing:
			return used, errors.New("unexpected WebSocket ping: Engine.IO has its own")
		case opClose:
			return used, fmt.Errorf("closed by the server: %q", message)
		case opBinary, opPong:
			return used, fmt.Errorf("unexpected WebSocket frame of type %d", opcode)
		}
		if w.stream.isClosed {
			return used, nil
		}
	}
}

func (w *webSocket) closed(_ *stream, reason error) { w.client.lost(reason) }

func (w *webSocket) send(packet []byte) {
	scratch := &w.client.load.scratch
	*scratch = appendFrame((*scratch)[:0], packet)
	w.stream.write(*scratch)
}

func (w *webSocket) drop() { w.stream.close() }
