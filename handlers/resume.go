package handlers

import (
	"context"
	"strings"
	"time"

	"github.com/neuracampus/attendance/models"
)

// RoomAndUser returns the room of a class and the key of a user.
func RoomAndUser(class models.ID, actor models.Actor) (room, key string) {
	return RoomOf(class), user{Actor: actor}.key()
}

// ClassAndActor is the reverse of RoomAndUser. It returns ids without their form.
func ClassAndActor(room, user string) (models.ID, models.Actor) {
	role, key, _ := strings.Cut(user, ":")
	return classOf(room), models.Actor{ID: models.ID{Key: key}, Role: models.Role(role)}
}

// resume puts a socket back into the classes in which its user lost a connection lately. A class that the user may no longer enter
// cannot be resumed again, and is no reason to refuse the identity.
func (h *Handlers) resume(ctx context.Context, socket Socket, actor models.Actor) error {
	var requests []models.ResumeRequest
	var labels []string
	err := socket.Resumable(ctx, func(room, label string, since time.Time) {
		requests = append(requests, models.ResumeRequest{ClassID: classOf(room), Since: models.Timestamp(since.UnixMilli())})
		labels = append(labels, label)
	})
	if err != nil || len(requests) == 0 {
		return err
	}
	socket.Spend(len(requests)) // each class is looked up
	var entered []string
	err = h.classes.enter(ctx, func() ([]pendingJoin, error) {
		found, err := h.store.Resume(ctx, actor, requests)
		entries := make([]pendingJoin, len(found))
		for i, result := range found {
			room := RoomOf(requests[i].ClassID)
			if result.Name == "" {
				result.Name = labels[i]
			}
			entries[i] = pendingJoin{result.Class, func() bool {
				if result.Err != nil {
					h.logger.DebugContext(ctx, "class not resumed", "room", room, "err", result.Err)
					socket.Leave(room)
					return false
				}
				joined, first := h.rejoin(socket, room, result)
				if first {
					entered = append(entered, room)
				}
				return joined
			}}
		}
		return entries, err
	})
	who, _ := socket.State().(user)
	for _, room := range entered {
		h.rooms.BroadcastExcept(room, who.key(), Message{"userJoined", who.joined(room)})
	}
	return err
}

// rejoin joins a socket to a room. Before that, it sends the socket the sessions that ended while its user was away and those that
// are active: what is broadcast about a session comes after the session itself. Joined: the socket is in the room
// now. First: it is the first of its user's there.
func (h *Handlers) rejoin(socket Socket, room string, found models.ResumeResult) (joined, first bool) {
	if socket.Full() {
		return false, false
	}
	for _, session := range found.Ended {
		socket.Emit("attendanceEnded", endedOf(session))
	}
	for _, session := range found.Active {
		socket.Emit("attendanceStarted", startedOf(session))
	}
	who, _ := socket.State().(user)
	who = who.known(room, found.Member, found.Name)
	socket.SetState(who)
	first = socket.Join(room, who.name, who.in(room).Number, found.Limited)
	who.sent.enter(classOf(room), max(h.store.Now(), found.Class.LastAt))
	return socket.In(room), first
}
