//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestNextFrameIncompleteInputIsLeft(t *testing.T) {
	for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
		text := strings.Repeat("x", size)
		whole := serverFrame(text)
		for _, cut := range []int{0, 1, 2, 3, 9, len(whole) - 1} {
			if cut < len(whole) {
				if _, _, used, err := nextFrame(whole[:cut]); used != 0 || err != nil {
					t.Errorf("%d bytes of a frame of %d: used %d, %v", cut, size, used, err)
				}
			}
		}
		opcode, message, used, err := nextFrame(append(whole, 0x81))
		if err != nil || opcode != opText || string(message) != text || used != len(whole) {
			t.Errorf("frame of %d: opcode %d, %d bytes, used %d, %v", size, opcode, len(message), used, err)
		}
	}
	if _, _, _, err := nextFrame(appendFrame(nil, []byte("masked"))); err == nil {
		t.Error("a masked frame from a server was accepted")
	}
}

// serverFrame is appendFrame's frame without the mask.
func serverFrame(text string) []byte {
	masked := appendFrame(nil, []byte(text))
	header := len(masked) - len(text) - len(maskingKey)
	frame := append([]byte(nil), masked[:header]...)
	frame[1] &^= 0x80
	return append(frame, text...)
}

func TestEachPacketReadsBodyOfBothRevisions(t *testing.T) {
	for _, revision := range []int{3, 4} {
		var body []byte
		for _, packet := range []string{"0{}", "2", "4hello"} {
			body = appendPacket(revision, body, []byte(packet))
		}
		var packets []string
		if err := eachPacket(revision, body, func(p []byte) { packets = append(packets, string(p)) }); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(packets, " "); got != "0{} 2 4hello" {
			t.Errorf("Engine.IO %d: %s", revision, got)
		}
	}
	for revision, body := range map[int]string{3: "9:4hello", 4: "4hello\x1e\x1e2"} {
		if err := eachPacket(revision, []byte(body), func([]byte) {}); err == nil {
			t.Errorf("Engine.IO %d: %q was accepted", revision, body)
		}
	}
}

func TestNextResponseIncompleteInputIsLeft(t *testing.T) {
	responses := map[string]string{
		"with a length": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"in chunks":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
	}
	for name, response := range responses {
		t.Run(name, func(t *testing.T) {
			for cut := range len(response) {
				if _, _, used, err := nextResponse([]byte(response[:cut])); used != 0 || err != nil {
					t.Fatalf("%d bytes: used %d, %v", cut, used, err)
				}
			}
			status, body, used, err := nextResponse([]byte(response + "HTTP"))
			if err != nil || status != 200 || !bytes.Equal(body, []byte("hello")) || used != len(response) {
				t.Errorf("status %d, body %q, used %d, %v", status, body, used, err)
			}
		})
	}
}

func TestHistogramQuantileIsWithinThreePercent(t *testing.T) {
	var h histogram
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond} {
		if got := h.quantile(q); got < want*96/100 || got > want*102/100 {
			t.Errorf("quantile %g: %v, want about %v", q, got, want)
		}
	}
	if h.max != time.Second {
		t.Errorf("max %v", h.max)
	}
}
