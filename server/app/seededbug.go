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
	event string // the broadcasts that may go wrong; "": all
	every int64  // one in so many does
	send  func(r rooms, room string, message handlers.Message)
}

// seededBugs are the mistakes by the name that SEEDED_BUG has. docs/checker.md lists them with what they turn red.
var seededBugs = map[string]seededBug{
	"skip":       {"", 40, func(rooms, string, handlers.Message) {}},
	"double":     {"", 40, double},
	"swap":       {"", 20, delayed(300 * time.Millisecond)},
	"late":       {"", 40, delayed(5 * time.Second)},
	"invent":     {"attendanceUpdate", 40, invent},
	"no-end":     {"attendanceEnded", 3, func(rooms, string, handlers.Message) {}},
	"double-end": {"attendanceEnded", 3, double},
	"close":      {"attendanceUpdate", 60, closeRoom},
}

func double(r rooms, room string, message handlers.Message) {
	r.Broadcast(room, message, message)
}

// delayed sends a message after those that come meanwhile.
func delayed(delay time.Duration) func(rooms, string, handlers.Message) {
	return func(r rooms, room string, message handlers.Message) {
		time.AfterFunc(delay, func() { r.Broadcast(room, message) })
	}
}

// invent sends a mark with a status that nobody has set.
func invent(r rooms, room string, message handlers.Message) {
	encoded, err := json.Marshal(message.Payload)
	payload := map[string]any{}
	if err == nil {
		err = json.Unmarshal(encoded, &payload)
	}
	if err != nil {
		panic(err)
	}
	payload["status"] = "invented"
	r.Broadcast(room, handlers.Message{Event: message.Event, Payload: payload})
}

// closeRoom closes the connections of a class that nobody wants closed.
func closeRoom(r rooms, room string, message handlers.Message) {
	r.Broadcast(room, message)
	r.hub.CloseRoom(room, "seeded bug")
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
	for _, message := range messages {
		affected := b.bug.event == "" || b.bug.event == message.Event
		if affected && b.count.Add(1)%b.bug.every == 0 {
			b.bug.send(b.rooms, room, message)
		} else {
			b.rooms.Broadcast(room, message)
		}
	}
}
