package sockets

import (
	"context"
	"time"
)

// Presence knows which users have sockets in which rooms, and who may resume. Its methods are safe for concurrent use. Join, Leave,
// Forget and Lose are called under the lock of a socket and must not wait.
type Presence interface {
	// Join counts a socket in. Label is by which others know its user. First: it is its user's first in the room.
	Join(room, user, label string) (first bool)

	// Leave counts out a socket that leaves on purpose. Last: it was its user's last in the room. The room cannot be resumed then.
	Leave(room, user string) (last bool)

	// Forget makes a room not resumable for a user who leaves it with a socket that is not in it.
	Forget(room, user string)

	// Lose counts out a socket whose connection broke, which makes the room resumable. Its client was last heard of at that moment.
	Lose(room, user string, heard time.Time) (last bool)

	// Resumable returns the rooms that a user may resume, the longest lost first, and at most maxRooms.
	Resumable(ctx context.Context, user string) ([]Loss, error)

	// Users returns who has a socket in a room, sorted.
	Users(room string) []string

	// Drain says that the process stops: whoever is lost from now on is told to come back.
	Drain()
}

// Loss is a room in which a connection of a user broke.
type Loss struct {
	Room  string
	Label string    // of the user, as it was given to Join
	At    time.Time // when it broke or was found to be broken
	Heard time.Time // when the client was last heard of: it may have missed what was sent later
}

// maxRooms bounds how many rooms a socket can be in, and so how many a user can resume with one.
const maxRooms = 100
