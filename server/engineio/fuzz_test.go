package engineio

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"runtime/metrics"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkGrowth fails if decode allocates more than in proportion to its input. The factor covers packets of one byte, each of which
// costs a slice's header, and encoding/json's values.
func checkGrowth(t *testing.T, input int, decode func()) {
	t.Helper()
	allocated := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	var grown uint64
	for range 3 { // what another test has left running allocates, too, but not each time
		before := allocated()
		decode()
		if grown = allocated() - before; grown <= uint64(64<<10+1000*input) {
			return
		}
	}
	t.Errorf("%d bytes were allocated for %d", grown, input)
}

// checkPackets fails unless packets are such as the sessions take, and become themselves again when they are encoded.
func checkPackets(t *testing.T, packets []packet, revision int, base64Only bool) {
	t.Helper()
	if len(packets) == 0 || len(packets) > maxPayloadPackets {
		t.Fatalf("%d packets", len(packets))
	}
	for _, p := range packets {
		if !p.binary && (checkText(p.data) != nil || !utf8.Valid(p.data)) {
			t.Fatalf("%q is no text packet", p.data)
		}
	}
	body, binary := appendPayload(nil, packets, revision, base64Only)
	again, err := decodePayload(body, revision, binary)
	if err != nil || len(again) != len(packets) {
		t.Fatalf("%q decodes to %d packets, want %d: %v", body, len(again), len(packets), err)
	}
	for i := range packets {
		if again[i].binary != packets[i].binary || !bytes.Equal(again[i].data, packets[i].data) {
			t.Fatalf("packet %d became %q, was %q", i, again[i].data, packets[i].data)
		}
	}
}

func FuzzPayload4(f *testing.F) {
	for _, body := range []string{"4hello", "4a\x1ebAQIDBA==\x1e2", "b", "", "\x1e", "b!", "4\xff", "7", "bAQ=\n=", "4\U0001F600"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []packet
		var err error
		checkGrowth(t, len(body), func() { packets, err = decodePayload(body, revision4, false) })
		if err != nil {
			if packets != nil {
				t.Fatal("packets in spite of an error")
			}
			return
		}
		for _, p := range packets {
			if bytes.IndexByte(p.data, separator) >= 0 && !p.binary {
				t.Fatalf("a separator inside %q", p.data)
			}
		}
		checkPackets(t, packets, revision4, false)
	})
}

func FuzzPayload3(f *testing.F) {
	for _, body := range []string{"6:4hello", "6:4hello10:b4AQIDBA==", "1:22:4é", "3:4\U0001F600", "2:4\U0001F600", "0:", "99999999999:4", "-1:4", ":", "1:", "2:4", "+1:2"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []packet
		var err error
		checkGrowth(t, len(body), func() { packets, err = decodePayload(body, revision3, false) })
		if err == nil {
			checkPackets(t, packets, revision3, true)
			checkPackets(t, packets, revision3, false)
		}
	})
}

func FuzzBinaryPayload3(f *testing.F) {
	for _, body := range []string{"\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04", "\x01\x01\xff\x04", "\x00\x00\xff", "\x00\xff", "\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff", "\x02\x01\xff4", "\x00\x02\xff4\xff"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []packet
		var err error
		checkGrowth(t, len(body), func() { packets, err = decodePayload(body, revision3, true) })
		if err == nil {
			checkPackets(t, packets, revision3, false)
			checkPackets(t, packets, revision3, true)
		}
	})
}

func FuzzFrameHeader(f *testing.F) {
	f.Add([]byte{0x81, 0x85, 1, 2, 3, 4}, 100)
	f.Add([]byte{0x81, 0xfe, 0, 126, 1, 2, 3, 4}, 126)
	f.Add([]byte{0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4}, 1<<16)
	f.Add([]byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4}, math.MaxInt)
	f.Add([]byte{0x89, 0xfe, 0, 126}, 1000)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		if limit < 0 {
			return
		}
		header, ok, err := parseFrameHeader(data, limit)
		switch {
		case ok && err != nil:
			t.Fatal("a header and an error")
		case err != nil && !errors.Is(err, errBadFrame) && !errors.Is(err, errTooBig):
			t.Fatal(err)
		case ok && (header.size > len(data) || header.size < 6 || header.length < 0):
			t.Fatalf("%+v of %d bytes", header, len(data))
		case ok && header.length > limit && header.opcode&0x8 == 0:
			t.Fatalf("%d bytes, allowed are %d", header.length, limit)
		case ok && header.opcode&0x8 != 0 && (header.length > maxControlPayload || !header.final):
			t.Fatalf("control frame %+v", header)
		case !ok && err == nil && len(data) >= 14:
			t.Fatal("no decision although the header is all there")
		}
		// What comes later does not change a decision.
		if ok || err != nil {
			later, laterOK, laterErr := parseFrameHeader(append(bytes.Clone(data), 0xff), limit)
			if later != header && err == nil || laterOK != ok || !errors.Is(laterErr, err) {
				t.Fatalf("%+v %v %v, then %+v %v %v", header, ok, err, later, laterOK, laterErr)
			}
		}
		if ok {
			again := appendFrame(nil, header.opcode, nil, make([]byte, min(header.length, 1<<17)))
			if again[0]&0x0f != header.opcode || header.length < 1<<17 && len(again)-header.length > maxFrameHeader {
				t.Fatalf("encoded as % x", again[:min(len(again), 14)])
			}
		}
	})
}

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
	data := appendFrame(nil, opcode, nil, payload)
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
	add(maskedFrame(true, opcodeText, []byte("4hello")), maskedFrame(true, opcodeBinary, []byte{1, 2}))
	add(maskedFrame(false, opcodeText, []byte("4h")), maskedFrame(true, opcodePing, []byte("x")), maskedFrame(true, opcodeContinuation, []byte("i")))
	add(maskedFrame(false, opcodeText, nil), maskedFrame(true, opcodeContinuation, nil))
	add(maskedFrame(true, opcodeText, []byte{0xff}))
	add(maskedFrame(true, opcodeClose, nil))
	f.Fuzz(func(t *testing.T, frames []byte, before, piece int) {
		const limit = 10_000
		if piece < 1 || before < 0 || before > limit {
			return
		}
		data := append(maskedFrame(true, opcodeText, bytes.Repeat([]byte("x"), before)), frames...)
		var got []string
		var err error
		checkGrowth(t, len(data), func() { got, err = readAll(data, piece, limit) })
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
		opcode := byte(opcodeBinary)
		for rest := message; ; opcode = opcodeContinuation {
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

func FuzzUnmask(f *testing.F) {
	f.Add([]byte("hello, this is longer than eight bytes"), uint32(0x01020304), 3)
	f.Fuzz(func(t *testing.T, data []byte, word uint32, position int) {
		if position < 0 || position > math.MaxInt/2 {
			return
		}
		mask := [4]byte{byte(word), byte(word >> 8), byte(word >> 16), byte(word >> 24)}
		want := bytes.Clone(data)
		for i := range want {
			want[i] ^= mask[(position+i)%4]
		}
		if end := unmask(data, mask, position); end != position+len(data) || !bytes.Equal(data, want) {
			t.Fatalf("% x, want % x; the end is %d", data, want, end)
		}
	})
}
