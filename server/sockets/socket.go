package sockets

import (
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
	limiter *rate.Limiter
	refused int       // events over the limit, of the reading goroutine
	warned  time.Time // when the client was last told, of the reading goroutine

	// mu is held while a handler runs: the library may say that the client has gone while one of its handlers is busy.
	mu    sync.Mutex
	state any
	rooms []string
	gone  bool
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

// SetUser makes the socket count as one of user's. It must be in no room. It returns the rooms in which user had a socket whose
// connection was lost less than Options.ResumeWindow ago, oldest loss first.
func (s *Socket) SetUser(user string) (resumable []string) {
	s.member.user.Store(&user)
	return s.hub.presence.resumable(user)
}

// State returns what SetState was last given, nil before.
func (s *Socket) State() any { return s.state }

// SetState keeps a value with the socket.
func (s *Socket) SetState(state any) { s.state = state }

// Join adds the socket to a room. First: it is the first of its user's there. Joining a room again changes nothing.
func (s *Socket) Join(room string) (first bool) {
	if s.gone || slices.Contains(s.rooms, room) {
		return false
	}
	s.rooms = append(s.rooms, room)
	s.hub.server.JoinRoom(roomNamespace, room, &s.member)
	return s.hub.presence.join(room, s.User())
}

// Leave takes the socket out of a room, which cannot be resumed then. Last: none of its user's others is there. Was: it was in
// the room.
func (s *Socket) Leave(room string) (last, was bool) {
	index := slices.Index(s.rooms, room)
	if index < 0 {
		return false, false
	}
	s.rooms = slices.Delete(s.rooms, index, index+1)
	s.hub.server.LeaveRoom(roomNamespace, room, &s.member)
	s.hub.presence.forget(room, s.User())
	return s.hub.presence.leave(room, s.User()), true
}

// Rooms returns the rooms that the socket is in, in the order in which it joined them.
func (s *Socket) Rooms() []string { return slices.Clone(s.rooms) }

// Emit sends an event to this socket alone, after everything that was broadcast before. It waits for no client.
func (s *Socket) Emit(event string, payload any) {
	if message := s.hub.encode(Message{event, payload}); message != nil {
		s.member.session.Send(message)
	}
}

// allowed tells whether an event is within the limit. Over it, the client is told; if it goes on for as many events as a burst
// may have, the socket is closed.
func (s *Socket) allowed(e engineio.Event) bool {
	if s.limiter == nil || s.limiter.Allow() {
		s.refused = 0
		return true
	}
	if s.refused++; s.refused > s.hub.options.EventBurst {
		s.hub.options.Refused("event flood", s.member.session.String(), e.Name)
		s.member.session.Close("too many events")
		return false
	}
	if now := time.Now(); now.Sub(s.warned) > time.Second {
		s.warned = now
		s.mu.Lock()
		reply := s.hub.onLimit(s)
		s.mu.Unlock()
		s.hub.acknowledge(e, reply)
	}
	return false
}

// disconnected takes the socket out of everything. It waits for the handler that is running, if any.
func (s *Socket) disconnected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	s.gone = true
	user := s.User()
	for _, room := range s.rooms {
		s.hub.server.LeaveRoom(roomNamespace, room, &s.member)
		if s.hub.presence.lose(room, user) {
			s.hub.onLeft(room, user, s.state)
		}
	}
	s.rooms = nil
}
