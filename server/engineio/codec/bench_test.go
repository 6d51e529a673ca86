package codec

import (
	"bytes"
	"strings"
	"testing"
)

func BenchmarkDecodePayload(b *testing.B) {
	packet := `42["attendanceMarked",{"classId":"algebra","studentId":"s-1024","status":"present"}]`
	for name, c := range map[string]struct {
		revision int
		body     string
	}{
		"revision 4": {Revision4, strings.Repeat(packet+"\x1e", 9) + packet},
		"revision 3": {Revision3, strings.Repeat("84:"+packet, 10)},
	} {
		b.Run(name, func(b *testing.B) {
			body := []byte(c.body)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if packets, err := DecodePayload(body, c.revision, false); err != nil || len(packets) != 10 {
					b.Fatalf("%d packets, %v", len(packets), err)
				}
			}
		})
	}
}

func BenchmarkEncodePayload(b *testing.B) {
	packets := []Packet{TextPacket(`42["attendanceUpdate",{"classId":"algebra"}]`), {Binary: true, Data: make([]byte, 1000)}}
	for _, revision := range []int{Revision3, Revision4} {
		b.Run(map[int]string{Revision3: "revision 3", Revision4: "revision 4"}[revision], func(b *testing.B) {
			var body []byte
			b.ReportAllocs()
			for b.Loop() {
				body, _ = AppendPayload(body[:0], packets, revision, false)
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
		copy(data, text) // SplitEvent works in place
		p, err := ParseSocketPacket(data)
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := SplitEvent(p.Payload); err != nil {
			b.Fatal(err)
		}
	}
}
