package sockets

import (
	"hash/maphash"
	"runtime"
	"slices"
	"sync"
	"time"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
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
	encoded := make([]*codec.Message, 0, len(messages))
	for _, message := range messages {
		if m := h.encode(message); m != nil {
			encoded = append(encoded, m)
		}
	}
	o := h.outboxes[maphash.String(outboxSeed, room)%uint64(len(h.outboxes))]
	for run := range slices.Chunk(encoded, maxRun) {
		o.add(room, user, codec.Join(run...))
	}
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

// Users returns the users that have a socket in room, sorted.
func (h *Hub) Users(room string) []string { return h.presence.Users(room) }

// writtenAtOnce is to how many sockets a sender writes itself, when no other event is being handled. Waking a thread for that would
// cost as much as several writes, and on a machine with few processors it gets into the way of the receivers.
const writtenAtOnce = 1024

const (
	// crowd is how many events may be in hand before writes are held back. It is what models commits at a time, so with more,
	// another commit is sure to follow.
	crowd = 512
	// longestHold is how long they may be held back.
	longestHold = 50 * time.Millisecond
)

// outboxSeed spreads rooms over outboxes.
var outboxSeed = maphash.MakeSeed()

// outbox puts what is for its rooms into the members' queues at once, all members of a room getting everything in the same order,
// and then has the queues written: by the sender, if nothing else is going on, or by a goroutine that lives until that is done. What
// comes up for a member before its turn goes out in the same write, so under load each gets, in one write, all that has come up
// since the last.
type outbox struct {
	hub    *Hub
	writer *engineio.Writer // of who has set writing

	mu      sync.Mutex
	waiting []*engineio.Session // have something in their queues
	written []*engineio.Session // empty; its array is used again
	writing bool                // somebody writes, and sees to who waits
}

// newOutboxes returns as many as can be busy at the same time without taking all processors away from reading.
func newOutboxes(hub *Hub) []*outbox {
	outboxes := make([]*outbox, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range outboxes {
		outboxes[i] = &outbox{hub: hub, writer: engineio.NewWriter(hub.options.Logger)}
	}
	return outboxes
}

func (o *outbox) add(room, except string, message *codec.Message) {
	o.mu.Lock()
	o.hub.server.ForEach(roomNamespace, room, func(conn socketio.Conn) {
		member := conn.(*member)
		if except != "" && member.name() == except {
			return
		}
		if member.session.Enqueue(message) {
			o.waiting = append(o.waiting, member.session)
		}
	})
	if o.writing || len(o.waiting) == 0 {
		o.mu.Unlock()
		return
	}
	o.writing = true
	alone := len(o.waiting) <= writtenAtOnce && o.hub.handlers.Load() <= 1
	o.mu.Unlock()
	if !alone || o.round() {
		go o.write()
	}
}

// write writes queues until nothing waits.
func (o *outbox) write() {
	for more := true; more; more = o.round() {
		// Let those run first who have something for the next round: on a busy processor fewer and fuller rounds follow.
		runtime.Gosched()
		o.hold()
	}
}

// hold waits while a crowd's events are being handled, of which more is about to come up for everybody. A round of writes would be one
// too many, and would take the processor from those who handle the events.
func (o *outbox) hold() {
	for begun := time.Now(); o.hub.handlers.Load() > crowd && time.Since(begun) < longestHold; {
		time.Sleep(time.Millisecond)
	}
}

// round writes the queues of the sessions that wait. It returns whether others wait by then, which are the caller's to see to.
func (o *outbox) round() (more bool) {
	o.mu.Lock()
	o.waiting, o.written = o.written[:0], o.waiting
	sessions := o.written
	o.mu.Unlock()
	o.writer.Flush(sessions)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = len(o.waiting) > 0
	return o.writing
}
