package app

import (
	"context"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/server/sockets"
)

// rooms lets handlers broadcast through the hub.
type rooms struct{ hub *sockets.Hub }

var _ handlers.Rooms = rooms{}

func (r rooms) Broadcast(room string, messages ...handlers.Message) {
	r.hub.Broadcast(room, converted(messages)...)
}

func (r rooms) BroadcastExcept(room, user string, messages ...handlers.Message) {
	r.hub.BroadcastExcept(room, user, converted(messages)...)
}

func (r rooms) BroadcastTo(room string, wanted func(user string) bool, messages ...handlers.Message) {
	r.hub.BroadcastTo(room, wanted, converted(messages)...)
}

func (r rooms) HasLimited(room string) bool { return r.hub.HasLimited(room) }

func (r rooms) SendLimited(room, user string, messages ...handlers.Message) {
	r.hub.SendLimited(room, user, converted(messages)...)
}

func (r rooms) Limit(room string, limited func(user string) bool) { r.hub.Limit(room, limited) }

func (r rooms) Remove(room string, users []string, message handlers.Message) {
	r.hub.Remove(room, users, sockets.Message(message))
}

func (r rooms) Close(room string, message handlers.Message) {
	r.hub.Close(room, sockets.Message(message))
}

func (r rooms) Users(ctx context.Context, room string) ([]string, error) {
	return r.hub.Users(ctx, room)
}

func converted(messages []handlers.Message) []sockets.Message {
	result := make([]sockets.Message, len(messages))
	for i, message := range messages {
		result[i] = sockets.Message(message)
	}
	return result
}
