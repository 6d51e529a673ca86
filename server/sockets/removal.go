package sockets

import "slices"

// Remove takes the sockets of users out of room, and calls what OnUserLeft has set for each user who was there. The sockets are sent message
// after everything that was broadcast before, and nothing of what is broadcast afterwards. These users cannot resume the room. It waits
// for no client and for no handler.
func (h *Hub) Remove(room string, users []string, message Message) {
	removed := make(map[string]bool, len(users))
	for _, user := range users {
		removed[user] = true
	}
	left := h.removeMembers(room, message, func(m *member) bool { return removed[m.name()] })
	for _, user := range users {
		h.presence.Forget(room, user)
	}
	for _, socket := range left {
		h.onUserLeft(room, socket.User(), socket.State())
	}
}

// Close takes every socket out of room. They are sent message after everything that was broadcast before.
func (h *Hub) Close(room string, message Message) {
	h.removeMembers(room, message, anyMember)
}

// removeMembers takes the wanted members out of a room. It returns the last socket of each user who is no longer there.
func (h *Hub) removeMembers(room string, message Message, wanted func(*member) bool) (left []*Socket) {
	sockets := slices.DeleteFunc(h.socketsIn(room, wanted), func(s *Socket) bool { return !s.dropRoom(room) })
	for _, socket := range sockets {
		socket.Emit(message.Event, message.Payload)
		go h.options.SocketLeft(room) // which may wait for the caller of Remove
		if h.presence.Leave(room, socket.User()) {
			left = append(left, socket)
		}
	}
	return left
}
