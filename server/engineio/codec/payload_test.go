package codec

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// checkPackets fails unless packets are such as the sessions take, and become themselves again when they are encoded.
func checkPackets(t *testing.T, packets []Packet, revision int, base64Only bool) {
	t.Helper()
	if len(packets) == 0 || len(packets) > maxPayloadPackets {
		t.Fatalf("%d packets", len(packets))
	}
	for _, p := range packets {
		if !p.Binary && (checkText(p.Data) != nil || !utf8.Valid(p.Data)) {
			t.Fatalf("%q is no text packet", p.Data)
		}
	}
	body, binary := AppendPayload(nil, packets, revision, base64Only)
	again, err := DecodePayload(body, revision, binary)
	if err != nil || len(again) != len(packets) {
		t.Fatalf("%q decodes to %d packets, want %d: %v", body, len(again), len(packets), err)
	}
	for i := range packets {
		if again[i].Binary != packets[i].Binary || !bytes.Equal(again[i].Data, packets[i].Data) {
			t.Fatalf("packet %d became %q, was %q", i, again[i].Data, packets[i].Data)
		}
	}
}

func FuzzPayload4(f *testing.F) {
	for _, body := range []string{"4hello", "4a\x1ebAQIDBA==\x1e2", "b", "", "\x1e", "b!", "4\xff", "7", "bAQ=\n=", "4\U0001F600"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []Packet
		var err error
		engineiotest.CheckGrowth(t, len(body), func() { packets, err = DecodePayload(body, Revision4, false) })
		if err != nil {
			if packets != nil {
				t.Fatal("packets in spite of an error")
			}
			return
		}
		for _, p := range packets {
			if bytes.IndexByte(p.Data, separator) >= 0 && !p.Binary {
				t.Fatalf("a separator inside %q", p.Data)
			}
		}
		checkPackets(t, packets, Revision4, false)
	})
}

func FuzzPayload3(f *testing.F) {
	for _, body := range []string{"6:4hello", "6:4hello10:b4AQIDBA==", "1:22:4é", "3:4\U0001F600", "2:4\U0001F600", "0:", "99999999999:4", "-1:4", ":", "1:", "2:4", "+1:2"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []Packet
		var err error
		engineiotest.CheckGrowth(t, len(body), func() { packets, err = DecodePayload(body, Revision3, false) })
		if err == nil {
			checkPackets(t, packets, Revision3, true)
			checkPackets(t, packets, Revision3, false)
		}
	})
}

func FuzzBinaryPayload3(f *testing.F) {
	for _, body := range []string{"\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04", "\x01\x01\xff\x04", "\x00\x00\xff", "\x00\xff", "\x00\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff", "\x02\x01\xff4", "\x00\x02\xff4\xff"} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var packets []Packet
		var err error
		engineiotest.CheckGrowth(t, len(body), func() { packets, err = DecodePayload(body, Revision3, true) })
		if err == nil {
			checkPackets(t, packets, Revision3, false)
			checkPackets(t, packets, Revision3, true)
		}
	})
}
