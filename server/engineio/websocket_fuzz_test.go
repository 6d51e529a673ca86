package engineio

import (
	"bytes"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// scriptedConn is a connection from which data comes in pieces of a given size.
type scriptedConn struct {
	net.Conn
	data  []byte
	piece int
}

func (c *scriptedConn) Read(buffer []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	n := copy(buffer[:min(len(buffer), c.piece)], c.data)
	c.data = c.data[n:]
	return n, nil
}

// readAll returns the messages and the control frames in data, as text, and the error at the end.
func readAll(data []byte, piece, limit int) (got []string, err error) {
	ws := &webSocket{conn: &scriptedConn{data: data, piece: piece}, limit: limit}
	for {
		binary, message, err := ws.next(func(opcode byte, payload []byte) { got = append(got, string(opcode)+string(payload)) })
		if err != nil {
			return got, err
		}
		kind := "t"
		if binary {
			kind = "b"
		}
		got = append(got, kind+string(message))
	}
}

// maskedFrame is a frame as a client sends it.
func maskedFrame(final bool, opcode byte, payload []byte) []byte {
	data := codec.AppendFrame(nil, opcode, nil, payload)
	if !final {
		data[0] &^= 0x80
	}
	data[1] |= 0x80
	head := len(data) - len(payload)
	mask := [4]byte{1, 2, 3, 250}
	out := append(bytes.Clone(data[:head]), mask[:]...)
	body := bytes.Clone(payload)
	for i := range body {
		body[i] ^= mask[i%4]
	}
	return append(out, body...)
}

// FuzzWebSocketMessages reads frames of the fuzzer's, after one of a given size: so they meet the end of the buffer anywhere.
func FuzzWebSocketMessages(f *testing.F) {
	add := func(frames ...[]byte) {
		for _, before := range []int{0, readBufferSize - 20, readBufferSize, readBufferSize + 1} {
			f.Add(bytes.Join(frames, nil), before, 3)
		}
	}
	add(maskedFrame(true, codec.OpcodeText, []byte("4hello")), maskedFrame(true, codec.OpcodeBinary, []byte{1, 2}))
	add(maskedFrame(false, codec.OpcodeText, []byte("4h")), maskedFrame(true, codec.OpcodePing, []byte("x")), maskedFrame(true, codec.OpcodeContinuation, []byte("i")))
	add(maskedFrame(false, codec.OpcodeText, nil), maskedFrame(true, codec.OpcodeContinuation, nil))
	add(maskedFrame(true, codec.OpcodeText, []byte{0xff}))
	add(maskedFrame(true, codec.OpcodeClose, nil))
	f.Fuzz(func(t *testing.T, frames []byte, before, piece int) {
		const limit = 10_000
		if piece < 1 || before < 0 || before > limit {
			return
		}
		data := append(maskedFrame(true, codec.OpcodeText, bytes.Repeat([]byte("x"), before)), frames...)
		var got []string
		var err error
		engineiotest.CheckGrowth(t, len(data), func() { got, err = readAll(data, piece, limit) })
		if len(got) == 0 || len(got[0]) != 1+before {
			t.Fatalf("the first message is lost: %v", err)
		}
		for _, message := range got {
			if len(message)-1 > limit {
				t.Fatalf("a message of %d bytes", len(message)-1)
			}
			if message[0] == 't' && !utf8.ValidString(message) {
				t.Fatalf("%q is no text", message)
			}
		}
		// How the bytes are cut on their way makes no difference.
		whole, wholeErr := readAll(data, math.MaxInt, limit)
		if strings.Join(got, "|") != strings.Join(whole, "|") || err.Error() != wholeErr.Error() {
			t.Fatalf("%q %v, in one piece %q %v", got, err, whole, wholeErr)
		}
	})
}

// FuzzMessageInPieces encodes a message as frames of some size and wants it back.
func FuzzMessageInPieces(f *testing.F) {
	f.Add([]byte("4hello"), 1, 2, 1)
	f.Add([]byte("x"), 9000, 4096, 1000)
	f.Add([]byte{}, 1, 1, 1)
	f.Fuzz(func(t *testing.T, part []byte, times, size, piece int) {
		const limit = 1 << 14
		if size < 1 || piece < 1 || times < 0 || times > limit || times*len(part) > limit {
			return
		}
		message := bytes.Repeat(part, times)
		var data []byte
		opcode := byte(codec.OpcodeBinary)
		for rest := message; ; opcode = codec.OpcodeContinuation {
			fragment := rest[:min(size, len(rest))]
			rest = rest[len(fragment):]
			data = append(data, maskedFrame(len(rest) == 0, opcode, fragment)...)
			if len(rest) == 0 {
				break
			}
		}
		got, err := readAll(data, piece, limit)
		if len(got) != 1 || got[0] != "b"+string(message) {
			t.Fatalf("%d messages, %v", len(got), err)
		}
	})
}

func BenchmarkReadMessages(b *testing.B) {
	frame := maskedFrame(true, codec.OpcodeText, []byte(`42["attendanceMarked",{"classId":"algebra","studentId":"s-1024"}]`))
	script := bytes.Repeat(frame, 100)
	b.SetBytes(int64(len(script)))
	b.ReportAllocs()
	for b.Loop() {
		ws := &webSocket{conn: &scriptedConn{data: script, piece: math.MaxInt}, limit: 1000}
		for range 100 {
			if _, _, err := ws.next(nil); err != nil {
				b.Fatal(err)
			}
		}
		ws.release()
	}
}
