package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/neuracampus/attendance/models"
)

// eventTimeout bounds the time that one event may keep its socket waiting, and with it a database that hangs.
const eventTimeout = 3500 * time.Millisecond

// Handlers answers events and requests.
type Handlers struct {
	store   *models.Store
	mode    models.Mode
	rooms   Rooms
	classes *Publisher
	logger  *slog.Logger

	onRefused func(reason string)
}

// New returns the handlers of a store. The publisher is the one whose methods the store was opened with.
func New(store *models.Store, mode models.Mode, rooms Rooms, classes *Publisher, logger *slog.Logger) *Handlers {
	return &Handlers{store: store, mode: mode, rooms: rooms, classes: classes, logger: logger, onRefused: func(string) {}}
}

// OnRefused has refused called with the reason of each refusal that a client is sent. It must not block. Call it before the first event
// or request.
func (h *Handlers) OnRefused(refused func(reason string)) { h.onRefused = refused }

// names are those under which clients send one event: its own, and then its aliases.
type names []string

// events makes handlers, one for each name, of a function that reads the arguments of an event and one that acts upon them. A
// refusal goes to the sender as errorEvent and to the acknowledgement. A panic becomes one too: a bug in one event must not end
// the connection, let alone the process.
func events[A, R any](h *Handlers, errorEvent string, names names, read func(*fields) A, act func(context.Context, Socket, A) (R, error)) []Event {
	described := describedEvent{names, errorEvent, func(f *fields) { read(f) }, reflect.TypeFor[R]()}
	return mapped(names, func(name string) Event {
		return Event{Name: name, described: described, Handle: func(ctx context.Context, socket Socket, raw json.RawMessage) (reply any) {
			ctx, cancel := context.WithTimeout(ctx, eventTimeout)
			defer cancel()

			f := readFields(raw)
			refused := func(err error) any {
				refusal := h.explain(ctx, err)
				h.onRefused(refusal.Reason)
				repeated := !sentTo(socket).refuse(names[0], name, raw, refusal)
				return refuse(socket, errorEvent, f, refusal, repeated)
			}
			defer func() {
				if p := recover(); p != nil {
					reply = refused(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
				}
			}()
			args := read(f)
			if err := f.err(); err != nil {
				return refused(err)
			}
			done, err := act(ctx, socket, args)
			if err != nil {
				return refused(err)
			}
			return done
		}}
	})
}

// refuse tells the sender what is wrong, in the event that the protocol has for it. What is repeated goes to the acknowledgement
// alone.
func refuse(socket Socket, errorEvent string, f *fields, refusal *models.Refusal, repeated bool) any {
	if errorEvent == attendanceData {
		reply := noData(f)
		reply.Message = refusal.Text
		socket.Emit(attendanceData, reply)
		return refusedDataAck{reply, eventReason(refusal.Reason)}
	}
	if !repeated {
		socket.Emit(errorEvent, errorReply{refusal.Text})
	}
	return refusedWith(refusal)
}

// RefuseRateLimited refuses an event of a client that sends more than it may. With notify the client also gets an error event,
// besides the reply to the acknowledgement.
func (h *Handlers) RefuseRateLimited(socket Socket, notify bool) (reply any) {
	if notify {
		socket.Emit(attendanceError, errorReply{errTooMany.Text})
	}
	h.onRefused(errTooMany.Reason)
	return refusedWith(errTooMany)
}

// RefuseUnknown refuses an event that the protocol does not have.
func (h *Handlers) RefuseUnknown() (reply any) {
	h.onRefused(errUnknownEvent.Reason)
	return refusedWith(errUnknownEvent)
}

// NotifyTooManySockets sends a client the reason why its connection is about to be closed: its user has too many.
func (h *Handlers) NotifyTooManySockets(socket Socket) {
	socket.Emit(attendanceError, errorReply{errTooManySockets.Text})
}
