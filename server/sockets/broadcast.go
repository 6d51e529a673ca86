package sockets

import (
	"hash/maphash"
	"runtime"
	"slices"
	"sync"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
)

// Message is an event for everybody in a room.
type Message struct {
	Event   string
	Payload any // encoded as JSON
}

// maxRun is how many messages go to a room in one piece. A send queue holds many times as many.
const maxRun = 256

// Broadcast sends messages to every socket in room, in this order. It waits for no client. What a socket is sent afterwards
// comes after them.
func (h *Hub) Broadcast(room string, messages ...Message) { h.BroadcastExcept(room, "", messages...) }

// BroadcastExcept sends messages to every socket in room that is not one of user's.
func (h *Hub) BroadcastExcept(room, user string, messages ...Message) {
	encoded := make([]*engineio.Message, 0, len(messages))
	for _, message := range messages {
		if m := h.encode(message); m != nil {
			encoded = append(encoded, m)
		}
	}
	o := h.outboxes[maphash.String(outboxSeed, room)%uint64(len(h.outboxes))]
	for run := range slices.Chunk(encoded, maxRun) {
		o.add(room, user, engineio.Join(run...))
	}
}

// encode returns nil, and logs it, if the payload cannot be encoded.
func (h *Hub) encode(m Message) *engineio.Message {
	arguments, err := engineio.MarshalArguments(m.Payload)
	if err != nil {
		h.options.Logger.Error("encode event", "event", m.Event, "err", err)
		return nil
	}
	return engineio.EncodeEvent(namespace, m.Event, arguments)
}

// Users returns the users that have a socket in room, sorted.
func (h *Hub) Users(room string) []string { return h.presence.users(room) }

// outboxSeed spreads rooms over outboxes.
var outboxSeed = maphash.MakeSeed()

// outbox puts what is for its rooms into the members' queues at once, all members of a room getting everything in the same order,
// and has the queues written by a goroutine that lives until that is done. What comes up for a member before its turn goes out in
// the same write, so under load each gets, in one write, all that has come up since the last.
type outbox struct {
	server *socketio.Server

	mu      sync.Mutex
	waiting []*engineio.Session // have something in their queues
	written []*engineio.Session // empty; its array is used again
	writing bool                // the goroutine is there
}

// newOutboxes returns as many as can be busy at the same time without taking all processors away from reading.
func newOutboxes(server *socketio.Server) []*outbox {
	outboxes := make([]*outbox, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range outboxes {
		outboxes[i] = &outbox{server: server}
	}
	return outboxes
}

func (o *outbox) add(room, except string, message *engineio.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.server.ForEach(namespace, room, func(conn socketio.Conn) {
		member := socketOf(conn)
		if except != "" && member.User() == except {
			return
		}
		if member.session.Enqueue(message) {
			o.waiting = append(o.waiting, member.session)
		}
	})
	if !o.writing && len(o.waiting) > 0 {
		o.writing = true
		go o.write() // ends when nobody is waiting
	}
}

func (o *outbox) write() {
	for sessions := o.next(); len(sessions) > 0; sessions = o.next() {
		for i, session := range sessions {
			session.Flush()
			sessions[i] = nil
		}
		// Let those run first who have something for the next round: on a busy processor fewer and fuller rounds follow, on an
		// idle one it takes no time.
		runtime.Gosched()
	}
}

// next returns the sessions that wait. The goroutine ends if there are none.
func (o *outbox) next() []*engineio.Session {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting, o.written = o.written[:0], o.waiting
	o.writing = len(o.written) > 0
	return o.written
}
