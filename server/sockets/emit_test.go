package sockets_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// TestEmitReachesEachMemberOnce has a line for each choice of rooms. Who is not reached gets nothing before the broadcast that follows.
func TestEmitReachesEachMemberOnce(t *testing.T) {
	hub := newHub(sockets.Options{})
	url := serve(t, hub)
	inRoom, inHall, inBoth := as(connect(t, url, ""), "a"), as(connect(t, url, ""), "b"), as(connect(t, url, ""), "c")
	for member, rooms := range map[*client][]string{inRoom: {"room"}, inHall: {"hall"}, inBoth: {"room", "hall"}} {
		for _, room := range append(rooms, "end") {
			member.ask("join", room)
		}
	}
	for _, client := range []*client{inRoom, inHall, inBoth} {
		client.ask("say", "drain") // reads what the joins of the others have sent
	}
	for _, test := range []struct {
		name          string
		rooms, except []string
		reached       []*client
	}{
		{"a room", []string{"room"}, nil, []*client{inRoom, inBoth}},
		{"two rooms", []string{"room", "hall"}, nil, []*client{inRoom, inHall, inBoth}},
		{"a room twice", []string{"hall", "hall"}, nil, []*client{inHall, inBoth}},
		{"a room except another", []string{"room"}, []string{"hall"}, []*client{inRoom}},
		{"a room except itself", []string{"room"}, []string{"room"}, nil},
		{"no such room", []string{"attic"}, []string{"room"}, nil},
	} {
		hub.Emit(sockets.Target{Rooms: test.rooms, Except: test.except}, "notice", codec.Arguments{JSON: json.RawMessage(`[1]`)})
		hub.Broadcast("end", sockets.Message{Event: "end", Payload: test.name})
		want := map[*client]int{}
		for _, client := range test.reached {
			want[client]++
		}
		for name, client := range map[string]*client{"room": inRoom, "hall": inHall, "both": inBoth} {
			notices := 0
			for {
				text := client.Receive(t).Text
				if text == `42["end","`+test.name+`"]` {
					break
				}
				if text == `42["notice",1]` {
					notices++
				}
			}
			if notices != want[client] {
				t.Errorf("%s: the client in %s got %d notices, want %d", test.name, name, notices, want[client])
			}
		}
	}
}

// Clients that ask for large answers and read none get them until there are too many in all. Who reads theirs is answered again.
func TestEmitAnswerOverLimitOfAllClientsIsRefused(t *testing.T) {
	const queueBytes, clients = 65_536, 40
	hub := newHub(sockets.Options{QueueBytes: queueBytes})
	sent := make(chan bool, 1)
	hub.Handle("answer", func(_ context.Context, socket *sockets.Socket, _ json.RawMessage) any {
		sent <- socket.EmitAnswer("answer", strings.Repeat("x", queueBytes))
		return nil
	})
	url := serve(t, hub)
	var all []*engineiotest.Polling
	ask := func(session *engineiotest.Polling) bool {
		t.Helper()
		session.Post(t, `42["answer"]`)
		return <-sent
	}
	accepted := 0
	for range clients {
		session := engineiotest.Open(t, engineiotest.NewHTTPClient(t), url, 4)
		session.Post(t, "40")
		session.Get(t)
		if ask(session) {
			accepted++
			all = append(all, session)
		}
	}
	if accepted == 0 || accepted > 16 { // times queueBytes
		t.Fatalf("%d of %d answers were sent", accepted, clients)
	}
	for _, session := range all {
		if got := session.Get(t).Body; len(got) < queueBytes {
			t.Errorf("a client got %.100q", got)
		}
	}
	if !ask(all[0]) {
		t.Error("all answers were read, and the next is refused")
	}
}
