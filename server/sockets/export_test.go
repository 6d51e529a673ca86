package sockets

import "time"

// LibraryRooms returns the rooms that go-socket.io walks through when a connection closes, and those that it keeps for the hub.
func (h *Hub) LibraryRooms() (walked, kept []string) {
	return h.server.Rooms(namespace), h.server.Rooms(roomNamespace)
}

// MaySend reports whether a new connection from an address may send so many packets at once.
func (h *Hub) MaySend(address string, packets int) bool {
	return h.newConnectionLimiter(address).AllowN(time.Now(), packets)
}

// LimitedUsers returns how many users the limits remember.
func (h *Hub) LimitedUsers() int {
	h.limits.mu.Lock()
	defer h.limits.mu.Unlock()
	return len(h.limits.users)
}

// MaxIdleWorkers is how many workers wait for a job.
const MaxIdleWorkers = maxIdleWorkers
