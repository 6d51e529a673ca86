package codec

import (
	"bytes"
	"testing"
)

func TestDecodeFrameTakesBase64AsBinary(t *testing.T) {
	for _, test := range []struct {
		name     string
		binary   bool
		message  string
		revision int
		want     []byte // nil: ErrBadPacket
	}{
		{"base64", false, "bAQID", Revision4, []byte{1, 2, 3}},
		{"base64 of Engine.IO 3", false, "b4AQID", Revision3, []byte{1, 2, 3}},
		{"base64 of Engine.IO 3 without a type", false, "b!", Revision3, nil},
		{"no base64", false, "b*", Revision4, nil},
		{"binary", true, "\x01\x02\x03", Revision4, []byte{1, 2, 3}},
		{"binary of Engine.IO 3", true, "\x04\x01\x02\x03", Revision3, []byte{1, 2, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := DecodeFrame(test.binary, []byte(test.message), test.revision)
			if (err == nil) != (test.want != nil) || err == nil && (!p.Binary || !bytes.Equal(p.Data, test.want)) {
				t.Fatalf("got %+v, %v; want % x", p, err, test.want)
			}
		})
	}
}
