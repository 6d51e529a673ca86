package sockets

import (
	"context"
	"hash/maphash"
	"slices"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Message is an event for all members of a room.
type Message struct {
	Event   string
	Payload any // encoded as JSON
}

// maxRun is how many messages go to a room in one piece. A send queue holds many times as many.
const maxRun = 256

// Broadcast sends messages to every socket in room that is not limited, in this order. It waits for no client. What a socket is sent
// afterwards comes after them.
func (h *Hub) Broadcast(room string, messages ...Message) { h.BroadcastExcept(room, "", messages...) }

// SendLimited sends messages to the limited sockets of a user in room, or to all of them if user is empty.
func (h *Hub) SendLimited(room, user string, messages ...Message) {
	h.BroadcastExcept(userRoom(room, user), "", messages...)
}

// BroadcastExcept sends messages to every socket in room that is neither limited nor one of user's.
func (h *Hub) BroadcastExcept(room, user string, messages ...Message) {
	var skip func(*member) bool
	if user != "" {
		skip = func(m *member) bool { return m.name() == user }
	}
	h.broadcast(room, skip, messages)
}

// BroadcastTo sends messages to every socket in room that is not limited and whose user is wanted.
func (h *Hub) BroadcastTo(room string, wanted func(user string) bool, messages ...Message) {
	h.broadcast(room, func(m *member) bool { return !wanted(m.name()) }, messages)
}

// broadcast sends messages to the sockets in room that are not limited, except those that skip returns true for. Nil skips none.
func (h *Hub) broadcast(room string, skip func(*member) bool, messages []Message) {
	f := h.fanoutOf(room)
	for run := range slices.Chunk(messages, maxRun) {
		if encoded := h.encodeAll(run); len(encoded) > 0 {
			h.countSent(run, f.add(room, skip, codec.Join(encoded...)))
		}
	}
}

func (h *Hub) encodeAll(messages []Message) []*codec.Message {
	encoded := make([]*codec.Message, 0, len(messages))
	for _, message := range messages {
		if m := h.encode(message); m != nil {
			encoded = append(encoded, m)
		}
	}
	return encoded
}

func (h *Hub) fanoutOf(room string) *fanout {
	return h.fanouts[maphash.String(fanoutSeed, room)%uint64(len(h.fanouts))]
}

// Target is who gets an event: every socket that is in at least one of Rooms and in none of Except.
type Target struct {
	Rooms, Except []string
	Limited       bool // sockets that are limited in a room get it, too
}

// Emit sends an event, which is encoded already, once to every socket of a target.
func (h *Hub) Emit(to Target, event string, arguments codec.Arguments) {
	done := make(map[*engineio.Session]bool)
	for _, room := range withLimited(to.Except) {
		h.server.ForEach(roomNamespace, room, func(conn socketio.Conn) { done[conn.(*member).session] = true })
	}
	skip := func(m *member) bool {
		skipped := done[m.session]
		done[m.session] = true
		return skipped
	}
	message := codec.EncodeEvent(namespace, event, arguments)
	rooms := to.Rooms
	if to.Limited {
		rooms = withLimited(rooms)
	}
	for _, room := range rooms {
		sockets := h.fanoutOf(room).add(room, skip, message)
		h.counters.sent.Of(event).Add(int64(sockets))
	}
}

// withLimited returns rooms, and those in which their limited sockets are.
func withLimited(rooms []string) []string {
	all := slices.Clone(rooms)
	for _, room := range rooms {
		all = append(all, userRoom(room, ""))
	}
	return all
}

// encode returns nil, and logs it, if the payload cannot be encoded.
func (h *Hub) encode(m Message) *codec.Message {
	arguments, err := codec.MarshalArguments(m.Payload)
	if err != nil {
		h.options.Logger.Error("encode event", "event", m.Event, "err", err)
		return nil
	}
	return codec.EncodeEvent(namespace, m.Event, arguments)
}

// CloseRoom closes the connections of the sockets in room, so that their clients reconnect. What was broadcast before still goes
// out, and nothing that is broadcast afterwards. Reason is for the log.
func (h *Hub) CloseRoom(room, reason string) {
	for _, socket := range h.socketsIn(room, anyMember) {
		socket.member.session.Close(reason)
	}
}

// Users returns the users that have a socket in room, sorted.
func (h *Hub) Users(ctx context.Context, room string) ([]string, error) {
	return h.presence.Users(ctx, room)
}
