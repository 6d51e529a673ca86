package codec

import (
	"bytes"
	"errors"
	"math"
	"testing"
)

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
		header, ok, err := ParseFrameHeader(data, limit)
		switch {
		case ok && err != nil:
			t.Fatal("a header and an error")
		case err != nil && !errors.Is(err, ErrBadFrame) && !errors.Is(err, ErrTooBig):
			t.Fatal(err)
		case ok && (header.Size > len(data) || header.Size < 6 || header.Length < 0):
			t.Fatalf("%+v of %d bytes", header, len(data))
		case ok && header.Length > limit && header.Opcode&0x8 == 0:
			t.Fatalf("%d bytes, allowed are %d", header.Length, limit)
		case ok && header.Opcode&0x8 != 0 && (header.Length > maxControlPayload || !header.Final):
			t.Fatalf("control frame %+v", header)
		case !ok && err == nil && len(data) >= 14:
			t.Fatal("no decision although the header is all there")
		}
		// What comes later does not change a decision.
		if ok || err != nil {
			later, laterOK, laterErr := ParseFrameHeader(append(bytes.Clone(data), 0xff), limit)
			if later != header && err == nil || laterOK != ok || !errors.Is(laterErr, err) {
				t.Fatalf("%+v %v %v, then %+v %v %v", header, ok, err, later, laterOK, laterErr)
			}
		}
		if ok {
			again := AppendFrame(nil, header.Opcode, nil, make([]byte, min(header.Length, 1<<17)))
			if again[0]&0x0f != header.Opcode || header.Length < 1<<17 && len(again)-header.Length > maxFrameHeader {
				t.Fatalf("encoded as % x", again[:min(len(again), 14)])
			}
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
		if end := Unmask(data, mask, position); end != position+len(data) || !bytes.Equal(data, want) {
			t.Fatalf("% x, want % x; the end is %d", data, want, end)
		}
	})
}
