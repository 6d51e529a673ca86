package sockets

import (
	"slices"

	socketio "github.com/googollee/go-socket.io"
)

// membership is a room that a socket is in. A member that is not limited is in the library's room of the same name. A limited one is in
// two others: that of all limited members, and that of those of its user.
type membership struct {
	room    string
	limited bool
}

// No name of a room or of a user has a control character in it.
const limitedMark = "\x00"

// userRoom returns the library's room of the limited members of a user, or of all limited members if user is empty.
func userRoom(room, user string) string { return room + limitedMark + user }

// enter and exit put a socket into the library's rooms, and take it out.
func (s *Socket) enter(m membership) {
	if !m.limited {
		s.hub.server.JoinRoom(roomNamespace, m.room, &s.member)
		return
	}
	s.hub.server.JoinRoom(roomNamespace, userRoom(m.room, ""), &s.member)
	s.hub.server.JoinRoom(roomNamespace, userRoom(m.room, s.User()), &s.member)
}

func (s *Socket) exit(m membership) {
	if !m.limited {
		s.hub.server.LeaveRoom(roomNamespace, m.room, &s.member)
		return
	}
	s.hub.server.LeaveRoom(roomNamespace, userRoom(m.room, ""), &s.member)
	s.hub.server.LeaveRoom(roomNamespace, userRoom(m.room, s.User()), &s.member)
}

// indexOf returns the index of a room in rooms, -1 if the socket is not there. The caller holds roomsMu.
func (s *Socket) indexOf(room string) int {
	return slices.IndexFunc(s.rooms, func(m membership) bool { return m.room == room })
}

// addRoom puts the socket into a room. It returns false, and does nothing, if it was there before or is in as many as it can be.
func (s *Socket) addRoom(m membership) bool {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	if len(s.rooms) >= maxRooms || s.indexOf(m.room) >= 0 {
		return false
	}
	s.rooms = append(s.rooms, m)
	s.enter(m)
	return true
}

// dropRoom takes the socket out of a room. It returns false if it was not there.
func (s *Socket) dropRoom(room string) bool {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	index := s.indexOf(room)
	if index < 0 {
		return false
	}
	s.exit(s.rooms[index])
	s.rooms = slices.Delete(s.rooms, index, index+1)
	return true
}

// limit makes the socket's membership of a room limited, or not.
func (s *Socket) limit(room string, limited bool) {
	s.roomsMu.Lock()
	defer s.roomsMu.Unlock()
	index := s.indexOf(room)
	if index < 0 || s.rooms[index].limited == limited {
		return
	}
	s.exit(s.rooms[index])
	s.rooms[index].limited = limited
	s.enter(s.rooms[index])
}

// socketsIn returns the sockets in a room, limited or not.
func (h *Hub) socketsIn(room string, wanted func(*member) bool) (sockets []*Socket) {
	for _, name := range []string{room, userRoom(room, "")} {
		h.server.ForEach(roomNamespace, name, func(conn socketio.Conn) {
			if m := conn.(*member); wanted(m) {
				sockets = append(sockets, socketOf(m.Conn))
			}
		})
	}
	return sockets
}

func anyMember(*member) bool { return true }

// Limit makes the members of a room whose user is limited, and no others, limited members: they are sent only what SendLimited
// sends. What was broadcast before still goes to everybody. It waits for no client and for no handler.
func (h *Hub) Limit(room string, limited func(user string) bool) {
	for _, socket := range h.socketsIn(room, anyMember) {
		socket.limit(room, limited(socket.User()))
	}
}

// HasLimited reports whether a room has limited members.
func (h *Hub) HasLimited(room string) bool {
	return h.server.RoomLen(roomNamespace, userRoom(room, "")) > 0
}
