//go:build seeded_bug

package app

import (
	"encoding/json"
	"os"
	"sync/atomic"
	"time"

	"github.com/neuracampus/attendance/handlers"
)

// seededBug is a mistake that a server makes on purpose, to show that the checker notices it.
type seededBug struct {
	event string // the messages that may go wrong; "": all
	every int64  // one in so many does
	send  func(delivery)
}

// delivery is a message that a room is about to be sent.
type delivery struct {
	rooms
	room    string
	message handlers.Message
	send    func(...handlers.Message) // to those in the room for whom it is
}

// seededBugs are the mistakes by the name that SEEDED_BUG has. docs/checker.md lists them with what they turn red.
var seededBugs = map[string]seededBug{
	"skip":       {"", 40, skip},
	"double":     {"", 40, double},
	"swap":       {"", 20, delayed(300 * time.Millisecond)},
	"late":       {"", 40, delayed(5 * time.Second)},
	"invent":     {"attendanceUpdate", 40, invent},
	"no-end":     {"attendanceEnded", 3, skip},
	"double-end": {"attendanceEnded", 3, double},
	"no-leave":   {"userLeft", 3, skip},
	"join-twice": {"userJoined", 3, double},
	"keep":       {"class:error", 2, skip},
	"close":      {"attendanceUpdate", 60, closeRoom},
}

func skip(delivery) {}

func double(d delivery) { d.send(d.message, d.message) }

// delayed sends a message after those that come meanwhile.
func delayed(delay time.Duration) func(delivery) {
	return func(d delivery) {
		time.AfterFunc(delay, func() { d.send(d.message) })
	}
}

// invent sends a mark with a status that nobody has set.
func invent(d delivery) {
	encoded, err := json.Marshal(d.message.Payload)
	payload := map[string]any{}
	if err == nil {
		err = json.Unmarshal(encoded, &payload)
	}
	if err != nil {
		panic(err)
	}
	payload["status"] = "invented"
	d.send(handlers.Message{Event: d.message.Event, Payload: payload})
}

// closeRoom closes the connections of a class that nobody wants closed.
func closeRoom(d delivery) {
	d.send(d.message)
	d.hub.CloseRoom(d.room, "seeded bug")
}

// buggyRooms broadcasts with a mistake now and then.
type buggyRooms struct {
	rooms
	bug   seededBug
	count atomic.Int64
}

func seeded(rooms rooms) handlers.Rooms {
	bug, found := seededBugs[os.Getenv("SEEDED_BUG")]
	if !found {
		return rooms
	}
	return &buggyRooms{rooms: rooms, bug: bug}
}

// Broadcast implements handlers.Rooms.
func (b *buggyRooms) Broadcast(room string, messages ...handlers.Message) {
	b.deliver(room, messages, func(messages ...handlers.Message) { b.rooms.Broadcast(room, messages...) })
}

// BroadcastExcept implements handlers.Rooms.
func (b *buggyRooms) BroadcastExcept(room, user string, messages ...handlers.Message) {
	b.deliver(room, messages, func(messages ...handlers.Message) { b.rooms.BroadcastExcept(room, user, messages...) })
}

// Remove implements handlers.Rooms.
func (b *buggyRooms) Remove(room string, users []string, message handlers.Message) {
	b.deliver(room, []handlers.Message{message}, func(messages ...handlers.Message) { b.rooms.Remove(room, users, messages[0]) })
}

func (b *buggyRooms) deliver(room string, messages []handlers.Message, send func(...handlers.Message)) {
	for _, message := range messages {
		affected := b.bug.event == "" || b.bug.event == message.Event
		if affected && b.count.Add(1)%b.bug.every == 0 {
			b.bug.send(delivery{b.rooms, room, message, send})
		} else {
			send(message)
		}
	}
}
