package handlers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
)

// sent is one event that went out, with its payload as a client reads it.
type sent struct {
	event   string
	payload string
}

// encoded makes sure that the event is as the AsyncAPI document says.
func encoded(event string, payload any) sent {
	text, err := json.Marshal(payload)
	if err == nil {
		err = misfit(event, text)
	}
	if err != nil {
		panic(err)
	}
	return sent{event, string(text)}
}

// rooms records what is broadcast. It does not know who is in which room.
type rooms struct {
	mu         sync.Mutex
	broadcasts []sent
	users      []string
	limited    bool
	sent       chan struct{} // holds something when there may be broadcasts
}

func (r *rooms) Broadcast(room string, messages ...handlers.Message) {
	r.BroadcastExcept(room, "", messages...)
}

func (r *rooms) BroadcastExcept(_, _ string, messages ...handlers.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, message := range messages {
		r.broadcasts = append(r.broadcasts, encoded(message.Event, message.Payload))
	}
	select {
	case r.sent <- struct{}{}:
	default:
	}
}

// BroadcastTo records which of these users it is for.
func (r *rooms) BroadcastTo(_ string, wanted func(user string) bool, messages ...handlers.Message) {
	var users []string
	for _, user := range []models.Actor{asha, gita, boris, admin, chen} {
		if key := handlers.UserKey(user); wanted(key) {
			users = append(users, key)
		}
	}
	for _, message := range messages {
		r.record(sent{"to " + strings.Join(users, ", ") + " " + message.Event, encoded(message.Event, message.Payload).payload})
	}
}

func (r *rooms) HasLimited(string) bool { return r.limited }

func (r *rooms) SendLimited(_, user string, messages ...handlers.Message) {
	for _, message := range messages {
		r.record(sent{"to " + user + " " + message.Event, encoded(message.Event, message.Payload).payload})
	}
}

func (r *rooms) Limit(_ string, limited func(user string) bool) {
	r.limited = limited("student:chen")
	r.record(sent{"limited", fmt.Sprint(r.limited, limited("teacher:asha"))})
}

// Remove and Close record whom they were called with, as an event.
func (r *rooms) Remove(_ string, users []string, message handlers.Message) {
	r.record(sent{"removed " + strings.Join(users, " "), encoded(message.Event, message.Payload).payload})
}

func (r *rooms) Close(_ string, message handlers.Message) {
	r.record(sent{"closed", encoded(message.Event, message.Payload).payload})
}

func (r *rooms) record(event sent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broadcasts = append(r.broadcasts, event)
}

func (r *rooms) Users(context.Context, string) ([]string, error) { return r.users, nil }

// taken returns what was broadcast since the last call.
func (r *rooms) taken() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.broadcasts
	r.broadcasts = nil
	return taken
}

// next waits until something is broadcast.
func (r *rooms) next(t testing.TB) []sent {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		if taken := r.taken(); len(taken) > 0 {
			return taken
		}
		select {
		case <-r.sent:
		case <-deadline:
			t.Fatal("nothing was broadcast")
		}
	}
}

// socket is one client.
type socket struct {
	claims  any
	user    string
	state   any
	joined  []string
	resume  []string // rooms that the next Resumable offers
	since   time.Time
	label   string
	full    bool
	breaks  bool // joining panics
	second  bool // its user has another socket in every room
	emitted []sent
	spent   int
	waited  time.Duration // how long the event has waited
	busy    bool          // too many large answers wait for clients
	answer  any           // what EmitAnswer was last given

	callback     bool   // the event has an acknowledgement callback
	acknowledged string // the last acknowledgement in JSON
}

func (s *socket) Claims() any         { return s.claims }
func (s *socket) User() string        { return s.user }
func (s *socket) State() any          { return s.state }
func (s *socket) SetState(state any)  { s.state = state }
func (s *socket) Rooms() []string     { return s.joined }
func (s *socket) In(room string) bool { return slices.Contains(s.joined, room) }
func (s *socket) SetUser(user string) { s.user = user }
func (s *socket) Full() bool          { return s.full }

func (s *socket) Resumable(_ context.Context, each func(room, label string, since time.Time)) error {
	for _, room := range s.resume {
		each(room, s.label, s.since)
	}
	s.resume = nil
	return nil
}

func (s *socket) Join(room, _ string, _, _ bool) bool {
	if s.breaks {
		panic("out of luck")
	}
	if slices.Contains(s.joined, room) {
		return false
	}
	s.joined = append(s.joined, room)
	return !s.second
}

func (s *socket) Leave(room string) (last, was bool) {
	i := slices.Index(s.joined, room)
	if i < 0 {
		return false, false
	}
	s.joined = slices.Delete(s.joined, i, i+1)
	return !s.second, true
}

func (s *socket) Spend(events int) { s.spent += events }
func (s *socket) MaxPayload() int  { return 16 << 20 }

func (s *socket) Acknowledges() bool { return s.callback }

func (s *socket) Waited() time.Duration { return s.waited }

func (s *socket) EmitAnswer(event string, payload any) bool {
	s.answer = payload
	if !s.busy {
		s.Emit(event, payload)
	}
	return !s.busy
}

func (s *socket) Emit(event string, payload any) {
	s.emitted = append(s.emitted, encoded(event, payload))
}

// connect returns a socket of a user: with claims in signed mode, identified in open mode.
func (s *server) connect(actor models.Actor) *socket {
	s.t.Helper()
	client := &socket{}
	switch {
	case actor == nobody:
	case s.mode == models.ModeSigned:
		client.claims = actor
	default:
		s.emit(client, "identify", `{"userId":"`+actor.ID.Key+`","role":"`+string(actor.Role)+`"}`)
	}
	return client
}

// emit sends an event with these arguments, and returns what the server emitted to that socket and its acknowledgement.
func (s *server) emit(client *socket, event, arguments string) (emitted []sent, reply ack) {
	s.t.Helper()
	handler, known := s.events[event]
	if !known {
		s.t.Fatalf("there is no event %s", event)
	}
	client.emitted = nil
	text, err := json.Marshal(handler.Handle(context.Background(), client, json.RawMessage("["+arguments+"]")))
	if err == nil {
		err = json.Unmarshal(text, &reply)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	client.acknowledged = string(text)
	wantReason(s.t, !reply.done(), text)
	if err := misfit(replyOf(event, reply.done()), text); err != nil {
		s.t.Errorf("the acknowledgement of %s: %v", event, err)
	}
	return client.emitted, reply
}

// reasonWord is the form of a reason.
var reasonWord = regexp.MustCompile(`"reason":"[a-z]+(_[a-z]+)*"`)

// wantReason checks that an answer carries a reason exactly if it is a refusal.
func wantReason(t testing.TB, refused bool, answer []byte) {
	t.Helper()
	if refused != reasonWord.Match(answer) {
		t.Errorf("refused: %v, but the answer is %s", refused, answer)
	}
}

// ack is what an acknowledgement callback gets.
type ack map[string]any

func (a ack) done() bool {
	done, _ := a["success"].(bool)
	return done
}

func (a ack) refused(message string) bool { return !a.done() && a["message"] == message }
