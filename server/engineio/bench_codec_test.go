package engineio

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func BenchmarkDecodePayload(b *testing.B) {
	packet := `42["attendanceMarked",{"classId":"algebra","studentId":"s-1024","status":"present"}]`
	for name, c := range map[string]struct {
		revision int
		body     string
	}{
		"revision 4": {revision4, strings.Repeat(packet+"\x1e", 9) + packet},
		"revision 3": {revision3, strings.Repeat("84:"+packet, 10)},
	} {
		b.Run(name, func(b *testing.B) {
			body := []byte(c.body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if packets, err := decodePayload(body, c.revision, false); err != nil || len(packets) != 10 {
					b.Fatalf("%d packets, %v", len(packets), err)
				}
			}
		})
	}
}

func BenchmarkEncodePayload(b *testing.B) {
	packets := []packet{textPacket(`42["attendanceUpdate",{"classId":"algebra"}]`), {binary: true, data: make([]byte, 1000)}}
	for _, revision := range []int{revision3, revision4} {
		b.Run(map[int]string{revision3: "revision 3", revision4: "revision 4"}[revision], func(b *testing.B) {
			var body []byte
			b.ReportAllocs()
			for b.Loop() {
				body, _ = appendPayload(body[:0], packets, revision, false)
			}
		})
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	text := []byte(`217["attendanceMarked",{"classId":"algebra","studentId":"s-1024","studentName":"Ada Lovelace","status":"present"}]`)
	data := bytes.Clone(text)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		copy(data, text) // splitEvent works in place
		p, err := parseSocketPacket(data)
		if err == nil {
			err = p.check()
		}
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := splitEvent(p.payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadMessages(b *testing.B) {
	frame := maskedFrame(true, opcodeText, []byte(`42["attendanceMarked",{"classId":"algebra","studentId":"s-1024"}]`))
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
