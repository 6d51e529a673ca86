package sockets

import (
	"hash/maphash"
	"runtime"
	"sync"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
)

// Message is an event for everybody in a room.
type Message struct {
	Event   string
	Payload any // encoded as JSON, after the call that sends it; it must not be changed any more
}

// maxRun is how many messages go to a room in one piece. A send queue holds many times as many.
const maxRun = 256

// delivery is a message on its way to a room.
type delivery struct {
	room    string
	except  string // the user to leave out, "" for nobody
	message Message
}

// Broadcast sends messages to every socket in room, in this order. It never blocks.
func (h *Hub) Broadcast(room string, messages ...Message) { h.BroadcastExcept(room, "", messages...) }

// BroadcastExcept sends messages to every socket in room that is not one of user's.
func (h *Hub) BroadcastExcept(room, user string, messages ...Message) {
	h.outboxes[maphash.String(outboxSeed, room)%uint64(len(h.outboxes))].add(room, user, messages)
}

// Users returns the users that have a socket in room, sorted.
func (h *Hub) Users(room string) []string { return h.presence.users(room) }

// outboxSeed spreads rooms over outboxes.
var outboxSeed = maphash.MakeSeed()

// outbox gathers what is for its rooms while it is busy delivering, and delivers at once while it is not. So a message on an
// idle server waits for nothing, and under load each member gets, in one write, all that has come up since the last.
type outbox struct {
	hub *Hub

	mu         sync.Mutex
	gathering  *round // what comes after the one that is being delivered, nil if nothing does
	delivering *round // nil while nothing is
}

// round is what is delivered together.
type round struct {
	deliveries []delivery
	done       chan struct{} // closed when every receiver has it in its queue
}

// newOutboxes returns as many as can be busy at the same time without taking all processors away from reading.
func newOutboxes(h *Hub) []*outbox {
	outboxes := make([]*outbox, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range outboxes {
		outboxes[i] = &outbox{hub: h}
	}
	return outboxes
}

func (o *outbox) add(room, except string, messages []Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gathering == nil {
		o.gathering = &round{done: make(chan struct{})}
	}
	for _, message := range messages {
		o.gathering.deliveries = append(o.gathering.deliveries, delivery{room, except, message})
	}
	if o.delivering == nil {
		o.delivering, o.gathering = o.gathering, nil
		go o.deliver() // ends when nothing is waiting
	}
}

// delivered returns a channel that is closed when what has been added so far is in the queues, nil if it is already.
func (o *outbox) delivered() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.gathering != nil:
		return o.gathering.done
	case o.delivering != nil:
		return o.delivering.done
	}
	return nil
}

// settle waits for what has been broadcast so far, so that what is sent to one socket next comes after it.
func (h *Hub) settle() {
	for _, o := range h.outboxes {
		if done := o.delivered(); done != nil {
			<-done
		}
	}
}

func (o *outbox) deliver() {
	var order []string
	rooms := make(map[string][]delivery)
	var members []*Socket
	for current := o.delivering; current != nil; current = o.next() {
		order = order[:0]
		clear(rooms)
		for _, d := range current.deliveries {
			if rooms[d.room] == nil {
				order = append(order, d.room)
			}
			rooms[d.room] = append(rooms[d.room], d)
		}
		for _, room := range order {
			members = o.hub.members(members[:0], room)
			for run := rooms[room]; len(run) > 0; {
				size := min(len(run), maxRun)
				o.hub.deliver(members, run[:size])
				run = run[size:]
			}
			clear(members)
		}
	}
}

// next ends the round that is being delivered and returns the one after it, nil if there is none. Before, it lets those run
// who have something for that round: on a busy processor fewer and fuller rounds follow, on an idle one it takes no time.
func (o *outbox) next() *round {
	runtime.Gosched()
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.delivering.done)
	o.delivering, o.gathering = o.gathering, nil
	return o.delivering
}

// members appends the sockets in a room. Nothing is sent under the library's lock, which every join and leave waits for.
func (h *Hub) members(members []*Socket, room string) []*Socket {
	h.server.ForEach(namespace, room, func(conn socketio.Conn) {
		members = append(members, socketOf(conn))
	})
	return members
}

// deliver sends a run of messages to members, as one piece that they share. Who is left out of some gets a piece of his own.
func (h *Hub) deliver(members []*Socket, run []delivery) {
	encoded := make([]*engineio.Message, 0, len(run))
	excepts := make([]string, 0, len(run)) // parallel to encoded
	var leftOut map[string]bool            // users that do not get everything
	for _, d := range run {
		message := h.encode(d.message)
		if message == nil {
			continue
		}
		encoded = append(encoded, message)
		excepts = append(excepts, d.except)
		if d.except != "" {
			if leftOut == nil {
				leftOut = make(map[string]bool)
			}
			leftOut[d.except] = true
		}
	}
	if len(encoded) == 0 {
		return
	}
	all := engineio.Join(encoded...)
	for _, member := range members {
		user := member.User()
		if !leftOut[user] {
			member.session.Send(all)
			continue
		}
		var some []*engineio.Message
		for i, message := range encoded {
			if excepts[i] != user {
				some = append(some, message)
			}
		}
		if len(some) > 0 {
			member.session.Send(engineio.Join(some...))
		}
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
