package sockets_test

import (
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// TestLimitedMembersGetWhatIsForThem has a room of two users, one with two sockets.
func TestLimitedMembersGetWhatIsForThem(t *testing.T) {
	hub := newHub(sockets.Options{})
	url := serve(t, hub)
	teacher, first, second := as(connect(t, url, ""), "teacher"), as(connect(t, url, ""), "student"), as(connect(t, url, ""), "student")
	for _, c := range []*client{teacher, first, second} {
		c.ask("join", "room")
	}
	message := func(text string) sockets.Message { return sockets.Message{Event: "news", Payload: text} }
	send := func(round string) {
		hub.Broadcast("room", message(round+" for full members"))
		hub.SendLimited("room", "student", message(round+" for a user"))
		hub.SendLimited("room", "", message(round+" for limited members"))
	}
	student := func(user string) bool { return user == "student" }
	send("1")
	hub.Limit("room", student)
	if !hub.HasLimited("room") || hub.HasLimited("hall") {
		t.Error("HasLimited is wrong")
	}
	send("2")
	hub.Limit("room", func(string) bool { return false })
	send("3")
	hub.Limit("room", student)
	hub.Remove("room", []string{"student"}, message("removed"))
	send("4")
	for _, c := range []*client{first, second} {
		c.expect(`42["news","1 for full members"]`, `42["news","2 for a user"]`, `42["news","2 for limited members"]`,
			`42["news","3 for full members"]`, `42["news","removed"]`)
	}
	for _, round := range []string{"1", "2", "3", "4"} {
		teacher.expect(`42["news","` + round + ` for full members"]`)
	}
	if hub.HasLimited("room") {
		t.Error("a limited member was removed and is still there")
	}
	for _, c := range []*client{teacher, first, second} {
		_ = c.Close()
	}
	engineiotest.EventuallyEqual(t, "rooms left over", 0, func() int {
		walked, kept := hub.LibraryRooms()
		return len(walked) + len(kept)
	})
}
