package emitter

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"
)

const (
	maxSize    = 1000
	roomPrefix = "class:"
)

// published are messages as version 5.1.0 of the official emitter publishes them, in base64.
var published = []struct {
	name, channel, message string
	want                   string // the emit, or the error
}{
	{
		"values", "socket.io#/#class:Math#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhkqZub3RpY2WGpHRleHSqUsOkdW1lIDxiPqFulwH/zQEs0v//Y8DPAAAAASoF8gDLP/gAAAAAAADPACAAAAAAAACib27DpG5vbmXAomF01/8dU1MAaaVSvKNkYXnW/2mk0wCjbnNwoS+DpXJvb21zkapjbGFzczpNYXRopWZsYWdzgKZleGNlcHSQ",
		`notice to [class:Math] not [] [{"text":"Räume \u003cb\u003e","n":[1,-1,300,-40000,5000000000,1.5,9007199254740992],"on":true,"none":null,` +
			`"at":"2026-03-02T09:05:00.123Z","day":"2026-03-02T00:00:00.000Z"}] []`,
	},
	{
		"time before 1970", "socket.io#/#class:Math#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhkqZub3RpY2XHDP8dzWUA//////////+jbnNwoS+DpXJvb21zkapjbGFzczpNYXRopWZsYWdzgKZleGNlcHSQ",
		`notice to [class:Math] not [] ["1969-12-31T23:59:59.500Z"] []`,
	},
	{
		"binary values", "socket.io#/#class:Math#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhk6RmaWxlxAMBAgOBpG1vcmXEAQSjbnNwoS+DpXJvb21zkapjbGFzczpNYXRopWZsYWdzgKZleGNlcHSQ",
		`file to [class:Math] not [] [{"_placeholder":true,"num":0},{"more":{"_placeholder":true,"num":1}}] [[1 2 3] [4]]`,
	},
	{
		"several rooms, one excepted, flags", "socket.io#/#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhkaZub3RpY2WjbnNwoS+DpXJvb21zkqpjbGFzczpNYXRop2NsYXNzOjelZmxhZ3OCqHZvbGF0aWxlw6hjb21wcmVzc8OmZXhjZXB0kaljbGFzczpMYWI=",
		`notice to [class:Math class:7] not [class:Lab] [] []`,
	},
	{
		"no room", "socket.io#/#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhkaZub3RpY2WjbnNwoS+DpXJvb21zkKVmbGFnc4CmZXhjZXB0kA==",
		ErrRoom.Error(),
	},
	{
		"other namespace", "socket.io#/admin#class:Math#",
		"k6dlbWl0dGVyg6R0eXBlAqRkYXRhkaZub3RpY2WjbnNwpi9hZG1pboOlcm9vbXORqmNsYXNzOk1hdGilZmxhZ3OApmV4Y2VwdJA=",
		ErrNamespace.Error(),
	},
	{
		"command", "socket.io-request#/#",
		base64.StdEncoding.EncodeToString([]byte(`{"type":2,"opts":{"rooms":[],"except":[]},"rooms":["class:Math"]}`)),
		ErrCommand.Error(),
	},
}

func TestParseReadsOfficialEmitter(t *testing.T) {
	for _, test := range published {
		message, err := base64.StdEncoding.DecodeString(test.message)
		if err != nil {
			t.Fatal(err)
		}
		emit, err := Parse(test.channel, string(message), roomPrefix, maxSize)
		got := fmt.Sprintf("%s to %v not %v %s %v", emit.Event, emit.Rooms, emit.Except, emit.Arguments.JSON, emit.Arguments.Attachments)
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// encoded returns a message of the emitter; packet and options are maps.
func encoded(t testing.TB, parts ...any) string {
	t.Helper()
	text, err := msgp.AppendIntf(nil, parts)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// event returns a message that emits an event with arguments to the room class:Math.
func event(t testing.TB, name any, arguments ...any) string {
	t.Helper()
	packet := map[string]any{"type": 2, "nsp": "/", "data": append([]any{name}, arguments...)}
	return encoded(t, "emitter", packet, map[string]any{"rooms": []any{"class:Math"}, "except": []any{}})
}

func nested(depth int) (value any) {
	for range depth {
		value = []any{value}
	}
	return value
}

func TestParseNamesWhyMessageIsIgnored(t *testing.T) {
	rooms := map[string]any{"rooms": []any{"class:Math"}}
	packet := map[string]any{"type": 2, "nsp": "/", "data": []any{"notice"}}
	binary := make([]any, maxAttachments+1)
	for i := range binary {
		binary[i] = []byte{1}
	}
	for _, test := range []struct {
		name, message string
		want          error // nil: it is taken
	}{
		{"event", event(t, "notice", "text"), nil},
		{"no namespace is /", encoded(t, "emitter", map[string]any{"type": 2, "data": []any{"notice"}}, rooms), nil},
		{"unknown options", encoded(t, "emitter", packet, map[string]any{"rooms": []any{"class:Math"}, "later": nested(3)}), nil},
		{"deep values", event(t, "notice", nested(maxDepth)), nil},
		{"deeper values", event(t, "notice", nested(maxDepth+1)), ErrMalformed},
		{"ten binary values", event(t, "notice", binary[1:]...), nil},
		{"eleven binary values", event(t, "notice", binary...), ErrMalformed},
		{"placeholder beside a binary value", event(t, "notice", []byte{1}, map[string]any{"_placeholder": true, "num": 7}), ErrMalformed},
		{"server with the Redis adapter", encoded(t, "hXk3aQ", packet, rooms), ErrSender},
		{"room of no class", encoded(t, "emitter", packet, map[string]any{"rooms": []any{"class:Math", "staff"}}), ErrRoom},
		{"except a room of no class", encoded(t, "emitter", packet, map[string]any{"rooms": []any{"class:Math"}, "except": []any{"sid"}}), ErrRoom},
		{"reserved event", event(t, "disconnect"), ErrEvent},
		{"event without a name", event(t, ""), ErrEvent},
		{"event that is a number", event(t, 5), ErrMalformed},
		{"no data", encoded(t, "emitter", map[string]any{"type": 2}, rooms), ErrEvent},
		{"packet of another type", encoded(t, "emitter", map[string]any{"type": 1, "data": []any{"notice"}}, rooms), ErrMalformed},
		{"no options", encoded(t, "emitter", packet), ErrMalformed},
		{"more after it", event(t, "notice") + "\x00", ErrMalformed},
		{"key that is a number", encoded(t, "emitter", packet, rooms)[:9] + "\x81\x01\x02", ErrMalformed},
		{"length that is not there", "\x93\xa7emitter\x81\xa4data\xdd\xff\xff\xff\xff", ErrMalformed},
		{"nothing", "", ErrMalformed},
		{"too large", event(t, "notice", strings.Repeat("x", maxSize)), ErrTooLarge},
	} {
		if _, err := Parse("socket.io#/#", test.message, roomPrefix, maxSize); !errors.Is(err, test.want) || test.want == nil && err != nil {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

// FuzzParse also cuts every message at each byte: what is not whole is refused.
func FuzzParse(f *testing.F) {
	for _, seed := range published {
		message, err := base64.StdEncoding.DecodeString(seed.message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(message)
	}
	f.Add([]byte(event(f, "notice", nested(5), 1.5, "\xff", map[string]any{"a": nil})))
	f.Fuzz(func(t *testing.T, message []byte) {
		emit, err := Parse("socket.io#/#", string(message), roomPrefix, maxSize)
		if err != nil {
			return
		}
		if !json.Valid(emit.Arguments.JSON) {
			t.Errorf("arguments %q", emit.Arguments.JSON)
		}
		size := len(emit.Arguments.JSON)
		if most := 6*len(message) + 40*len(emit.Arguments.Attachments); size > most {
			t.Errorf("%d bytes became %d", len(message), size)
		}
		for _, room := range slices.Concat(emit.Rooms, emit.Except) {
			if !strings.HasPrefix(room, roomPrefix) {
				t.Errorf("room %q", room)
			}
		}
		for end := range message {
			if _, err := Parse("socket.io#/#", string(message[:end]), roomPrefix, maxSize); err == nil {
				t.Errorf("the first %d of %d bytes are taken", end, len(message))
			}
		}
	})
}
