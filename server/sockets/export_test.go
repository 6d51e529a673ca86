package sockets

import "golang.org/x/time/rate"

// LibraryRooms returns the rooms that go-socket.io walks through when a connection closes, and those that it keeps for the hub.
func (h *Hub) LibraryRooms() (walked, kept []string) {
	return h.server.Rooms(namespace), h.server.Rooms(roomNamespace)
}

// NetworkOf is networkOf.
func NetworkOf(address string) string { return networkOf(address) }

// LimitedUsers returns how many users the limits remember.
func (h *Hub) LimitedUsers() int {
	h.limits.mu.Lock()
	defer h.limits.mu.Unlock()
	return len(h.limits.users)
}

// StopRefill makes a used limit on events stay used. Call it before the first client connects.
func (h *Hub) StopRefill() {
	const never rate.Limit = 1e-9 // a second
	h.limits.rate, h.addressLimits.rate = never, never
}

// WaitingBytes returns the size of the events that wait for a limit or for a user.
func (h *Hub) WaitingBytes() int64 { return h.waitingBytes.Load() }

// WaitingCost is waitingCost.
const WaitingCost = waitingCost
