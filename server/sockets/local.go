package sockets

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memberships stores which users are in which rooms, so that they outlive the process. Its methods are called under locks and must not
// block. They are called once for a user, not for each socket: when the first one joins a room and when the last one goes.
type Memberships interface {
	Enter(room, user, label string)
	Lose(room, user, label string)
	Leave(room, user string)

	// Forget is called for a user who has no socket in a room and must not resume it.
	Forget(room, user string)
}

// LocalPresence is the Presence of a server that is the only one. Its state is in memory; Memberships make it outlive a restart.
type LocalPresence struct {
	window      time.Duration
	memberships Memberships // nil: nobody can resume after a restart

	mu       sync.Mutex
	rooms    roomUsers
	draining bool

	lost   map[string][]Loss // user → rooms in which a connection of theirs broke, the longest ago first
	losses []userLoss        // all of them, the longest ago first, superseded and forgotten ones included
}

type userLoss struct {
	user string
	Loss
}

// NewLocalPresence returns a presence in which a lost room can be resumed within window.
func NewLocalPresence(window time.Duration) *LocalPresence {
	return &LocalPresence{window: window, rooms: make(roomUsers), lost: make(map[string][]Loss)}
}

// Persist stores from now on in memberships who is in which room. Call it before the first client connects.
func (p *LocalPresence) Persist(memberships Memberships) { p.memberships = memberships }

// Restore adds a loss from before the process started. Call it before the first client connects, with the longest ago first.
func (p *LocalPresence) Restore(user string, loss Loss) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.addLoss(user, loss)
}

// Join implements Presence.
func (p *LocalPresence) Join(room, user string, member Member) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first = p.rooms.add(room, user, member)
	if first && p.memberships != nil {
		p.memberships.Enter(room, user, member.Label)
	}
	return first
}

// Leave implements Presence.
func (p *LocalPresence) Leave(room, user string) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(user, func(l Loss) bool { return l.Room == room })
	if _, last = p.rooms.remove(room, user); last && p.memberships != nil {
		p.memberships.Leave(room, user)
	}
	return last
}

// Forget implements Presence.
func (p *LocalPresence) Forget(room, user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	forgotten := p.drop(user, func(l Loss) bool { return l.Room == room })
	if _, here := p.rooms[room][user]; forgotten && !here && p.memberships != nil {
		p.memberships.Forget(room, user)
	}
}

// Lose implements Presence.
func (p *LocalPresence) Lose(room, user string, lastSeen time.Time) (last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.expire(now)
	p.drop(user, func(l Loss) bool { return l.Room == room })
	member, last := p.rooms.remove(room, user)
	p.addLoss(user, Loss{room, member.Label, now, lastSeen})
	if last && !p.draining && p.memberships != nil {
		p.memberships.Lose(room, user, member.Label)
	}
	return last
}

// addLoss adds a loss, and drops the user's oldest if they are more than a socket can resume.
func (p *LocalPresence) addLoss(user string, loss Loss) {
	lost := append(p.lost[user], loss)
	if len(lost) > maxRooms {
		lost = slices.Delete(lost, 0, len(lost)-maxRooms)
	}
	p.lost[user] = lost
	p.losses = append(p.losses, userLoss{user, loss})
}

// expire drops losses that are older than the window.
func (p *LocalPresence) expire(now time.Time) {
	expired := 0
	for expired < len(p.losses) && now.Sub(p.losses[expired].At) >= p.window {
		old := p.losses[expired]
		p.drop(old.user, func(l Loss) bool { return l == old.Loss })
		expired++
	}
	if p.losses = p.losses[expired:]; len(p.losses) == 0 {
		p.losses = nil
	}
}

// drop removes losses of a user. It returns whether there were any.
func (p *LocalPresence) drop(user string, dropped func(Loss) bool) bool {
	before := p.lost[user]
	count := len(before)
	kept := slices.DeleteFunc(before, dropped)
	if len(kept) == 0 {
		delete(p.lost, user)
	} else {
		p.lost[user] = kept
	}
	return len(kept) < count
}

// Resumable implements Presence. It needs no database, for losses from before the start have been restored.
func (p *LocalPresence) Resumable(_ context.Context, user string) ([]Loss, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expire(time.Now())
	return slices.Clone(p.lost[user]), nil
}

// Users implements Presence.
func (p *LocalPresence) Users(_ context.Context, room string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.rooms[room])), nil
}

// Drain implements Presence. Losses are not stored from now on: the next process takes everybody who was in a room as lost.
func (p *LocalPresence) Drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = true
}
