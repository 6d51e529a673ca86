package handlers

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// protocol is the table of the demo page, public/src/protocol.json.
type protocol struct {
	Client map[string]struct {
		Aliases     []string
		RefusedWith string
		Optional    []string
		Example     map[string]json.RawMessage
	}
	Server map[string]struct {
		Optional []string
		Example  map[string]any
	}
}

func readProtocol(t *testing.T) protocol {
	t.Helper()
	text, err := os.ReadFile("../public/src/protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	var p protocol
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// recordingSocket is a socket that only records what it is sent.
type recordingSocket struct {
	Socket
	sent []Message
}

func (r *recordingSocket) State() any { return nil }

func (r *recordingSocket) Emit(event string, payload any) {
	r.sent = append(r.sent, Message{event, payload})
}

// TestClientEventsEqualThoseOfPage compares names, the keys that the server reads, the ones that it requires, and
// the event that answers a refusal. Arguments that are wrong are refused before anything else is looked at.
func TestClientEventsEqualThoseOfPage(t *testing.T) {
	known := readProtocol(t).Client
	h := New(nil, models.ModeOpen, nil, nil, slog.New(slog.DiscardHandler))
	names := map[string]string{}
	for name, event := range known {
		names[name] = name
		for _, alias := range event.Aliases {
			names[alias] = name
		}
	}
	for _, event := range h.Table() {
		page, ok := known[names[event.Name]]
		delete(names, event.Name)
		if !ok {
			t.Errorf("protocol.json does not have %s", event.Name)
			continue
		}
		refusal := func(data map[string]json.RawMessage) Message {
			argument, err := json.Marshal([]any{data})
			if err != nil {
				t.Fatal(err)
			}
			client := &recordingSocket{}
			event.Handle(context.Background(), client, argument)
			if len(client.sent) != 1 {
				t.Fatalf("%s %s: the client was sent %v", event.Name, argument, client.sent)
			}
			return client.sent[0]
		}
		if got := refusal(nil); got.Event != page.RefusedWith {
			t.Errorf("%s is refused with %s, protocol.json says %s", event.Name, got.Event, page.RefusedWith)
		}
		missing := strings.TrimPrefix(message(t, refusal(nil)), "Missing required parameters: ")
		for key := range strings.SplitSeq(missing, ", ") {
			if _, ok := page.Example[key]; !ok || slices.Contains(page.Optional, key) {
				t.Errorf("%s requires %s, which protocol.json does not", event.Name, key)
			}
		}
		for key := range page.Example {
			data := maps.Clone(page.Example)
			data[key] = json.RawMessage(`{}`)
			if got := message(t, refusal(data)); !strings.HasPrefix(got, key+" must be") {
				t.Errorf("%s does not read %s: %s", event.Name, key, got)
			}
		}
	}
	for name := range names {
		t.Errorf("the server does not have %s of protocol.json", name)
	}
}

// message returns the sentence of a refusal.
func message(t *testing.T, refusal Message) string {
	t.Helper()
	switch payload := refusal.Payload.(type) {
	case errorReply:
		return payload.Message
	case dataReply:
		return payload.Message
	}
	t.Fatalf("%s carries a %T", refusal.Event, refusal.Payload)
	return ""
}

// TestServerEventsEqualThoseOfPage compares names and keys, nested ones included.
func TestServerEventsEqualThoseOfPage(t *testing.T) {
	known := readProtocol(t).Server
	sent := map[string]reflect.Type{
		"userJoined": reflect.TypeFor[presence](), "userLeft": reflect.TypeFor[presence](),
		"attendance:initiated": reflect.TypeFor[sessionReply](), "attendance:ended": reflect.TypeFor[sessionReply](),
		"attendanceStarted": reflect.TypeFor[attendanceStarted](), "attendanceEnded": reflect.TypeFor[attendanceEnded](),
		"attendanceUpdate": reflect.TypeFor[attendanceUpdate](), attendanceData: reflect.TypeFor[dataReply](),
		"attendance:code": reflect.TypeFor[attendanceCode](), "attendance:flag": reflect.TypeFor[attendanceFlag](),
		attendanceError: reflect.TypeFor[errorReply](), classError: reflect.TypeFor[errorReply](),
	}
	if page, server := slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(sent)); !slices.Equal(page, server) {
		t.Fatalf("protocol.json has %v, the server %v", page, server)
	} else if listed := slices.Sorted(slices.Values(Sent())); !slices.Equal(listed, server) {
		t.Errorf("Sent lists %v, the server sends %v", listed, server)
	}
	for name, payload := range sent {
		compareKeys(t, name, payload, known[name].Example, known[name].Optional)
	}
}

func compareKeys(t *testing.T, at string, payload reflect.Type, example map[string]any, optional []string) {
	t.Helper()
	page := slices.Sorted(maps.Keys(example))
	var server []string
	for _, field := range reflect.VisibleFields(payload) {
		if field.Anonymous {
			continue
		}
		key, maybe := jsonKey(field)
		server = append(server, key)
		if maybe != slices.Contains(optional, key) {
			t.Errorf("%s.%s: one side may leave it out, the other may not", at, key)
		}
		inner, value := field.Type, example[key]
		if list, ok := value.([]any); ok && inner.Elem().Kind() == reflect.Struct {
			inner, value = inner.Elem(), list[0]
		}
		if object, ok := value.(map[string]any); ok {
			compareKeys(t, at+"."+key, inner, object, nil)
		}
	}
	slices.Sort(server)
	if !slices.Equal(page, server) {
		t.Errorf("%s: protocol.json has the keys %v, the server %v", at, page, server)
	}
}
