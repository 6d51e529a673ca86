package sockets

import (
	"context"
	"sync"
	"time"
)

// Members knows who is in which room on all servers, and tells everybody in a room who comes and goes. Enter, Break and Leave must not
// block.
type Members interface {
	// Enter is called when a user's first socket on this server has joined a room.
	Enter(room, user string, member Member)

	// Break is called when a connection of a user broke. Here: they have another socket in the room on this server.
	Break(room, user string, member Member, here bool, lastSeen time.Time)

	// Leave is called when a user has left a room on purpose, with a socket in it or not.
	Leave(room, user string, member Member, here bool)

	// Resumable, Users and Drain are those of Presence.
	Resumable(ctx context.Context, user string) ([]Loss, error)
	Users(ctx context.Context, room string) ([]string, error)
	Drain()
}

// SharedPresence is the Presence of a server that is one of several. It counts the sockets of this server; Members knows the rest. So
// nobody is ever first or last for the caller, who must tell nobody.
type SharedPresence struct {
	members Members

	mu       sync.Mutex
	rooms    roomUsers
	draining bool
}

// NewSharedPresence returns a presence without users. Use must be called before the first client connects.
func NewSharedPresence() *SharedPresence { return &SharedPresence{rooms: make(roomUsers)} }

// Use sets who knows the other servers.
func (p *SharedPresence) Use(members Members) { p.members = members }

// Each calls visit for every user in a room on this server. Nobody comes or goes meanwhile.
func (p *SharedPresence) Each(visit func(room, user string, member Member)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for room, users := range p.rooms {
		for user, here := range users {
			visit(room, user, here.Member)
		}
	}
}

// Join implements Presence.
func (p *SharedPresence) Join(room, user string, member Member) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rooms.add(room, user, member) {
		p.members.Enter(room, user, member)
	}
	return false
}

// Leave implements Presence.
func (p *SharedPresence) Leave(room, user string) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	member, last := p.rooms.remove(room, user)
	p.members.Leave(room, user, member, !last)
	return false
}

// Forget implements Presence.
func (p *SharedPresence) Forget(room, user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	here, is := p.rooms[room][user]
	p.members.Leave(room, user, here.Member, is)
}

// Lose implements Presence. While the server drains, its users are still there for the others: they are about to come back elsewhere.
func (p *SharedPresence) Lose(room, user string, lastSeen time.Time) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	member, last := p.rooms.remove(room, user)
	if !p.draining {
		p.members.Break(room, user, member, !last, lastSeen)
	}
	return false
}

// Resumable implements Presence.
func (p *SharedPresence) Resumable(ctx context.Context, user string) ([]Loss, error) {
	losses, err := p.members.Resumable(ctx, user)
	return losses[max(0, len(losses)-maxRooms):], err
}

// Users implements Presence.
func (p *SharedPresence) Users(ctx context.Context, room string) ([]string, error) {
	return p.members.Users(ctx, room)
}

// Drain implements Presence.
func (p *SharedPresence) Drain() {
	p.mu.Lock()
	before := p.draining
	p.draining = true
	p.mu.Unlock()
	if !before {
		p.members.Drain()
	}
}
