package codec

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// socketPackets are Socket.IO packets, good ones and bad ones.
var socketPackets = []string{
	`0`, `0{"token":"x"}`, `0/other,`, `0/other?a=b,{}`, `1`, `1/other,`, `2["name"]`, `2["name",1,"2",{"3":[null]}]`, `217["ack"]`,
	`2/other,999999999999999["a,b]c\"",{}]`, `51-["file",{"_placeholder":true,"num":0}]`, `62-/other,3[{"_placeholder":true,"num":1},{}]`,
	`3/other,5[]`, `2[ "spaces" , 1 ]`, `2["\u0064isconnect"]`, `2[]`, `2[1]`, `510-[]`, `511-[]`, `5-["x"]`, `4"no"`, `29007199254740993["x"]`,
	"2[\"\xff\"]", `2["a","b"]]`, `/`, ``, `2["\ud800"]`,
}

func FuzzSocketPacket(f *testing.F) {
	for _, text := range socketPackets {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p SocketPacket
		var err error
		engineiotest.CheckGrowth(t, len(data), func() {
			if p, err = ParseSocketPacket(data); err == nil {
				err = p.Check()
			}
		})
		if err != nil {
			return
		}
		if p.Attachments > maxAttachments || len(p.ID) > maxAckDigits || len(p.Namespace) > maxNamespaceLength || p.Namespace[0] != '/' {
			t.Fatalf("%+v", p)
		}
		if len(p.Payload) > 0 && !json.Valid(p.Payload) {
			t.Fatalf("payload %q", p.Payload)
		}
		again, err := ParseSocketPacket(p.Append(nil))
		if err != nil || again.Type != p.Type || again.Attachments != p.Attachments || again.Namespace != p.Namespace || again.ID != p.ID ||
			!bytes.Equal(again.Payload, p.Payload) {
			t.Fatalf("%+v became %+v: %v", p, again, err)
		}
	})
}

func FuzzEvent(f *testing.F) {
	for _, text := range socketPackets {
		f.Add([]byte(strings.TrimLeft(text, "0123456789/oter,-?ab=")))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		if (SocketPacket{Type: SocketEvent, Payload: payload}).Check() != nil || !utf8.Valid(payload) {
			return
		}
		var want []any
		if err := json.Unmarshal(payload, &want); err != nil {
			return // numbers that JSON allows and Go does not hold
		}
		name, arguments, err := SplitEvent(bytes.Clone(payload))
		first, isString := "", false
		if len(want) > 0 {
			first, isString = want[0].(string)
		}
		reserved := slices.Contains(reservedEvents, first)
		if err != nil {
			if isString && !reserved {
				t.Fatalf("%q is refused: %v", payload, err)
			}
			return
		}
		if !isString || string(name) != first || reserved {
			t.Fatalf("%q has the name %q", payload, name)
		}
		sameJSON(t, arguments, want[1:])
		// The same event, as EncodeEvent sends it, and as the library gets it.
		sent := EncodeEvent(RootNamespace, string(name), Arguments{JSON: arguments})
		sameJSON(t, sent.packets[0].Data[2:], want)
		forLibrary := EncodeLibraryEvent(RootNamespace, "", string(name), arguments, 0)
		sameJSON(t, forLibrary[1:], want)
		end := bytes.IndexAny(forLibrary, ",]") // where the library's parser takes the name to end
		var libraryName string
		if err := json.Unmarshal(forLibrary[2:end], &libraryName); err != nil || libraryName != first {
			t.Fatalf("the library takes %q for the name of %q: %v", forLibrary[2:end], payload, err)
		}
	})
}

func sameJSON(t *testing.T, text []byte, want []any) {
	t.Helper()
	var got []any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(append([]any{}, want...))
	if !bytes.Equal(gotText, wantText) {
		t.Fatalf("%s, want %s", gotText, wantText)
	}
}

// libraryPlaceholder is what the library decodes an attachment into; it indexes with Num where Placeholder is set.
type libraryPlaceholder struct {
	Num         uint64
	PlaceHolder bool `json:"_placeholder"`
}

func FuzzPlaceholders(f *testing.F) {
	for _, text := range []string{
		`[{"_placeholder":true,"num":0}]`, `[{"_placeholder":true,"num":1}]`, `[{"_PLACEHOLDER":true,"NUM":1e2}]`, `[[[{"a":{"_placeholder":true}}]]]`,
		`[{"_placeholder":true,"num":9,"Num":0}]`, `[{"_placeholder":true,"num":0.5}]`, `[{"_placeholder":true,"num":-1}]`, `[{"num":18446744073709551615,"_placeholder":true}]`,
	} {
		f.Add([]byte(text), 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, count int) {
		if count < 0 || count > maxAttachments {
			return
		}
		var err error
		engineiotest.CheckGrowth(t, len(text), func() { err = CheckPlaceholders(text, count) })
		if err != nil {
			return
		}
		var objects []json.RawMessage
		collectObjects(text, &objects)
		for _, object := range objects {
			var placeholder libraryPlaceholder
			if json.Unmarshal(object, &placeholder) == nil && placeholder.PlaceHolder && placeholder.Num >= uint64(count) {
				t.Fatalf("%s is let through, and the library would index %d of %d with it", object, placeholder.Num, count)
			}
		}
	})
}

// collectObjects appends every object in a JSON text, as it stands there.
func collectObjects(text json.RawMessage, objects *[]json.RawMessage) {
	var elements []json.RawMessage
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &elements) == nil {
		for _, element := range elements {
			collectObjects(element, objects)
		}
	} else if json.Unmarshal(text, &members) == nil {
		*objects = append(*objects, text)
		for _, member := range members {
			collectObjects(member, objects)
		}
	}
}
