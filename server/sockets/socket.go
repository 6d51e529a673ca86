package sockets

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	socketio "github.com/googollee/go-socket.io"
	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
)

// Socket is one client in the namespace. Its methods are for the handler of one of its events, while that runs.
type Socket struct {
	member  member
	hub     *Hub
	claims  any
	expires time.Time // when the claims do; zero: never

	// Limits on events, nil where there are none. Own is the socket's, limiter the user's, or own while there is no user. The
	// reading goroutine looks at it while an event that waited, in a goroutine of its own, says who the user is.
	own     *rate.Limiter
	limiter atomic.Pointer[rate.Limiter]
	waiting waiting
	refused int       // events over all limits since the last that was handled at once, of the reading goroutine
	warned  time.Time // when the client was last told, of the reading goroutine

	// mu is held while a handler runs: the library may say that the client has gone while one of its handlers is busy.
	mu    sync.Mutex
	state any
	rooms []string
	gone  bool
	as    string // the user as one of whose sockets it is counted, "" if none
}

// member is what the library keeps of a socket in its rooms: all that a broadcast needs, in one place.
type member struct {
	socketio.Conn
	session *engineio.Session
	user    atomic.Pointer[string]
}

// name returns the socket's user.
func (m *member) name() string {
	if user := m.user.Load(); user != nil {
		return *user
	}
	return ""
}

// Claims returns what Options.Authenticate returned, nil without it.
func (s *Socket) Claims() any { return s.claims }

// User returns what SetUser was last given, "" before.
func (s *Socket) User() string { return s.member.name() }

// SetUser makes the socket count as one of user's. It must be in no room.
func (s *Socket) SetUser(user string) {
	s.member.user.Store(&user)
	s.count(user)
}

// Resumable calls each with the rooms in which the socket's user lost a connection lately, the longest ago first, and leaves out
// those that the socket is in. Since is when the client was last heard of, label what was given to Join.
func (s *Socket) Resumable(ctx context.Context, each func(room, label string, since time.Time)) error {
	losses, err := s.hub.presence.Resumable(ctx, s.User())
	for _, loss := range losses {
		if !slices.Contains(s.rooms, loss.Room) {
			each(loss.Room, loss.Label, loss.Heard)
		}
	}
	return err
}

// State returns what SetState was last given, nil before.
func (s *Socket) State() any { return s.state }

// SetState keeps a value with the socket.
func (s *Socket) SetState(state any) { s.state = state }

// Full tells whether the socket is in as many rooms as it can be.
func (s *Socket) Full() bool { return len(s.rooms) >= maxRooms }

// Join adds the socket to a room. Label is by which others know its user. First: it is the first of its user's there. Joining a room
// again changes nothing, and so does joining one more than a socket can be in (Full).
func (s *Socket) Join(room, label string) (first bool) {
	if s.gone || s.Full() || slices.Contains(s.rooms, room) {
		return false
	}
	s.rooms = append(s.rooms, room)
	s.hub.server.JoinRoom(roomNamespace, room, &s.member)
	return s.hub.presence.Join(room, s.User(), label)
}

// Leave takes the socket out of a room, which cannot be resumed then, even where the socket is not in it. Last: none of its user's
// others is there. Was: it was in the room.
func (s *Socket) Leave(room string) (last, was bool) {
	index := slices.Index(s.rooms, room)
	if index < 0 {
		s.hub.presence.Forget(room, s.User())
		return false, false
	}
	s.rooms = slices.Delete(s.rooms, index, index+1)
	s.hub.server.LeaveRoom(roomNamespace, room, &s.member)
	return s.hub.presence.Leave(room, s.User()), true
}

// Rooms returns the rooms that the socket is in, in the order in which it joined them.
func (s *Socket) Rooms() []string { return slices.Clone(s.rooms) }

// Emit sends an event to this socket alone, after everything that was broadcast before. It waits for no client.
func (s *Socket) Emit(event string, payload any) {
	if message := s.hub.encode(Message{event, payload}); message != nil {
		s.member.session.Send(message)
	}
}

// Spend counts what an event has cost beyond one event against the limit of the socket's user: what they send next waits
// until it is made up for.
func (s *Socket) Spend(events int) {
	if limiter := s.limiter.Load(); limiter != nil && events > 0 {
		limiter.ReserveN(time.Now(), min(events, limiter.Burst()))
	}
}

// count makes the socket count as one of user's. If they have too many then, their oldest is closed.
func (s *Socket) count(user string) {
	if s.gone || s.as == user {
		return
	}
	s.hub.limits.remove(s.as, s)
	limiter, surplus := s.hub.limits.add(user, s)
	s.as = user
	s.limiter.Store(limiter)
	if surplus != nil {
		s.hub.onSurplus(surplus)
		surplus.member.session.Disconnect(namespace, "too many sockets of one user")
	}
}

// disconnected takes the socket out of everything. It waits for the handler that is running, if any. Events that wait are
// still handled: they came before.
func (s *Socket) disconnected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	s.gone = true
	s.hub.limits.remove(s.as, s)
	s.release()
	user, heard := s.User(), s.member.session.Heard()
	for _, room := range s.rooms {
		s.hub.server.LeaveRoom(roomNamespace, room, &s.member)
		if s.hub.presence.Lose(room, user, heard) {
			s.hub.onLeft(room, user, s.state)
		}
	}
	s.rooms = nil
}
