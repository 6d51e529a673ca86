package sockets

import (
	"context"
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
	ctx     context.Context // of its log lines
	claims  any
	expires time.Time // when the claims do; zero: never

	// Limits on events beside the connection's, nil where there are none: for those that identify the user, and for all others. The
	// first is the user's where the claims name the user. The second is the user's, or the address's while there is no user. It is
	// atomic because the reading goroutine loads it while the goroutine of the waiting events may handle one that identifies the user.
	identifyLimiter *rate.Limiter
	limiter         atomic.Pointer[rate.Limiter]
	waiting         waiting
	refused         int       // events over all limits since the last that was handled at once; of the reading goroutine
	warned          time.Time // when the client was last warned; of the reading goroutine

	state atomic.Pointer[any] // also read by Hub.Remove

	// roomsMu guards rooms, from which Hub.Remove may take one at any time. It is taken after mu.
	roomsMu sync.Mutex
	rooms   []membership

	// mu is held while a handler runs: the library may report the disconnect while a handler of the socket runs.
	mu      sync.Mutex
	arrived time.Time // when the event arrived that is being handled
	// acknowledges: the event that is being handled has an acknowledgement callback.
	acknowledges bool
	gone         bool   // it has left the namespace
	draining     bool   // the server stops, and handles no further event of it
	counted      string // the user for whose limits it counts, "" if none
}

// member is what the library keeps of a socket in its rooms: all that a broadcast needs, together in memory.
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
// those that the socket is in. Since is when the client last sent something, label what was given to Join.
func (s *Socket) Resumable(ctx context.Context, each func(room, label string, since time.Time)) error {
	losses, err := s.hub.presence.Resumable(ctx, s.User())
	for _, loss := range losses {
		if !s.In(loss.Room) {
			each(loss.Room, loss.Label, loss.LastSeen)
		}
	}
	return err
}

// Acknowledges reports whether the event that is being handled has an acknowledgement callback.
func (s *Socket) Acknowledges() bool { return s.acknowledges }

// Waited returns how long the event that is being handled has waited since it arrived.
func (s *Socket) Waited() time.Duration { return time.Since(s.arrived) }

// State returns what SetState was last given, nil before.
func (s *Socket) State() any {
	if state := s.state.Load(); state != nil {
		return *state
	}
	return nil
}

// SetState keeps a value with the socket.
func (s *Socket) SetState(state any) { s.state.Store(&state) }

// Full reports whether the socket is in as many rooms as it can be.
func (s *Socket) Full() bool {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	return len(s.rooms) >= maxRooms
}

// In reports whether the socket is in a room. Hub.Remove may have taken it out.
func (s *Socket) In(room string) bool {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	return s.indexOf(room) >= 0
}

// Join adds the socket to a room. Label is the name by which others know its user, number says that clients write the user's id as one.
// A limited member is not sent what is broadcast to the others (Hub.Limit). First: it is its user's first there, which the others must
// be told. It changes nothing if the socket is in the room already, or in as many as it can be (Full).
func (s *Socket) Join(room, label string, number, limited bool) (first bool) {
	if s.gone || !s.addRoom(membership{room, limited}) {
		return false
	}
	return s.hub.presence.Join(room, s.User(), Member{label, number})
}

// Leave takes the socket out of a room. The user cannot resume the room then, even if the socket was not in it. Last: no other socket
// of the user is in the room. Was: this one was.
func (s *Socket) Leave(room string) (last, was bool) {
	if !s.dropRoom(room) {
		s.hub.presence.Forget(room, s.User())
		return false, false
	}
	s.hub.options.SocketLeft(room)
	return s.hub.presence.Leave(room, s.User()), true
}

// Rooms returns the rooms that the socket is in, in the order in which it joined them.
func (s *Socket) Rooms() []string {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	rooms := make([]string, len(s.rooms))
	for i, m := range s.rooms {
		rooms[i] = m.room
	}
	return rooms
}

// Emit sends an event to this socket alone, after everything that was broadcast before. It waits for no client.
func (s *Socket) Emit(event string, payload any) {
	if message := s.hub.encode(Message{event, payload}); message != nil {
		s.hub.counters.sent.Add(event)
		s.member.session.Send(message)
	}
}

// EmitAnswer is Emit for an answer that may be large. It returns false, and sends nothing, if the large answers that clients have not
// read take too much memory.
func (s *Socket) EmitAnswer(event string, payload any) bool {
	message := s.hub.encode(Message{event, payload})
	sent := message != nil && s.member.session.SendAnswer(message)
	if sent {
		s.hub.counters.sent.Add(event)
	}
	return sent
}

// MaxPayload returns the size in bytes of the largest payload that Emit sends. A larger one ends the connection.
func (s *Socket) MaxPayload() int { return s.hub.transports.MaxPayload() }

// Spend counts an event that costs as much as several: the next events of the socket's user, and of the connection, wait until the
// limit allows for these as well.
func (s *Socket) Spend(events int) {
	for _, limiter := range []*rate.Limiter{s.member.session.Limiter(), s.limiter.Load()} {
		if events > 0 {
			reserve(limiter, events)
		}
	}
}

// count makes the socket count for the limits of user. If the user has too many sockets then, the oldest is closed.
func (s *Socket) count(user string) {
	if s.gone || s.counted == user {
		return
	}
	s.hub.limits.remove(s.counted, s)
	limiter, oldest := s.hub.limits.add(user, s)
	s.counted = user
	s.limiter.Store(limiter)
	if oldest != nil {
		s.hub.onTooManySockets(oldest)
		oldest.member.session.Disconnect(namespace, "too many sockets of one user")
	}
}

// disconnected takes the socket out of its rooms and limits. It waits for the handler that runs, if any. Events that wait are
// still handled: they came before the disconnect.
func (s *Socket) disconnected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return
	}
	s.gone = true
	s.hub.counters.disconnects.Add(1)
	s.hub.limits.remove(s.counted, s)
	s.release()
	user, lastSeen := s.User(), s.member.session.LastSeen()
	for _, room := range s.Rooms() {
		if !s.dropRoom(room) {
			continue
		}
		s.hub.options.SocketLeft(room)
		if s.hub.presence.Lose(room, user, lastSeen) {
			s.hub.onUserLeft(room, user, s.State())
		}
	}
}
