package sockets

import (
	"context"
	"time"
)

// Presence knows which users have sockets in which rooms, and who may resume. Its methods are safe for concurrent use. Join, Leave,
// Forget and Lose are called under the lock of a socket and must not block.
type Presence interface {
	// Join adds a socket of a user to a room. Member is how others know the user. First: the user had no socket there, which the others
	// in the room must be told. A SharedPresence tells them itself.
	Join(room, user string, member Member) (first bool)

	// Leave removes a socket that leaves on purpose. Last: it was its user's last in the room. The room cannot be resumed then.
	Leave(room, user string) (last bool)

	// Forget makes a room not resumable for a user who leaves it with a socket that is not in it.
	Forget(room, user string)

	// Lose removes a socket whose connection broke, which makes the room resumable. LastSeen is when the client last sent something.
	Lose(room, user string, lastSeen time.Time) (last bool)

	// Resumable returns the rooms that a user may resume, the longest lost first, and at most maxRooms.
	Resumable(ctx context.Context, user string) ([]Loss, error)

	// Users returns who has a socket in a room, sorted.
	Users(ctx context.Context, room string) ([]string, error)

	// Drain says that the process stops: connections that are lost from now on are closed by the server, and their clients reconnect.
	Drain()
}

// Member is how others in a room know a user.
type Member struct {
	Label  string // their name, may be empty
	Number bool   // clients write their id as a number
}

// Loss is a room in which a connection of a user broke.
type Loss struct {
	Room     string
	Label    string    // the user's, as it was given to Join
	At       time.Time // when it broke or was found to be broken
	LastSeen time.Time // when the client last sent something: it may have missed what was broadcast later
}

// maxRooms bounds how many rooms a socket can be in, and so how many a user can resume with one.
const maxRooms = 100
