package sockets

import (
	"hash/maphash"
	"runtime"
	"sync"
	"time"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
)

// Why these numbers: docs/performance.md, "The fan-out".
const (
	// maxInlineWrites is to how many sockets a sender writes itself when no other event is being handled.
	maxInlineWrites = 1024
	// contentionAt is how many events are being handled when writes are delayed: as many as models commits at a time.
	contentionAt = 512
	// maxWriteDelay is how long they are delayed at the most.
	maxWriteDelay = 50 * time.Millisecond
)

// fanoutSeed spreads rooms over fan-outs.
var fanoutSeed = maphash.MakeSeed()

// fanout is the dispatcher of the broadcasts to some of the rooms. It first puts a message into the send queues of all members, so
// that all get everything in the same order. Then it writes the queues: in the sender's goroutine if the server does nothing
// else, or in one of its own, which ends when all queues are written. One write takes all that is in a queue by then.
type fanout struct {
	hub    *Hub
	writer *engineio.Writer // of the goroutine that writes

	mu      sync.Mutex
	queued  []*engineio.Session // their send queues are to be written
	since   time.Time           // when the first of queued was added
	written []*engineio.Session // empty; its array is used again
	writing bool                // a goroutine writes, and will write what is queued meanwhile
}

// newFanouts returns half as many as there are processors: the other half goes on reading.
func newFanouts(hub *Hub) []*fanout {
	fanouts := make([]*fanout, max(1, runtime.GOMAXPROCS(0)/2))
	for i := range fanouts {
		fanouts[i] = &fanout{hub: hub, writer: hub.newWriter()}
	}
	return fanouts
}

// newWriter returns what writes the send queues of a fan-out.
func (h *Hub) newWriter() *engineio.Writer {
	if h.options.IOUring {
		return engineio.NewWriter(h.options.Logger)
	}
	return engineio.NewPlainWriter()
}

// add sends a message to the members of a room, except those that skip returns true for. Nil skips none. It returns to how many.
func (f *fanout) add(room string, skip func(*member) bool, message *codec.Message) (sockets int) {
	f.mu.Lock()
	if len(f.queued) == 0 {
		f.since = time.Now()
	}
	f.hub.server.ForEach(roomNamespace, room, func(conn socketio.Conn) {
		member := conn.(*member)
		if skip != nil && skip(member) {
			return
		}
		sockets++
		if member.session.Enqueue(message) {
			f.queued = append(f.queued, member.session)
		}
	})
	if f.writing || len(f.queued) == 0 {
		f.mu.Unlock()
		return sockets
	}
	f.writing = true
	inline := len(f.queued) <= maxInlineWrites && f.hub.handlers.Load() <= 1
	f.mu.Unlock()
	if !inline || f.round() {
		go f.write()
	}
	return sockets
}

// write writes queues until none is left.
func (f *fanout) write() {
	for more := true; more; more = f.round() {
		runtime.Gosched() // let handlers run that add to the next round: fewer and fuller rounds follow
		f.delay()
	}
}

// delay waits under contention, because the events that are being handled are about to add messages to the same queues.
func (f *fanout) delay() {
	for began := time.Now(); f.hub.handlers.Load() > contentionAt && time.Since(began) < maxWriteDelay; {
		time.Sleep(time.Millisecond)
	}
}

// round writes the send queues of the sessions that are queued. It returns whether more are by then; the caller writes them.
func (f *fanout) round() (more bool) {
	f.mu.Lock()
	f.queued, f.written = f.written[:0], f.queued
	sessions, since := f.written, f.since
	f.mu.Unlock()
	f.writer.Flush(sessions)
	f.hub.options.FannedOut(time.Since(since))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writing = len(f.queued) > 0
	return f.writing
}
