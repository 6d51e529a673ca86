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
		About       string
		Aliases     []string
		Answers     []string
		RefusedWith string
		Optional    []string
		Example     map[string]json.RawMessage
	}
	Server map[string]struct {
		About    string
		To       string
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

func TestClientEventWordsEqualThoseOfPage(t *testing.T) {
	known := readProtocol(t).Client
	for _, event := range (&Handlers{}).Table() {
		name := event.described.names[0]
		page, words := known[name], clientEventWords[name]
		if words.about == "" || page.About != words.about {
			t.Errorf("protocol.json says of %s\n%q\nclientEventWords\n%q", name, page.About, words.about)
		}
		if !slices.Equal(page.Aliases, event.described.names[1:]) || !slices.Equal(page.Answers, words.answers) {
			t.Errorf("protocol.json says that %s is also %v and answered with %v, the server %v and %v", name, page.Aliases, page.Answers, event.described.names[1:], words.answers)
		}
		read := map[string]bool{}
		for _, key := range keysOf(event.described.read) {
			read[key.name] = true
			if key.optional != slices.Contains(page.Optional, key.name) && key.name != "studentName" { // TypeScript asks for a name
				t.Errorf("%s.%s: optional on one side only", name, key.name)
			}
		}
		for key := range words.keys {
			if !read[key] {
				t.Errorf("%s has words for %s, which it does not read", name, key)
			}
		}
	}
}

// TestServerEventsEqualThoseOfPage compares names, words and keys, nested ones included.
func TestServerEventsEqualThoseOfPage(t *testing.T) {
	known := readProtocol(t).Server
	sent := map[string]reflect.Type{}
	for _, event := range serverEvents {
		if event.name == connectError { // no event that a page listens for by itself
			continue
		}
		sent[event.name] = event.payload
		if page := known[event.name]; page.About != event.about || page.To != event.to {
			t.Errorf("protocol.json says of %s\n%q to %q\nserverEvents\n%q to %q", event.name, page.About, page.To, event.about, event.to)
		}
	}
	if page, server := slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(sent)); !slices.Equal(page, server) {
		t.Fatalf("protocol.json has %v, the server %v", page, server)
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
