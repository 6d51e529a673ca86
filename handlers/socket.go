package handlers

import (
	"context"
	"time"
)

// Socket is the client that an event came from, as this package needs it. Its methods are called from the event's
// handler only: handlers of one socket run one after the other, so no lock is needed around them.
type Socket interface {
	// Claims returns what was verified when the client connected (signed mode), or nil (open mode).
	Claims() any

	// User returns the key that SetUser was last given, "" before the first time.
	User() string

	// SetUser makes the socket act as user from now on. A socket of another user must have left its rooms before.
	SetUser(user string)

	// Resumable calls each with the rooms in which this user lost a connection less than RESUME_WINDOW ago, also to an earlier
	// process, the longest ago first, and leaves out those that the socket is in. Since is when the client last sent something;
	// what was sent later it may have missed. Label is what was given to Join.
	Resumable(ctx context.Context, each func(room, label string, since time.Time)) error

	// Waited returns how long the event that is being handled has waited since it arrived at the server.
	Waited() time.Duration

	// Acknowledges tells whether the client has given an acknowledgement callback for the event that is being handled.
	Acknowledges() bool

	// State returns what SetState was last given, nil before the first time. It lives as long as the socket.
	State() any
	SetState(state any)

	// Full tells whether the socket is in as many rooms as it can be.
	Full() bool

	// Join adds the socket to a room. Label is by which others know its user, number says that clients write the user's id as one. A
	// limited member is sent less: see Rooms. First tells whether it is the first of its user's sockets there, which the others must be
	// told; in a cluster, they are told by Publisher.DeliverPresence. Joining a room again changes nothing and returns false.
	Join(room, label string, number, limited bool) (first bool)

	// Leave takes the socket out of a room, which its user cannot resume then. Last tells whether none of its user's other
	// sockets is there. Leaving a room that it is not in returns false, false.
	Leave(room string) (last, was bool)

	// In tells whether the socket is in a room. Rooms.Remove may have taken it out.
	In(room string) bool

	// Rooms returns the rooms that the socket is in, in the order in which it joined them.
	Rooms() []string

	// Spend counts what an event has cost beyond one event against its user's limit.
	Spend(events int)

	// MaxPayload returns the size in bytes of the largest payload that Emit sends.
	MaxPayload() int

	// Emit sends one event to this socket alone, after everything that was broadcast before. It waits for no client.
	Emit(event string, payload any)

	// EmitAnswer is Emit for an answer that may be large. It returns false, and sends nothing, if the large answers that clients have
	// not read take too much memory.
	EmitAnswer(event string, payload any) bool
}

// Message is an event for everybody in a room.
type Message struct {
	Event   string
	Payload any
}

// Rooms delivers to the sockets that have joined a room. Its methods never block and are safe for concurrent use.
type Rooms interface {
	// Broadcast sends messages, in this order, to every socket in room that is not limited. They are encoded once and go to each
	// socket in one piece.
	Broadcast(room string, messages ...Message)

	// BroadcastExcept does the same, but leaves out the sockets of one user.
	BroadcastExcept(room, user string, messages ...Message)

	// BroadcastTo sends messages to every socket in room whose user is wanted.
	BroadcastTo(room string, wanted func(user string) bool, messages ...Message)

	// HasLimited tells whether a socket in room is limited. SendLimited sends messages to those of a user, or to all if user is empty.
	HasLimited(room string) bool
	SendLimited(room, user string, messages ...Message)

	// Limit makes the sockets of some users in room limited, and all others not.
	Limit(room string, limited func(user string) bool)

	// Remove takes the sockets of users out of room. They are sent message after what was broadcast before, and nothing of what is
	// broadcast afterwards. The others are told that these users have left (Handlers.UserLeft). They cannot resume the room.
	Remove(room string, users []string, message Message)

	// Close does the same with every socket in room. Nobody is left to be told.
	Close(room string, message Message)

	// Users returns the users that have a socket in room, sorted.
	Users(ctx context.Context, room string) ([]string, error)
}
