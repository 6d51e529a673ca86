package sockets

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// presence knows which users have how many sockets in which rooms, and who has lost a connection lately.
type presence struct {
	window time.Duration

	mu    sync.Mutex
	rooms map[string]map[string]int // room → user → sockets

	lost   map[string][]loss // user → rooms in which a connection of theirs broke, oldest first
	losses []userLoss        // all of them, oldest first, superseded and forgotten ones included
}

type loss struct {
	room string
	at   time.Time
}

type userLoss struct {
	user string
	loss
}

func newPresence(window time.Duration) *presence {
	return &presence{window: window, rooms: make(map[string]map[string]int), lost: make(map[string][]loss)}
}

// join counts a socket in. It returns whether it is its user's first in the room.
func (p *presence) join(room, user string) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	users := p.rooms[room]
	if users == nil {
		users = make(map[string]int)
		p.rooms[room] = users
	}
	users[user]++
	return users[user] == 1
}

// leave counts a socket out. It returns whether it was its user's last in the room.
func (p *presence) leave(room, user string) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leaveLocked(room, user)
}

func (p *presence) leaveLocked(room, user string) (last bool) {
	users := p.rooms[room]
	if users[user]--; users[user] > 0 {
		return false
	}
	delete(users, user)
	if len(users) == 0 {
		delete(p.rooms, room)
	}
	return true
}

// lose counts a socket out whose connection broke, and remembers that it did.
func (p *presence) lose(room, user string) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.expire(now)
	p.forgetLocked(room, user)
	broken := loss{room, now}
	p.lost[user] = append(p.lost[user], broken)
	p.losses = append(p.losses, userLoss{user, broken})
	return p.leaveLocked(room, user)
}

// expire drops losses that are older than the window.
func (p *presence) expire(now time.Time) {
	expired := 0
	for expired < len(p.losses) && now.Sub(p.losses[expired].at) >= p.window {
		old := p.losses[expired]
		p.drop(old.user, func(l loss) bool { return l == old.loss })
		expired++
	}
	if p.losses = p.losses[expired:]; len(p.losses) == 0 {
		p.losses = nil
	}
}

// forget makes a room that the user leaves on purpose not resumable.
func (p *presence) forget(room, user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgetLocked(room, user)
}

func (p *presence) forgetLocked(room, user string) {
	p.drop(user, func(l loss) bool { return l.room == room })
}

func (p *presence) drop(user string, dropped func(loss) bool) {
	kept := slices.DeleteFunc(p.lost[user], dropped)
	if len(kept) == 0 {
		delete(p.lost, user)
	} else {
		p.lost[user] = kept
	}
}

// resumable returns the rooms in which the user lost a connection within the window, oldest loss first.
func (p *presence) resumable(user string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(time.Now())
	var rooms []string
	for _, l := range p.lost[user] {
		rooms = append(rooms, l.room)
	}
	return rooms
}

// users returns who has a socket in a room, sorted.
func (p *presence) users(room string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.rooms[room]))
}
