package sockets_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// When a connection closes, go-socket.io walks through all rooms of the client's namespaces. There must be none, or the cost of many
// disconnects grows with the number of classes.
func TestConnectionCloseWalksThroughNoRooms(t *testing.T) {
	hub := newHub(sockets.Options{})
	url := serve(t, hub)
	members := []*client{as(connect(t, url, ""), "a"), as(connect(t, url, ""), "b")}
	for _, member := range members {
		member.ask("join", "room")
		member.ask("join", "hall")
	}
	walked, kept := hub.LibraryRooms()
	slices.Sort(kept)
	if len(walked) != 0 || !slices.Equal(kept, []string{"hall", "room"}) {
		t.Errorf("rooms that are walked through: %q, others: %q", walked, kept)
	}
	for _, member := range members {
		_ = member.Close()
	}
	engineiotest.EventuallyEqual(t, "rooms left over", 0, func() int {
		walked, kept := hub.LibraryRooms()
		return len(walked) + len(kept)
	})
}

func TestRoomsOfSocketAreBounded(t *testing.T) {
	const most = 100
	hub := newHub(sockets.Options{})
	c := as(connect(t, serve(t, hub), ""), "a")
	step := func(event, room, want string) {
		t.Helper()
		if _, answer := c.ask(event, room); answer != want {
			t.Errorf("%s %s: %s, want %s", event, room, answer, want)
		}
	}
	for i := range most {
		step("join", fmt.Sprint(i), "[true]")
	}
	step("join", "one more", "[false]")
	if _, kept := hub.LibraryRooms(); len(kept) != most {
		t.Errorf("the socket is in %d rooms, want %d", len(kept), most)
	}
	step("leave", "0", "[[true,true]]")
	step("join", "one more", "[true]")
}

func TestRoomNamespaceConnectIsRefused(t *testing.T) {
	url := serve(t, newHub(sockets.Options{}))
	socket, _ := engineiotest.Connect(t, url, 4)
	socket.Send(t, "40/rooms,")
	socket.ExpectText(t, `44/rooms,{"message":"Invalid namespace"}`)
	socket.Send(t, "40rooms,")
	socket.ExpectClosed(t)
}
