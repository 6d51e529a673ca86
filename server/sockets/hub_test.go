package sockets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Println(err)
		code = 1
	}
	os.Exit(code)
}

// newHub returns a hub whose sockets can set their user, join, leave, and broadcast to a room.
func newHub(options sockets.Options) *sockets.Hub {
	hub := sockets.New(options)
	text := func(arguments json.RawMessage) string {
		var values []string
		if err := json.Unmarshal(arguments, &values); err != nil || len(values) == 0 {
			return ""
		}
		return values[0]
	}
	hub.Handle("set user", func(ctx context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		socket.SetUser(text(arguments))
		var rooms []string
		if err := socket.Resumable(ctx, func(room, _ string, _ time.Time) { rooms = append(rooms, room) }); err != nil {
			return err.Error()
		}
		return rooms
	})
	hub.Handle("join", func(_ context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		return socket.Join(text(arguments), "", false, false)
	})
	hub.Handle("leave", func(_ context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		last, was := socket.Leave(text(arguments))
		return []bool{last, was}
	})
	hub.Handle("say", func(_ context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		hub.Broadcast("room", sockets.Message{Event: "said", Payload: text(arguments)})
		return "ok"
	})
	hub.Handle("say to others", func(_ context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		hub.BroadcastExcept("room", socket.User(), sockets.Message{Event: "said to others", Payload: text(arguments)})
		return "ok"
	})
	return hub
}

func as(c *client, user string) *client {
	c.ask("set user", user)
	return c
}

func TestBroadcastReachesRoomBeforeAcknowledgement(t *testing.T) {
	url := serve(t, newHub(sockets.Options{}))
	inside, outside, sender := as(connect(t, url, ""), "inside"), as(connect(t, url, ""), "outside"), as(connect(t, url, ""), "sender")
	for _, c := range []*client{inside, sender} {
		if _, first := c.ask("join", "room"); first != "[true]" {
			t.Fatalf("join: %s", first)
		}
	}
	var want []string
	for i := range 100 {
		packet := fmt.Sprintf(`42["said","%d"]`, i)
		before, _ := sender.ask("say", fmt.Sprint(i))
		if len(before) != 1 || before[0] != packet {
			t.Fatalf("before the acknowledgement of %d came %q", i, before)
		}
		want = append(want, packet)
	}
	inside.expect(want...)
	if before, _ := outside.ask("set user", "outside"); before != nil {
		t.Errorf("a socket outside the room received %q", before)
	}
}

func TestBroadcastExceptSkipsAllSocketsOfUser(t *testing.T) {
	url := serve(t, newHub(sockets.Options{}))
	sender, tab, other := as(connect(t, url, ""), "sender"), as(connect(t, url, ""), "sender"), as(connect(t, url, ""), "other")
	for _, c := range []*client{sender, tab, other} {
		c.ask("join", "room")
	}
	sender.ask("say", "one")
	sender.ask("say to others", "two")
	sender.ask("say", "three")
	other.expect(`42["said","one"]`, `42["said to others","two"]`, `42["said","three"]`)
	tab.expect(`42["said","one"]`, `42["said","three"]`)
}

func TestPresenceSeveralSocketsCountAsOneUser(t *testing.T) {
	hub := newHub(sockets.Options{Presence: sockets.NewLocalPresence(time.Minute)})
	type departure struct{ room, user string }
	left := make(chan departure, 10)
	hub.OnUserLeft(func(room, user string, _ any) { left <- departure{room, user} })
	url := serve(t, hub)
	one, two := as(connect(t, url, ""), "a"), as(connect(t, url, ""), "a")

	for _, step := range []struct {
		c           *client
		event, want string
	}{
		{one, "join", "[true]"},
		{one, "join", "[false]"}, // it is in there already
		{two, "join", "[false]"},
		{one, "leave", "[[false,true]]"},
		{one, "leave", "[[false,false]]"},
		{one, "join", "[false]"},
		{two, "leave", "[[false,true]]"},
	} {
		if _, got := step.c.ask(step.event, "room"); got != step.want {
			t.Fatalf("%s: %s, want %s", step.event, got, step.want)
		}
	}
	if users := usersOf(t, hub); len(users) != 1 || users[0] != "a" {
		t.Errorf("users %q", users)
	}
	_ = one.Close()
	select {
	case got := <-left:
		if got != (departure{"room", "a"}) {
			t.Errorf("left: %v", got)
		}
	case <-time.After(engineiotest.Deadline):
		t.Fatal("OnUserLeft was not called for the last socket")
	}
	if users := usersOf(t, hub); len(users) != 0 {
		t.Errorf("users after the last left: %q", users)
	}

	again := connect(t, url, "")
	if _, rooms := again.ask("set user", "a"); rooms != `[["room"]]` {
		t.Errorf("resumable: %s", rooms)
	}
	again.ask("join", "room")
	again.ask("leave", "room")
	if _, rooms := again.ask("set user", "a"); rooms != `[null]` {
		t.Errorf("resumable after leaving on purpose: %s", rooms)
	}
}

func TestUnknownEventIsReportedAndAcknowledged(t *testing.T) {
	hub := newHub(sockets.Options{})
	unknown := make(chan string, 1)
	hub.OnUnknown(func(_ context.Context, event string) any {
		unknown <- event
		return "unknown"
	})
	c := connect(t, serve(t, hub), "")
	if _, answer := c.ask("no such event", 1); answer != `["unknown"]` {
		t.Errorf("its acknowledgement: %s", answer)
	}
	if _, answer := c.ask("set user", "a"); answer != "[null]" {
		t.Errorf("after an unknown event: %s", answer)
	}
	if event := <-unknown; event != "no such event" {
		t.Errorf("reported %q", event)
	}
}

func TestSocketWithExpiredClaimsIsClosed(t *testing.T) {
	synctest.Test(t, checkExpiredClaims)
}

// checkExpiredClaims needs a clock of the test's own: a client that sends no heartbeats is closed as well, later.
func checkExpiredClaims(t *testing.T) {
	const lifetime = 10 * time.Second
	hub := newHub(sockets.Options{Authenticate: func(_ string, _ http.Header, _ url.Values, auth json.RawMessage) (any, time.Time, error) {
		var payload struct{ Name string }
		if err := json.Unmarshal(auth, &payload); err != nil || payload.Name == "" {
			return nil, time.Time{}, errors.New("unauthorized")
		}
		return payload.Name, time.Now().Add(lifetime), nil
	}})
	hub.Handle("who", func(_ context.Context, socket *sockets.Socket, _ json.RawMessage) any { return socket.Claims() })
	network := serveInMemory(t, hub)

	unauthenticated, _ := network.Connect(t, 4)
	unauthenticated.Send(t, "40")
	unauthenticated.ExpectText(t, `44{"message":"unauthorized"}`)

	began := time.Now()
	c := connectInMemory(t, network, `{"Name":"asha"}`)
	if _, answer := c.ask("who"); answer != `["asha"]` {
		t.Errorf("claims: %s", answer)
	}
	c.ExpectClosed(t)
	if after := time.Since(began).Truncate(time.Second); after != lifetime {
		t.Errorf("closed after %v, the claims expire after %v", after, lifetime)
	}
}

func TestBroadcastUnencodablePayloadIsSkipped(t *testing.T) {
	hub := newHub(sockets.Options{})
	hub.Handle("say unencodable", func(context.Context, *sockets.Socket, json.RawMessage) any {
		hub.Broadcast("room", sockets.Message{Event: "bad", Payload: make(chan int)}, sockets.Message{Event: "good", Payload: 1})
		return nil
	})
	c := connect(t, serve(t, hub), "")
	c.ask("join", "room")
	if before, _ := c.ask("say unencodable"); len(before) != 1 || before[0] != `42["good",1]` {
		t.Errorf("got %q", before)
	}
}

func TestIdleSocketHasOneGoroutine(t *testing.T) {
	url := serve(t, newHub(sockets.Options{}))
	const clients = 100
	before := runtime.NumGoroutine()
	for range clients {
		as(connect(t, url, ""), "user").ask("join", "room")
	}
	engineiotest.Eventually(t, func() error {
		if grown := runtime.NumGoroutine() - before; grown > clients+sockets.MaxIdleWorkers {
			return fmt.Errorf("%d goroutines for %d clients and %d workers", grown, clients, sockets.MaxIdleWorkers)
		}
		return nil
	})
}

// usersOf returns who is in the room that the tests use.
func usersOf(t *testing.T, in interface {
	Users(ctx context.Context, room string) ([]string, error)
},
) []string {
	t.Helper()
	users, err := in.Users(t.Context(), "room")
	if err != nil {
		t.Error(err)
	}
	return users
}
