package sockets

// roomUsers counts the sockets of each user in each room: room → user. Its owner guards it.
type roomUsers map[string]map[string]roomUser

// roomUser is a user in one room.
type roomUser struct {
	Member
	sockets int
}

// add counts a socket. First: it is its user's first in the room.
func (r roomUsers) add(room, user string, member Member) (first bool) {
	users := r[room]
	if users == nil {
		users = make(map[string]roomUser)
		r[room] = users
	}
	here := users[user]
	users[user] = roomUser{member, here.sockets + 1}
	return here.sockets == 0
}

// remove takes one socket of a user out of a room. Last: it was their last there.
func (r roomUsers) remove(room, user string) (member Member, last bool) {
	users := r[room]
	here := users[user]
	if here.sockets--; here.sockets > 0 {
		users[user] = here
		return here.Member, false
	}
	delete(users, user)
	if len(users) == 0 {
		delete(r, room)
	}
	return here.Member, true
}
