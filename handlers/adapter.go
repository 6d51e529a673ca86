package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
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
}

// New returns the handlers of a store. The publisher is the one whose methods the store was opened with.
func New(store *models.Store, mode models.Mode, rooms Rooms, classes *Publisher, logger *slog.Logger) *Handlers {
	return &Handlers{store: store, mode: mode, rooms: rooms, classes: classes, logger: logger}
}

// event makes a handler of a function that reads the arguments and one that acts upon them. A refusal goes to the
// sender as errorEvent and to the acknowledgement. A panic becomes one too: a bug in one event must not end the
// connection, let alone the process.
func event[A any](h *Handlers, errorEvent string, read func(*fields) A, act func(context.Context, Socket, A) (any, error)) func(context.Context, Socket, json.RawMessage) any {
	return func(ctx context.Context, socket Socket, raw json.RawMessage) (reply any) {
		ctx, cancel := context.WithTimeout(ctx, eventTimeout)
		defer cancel()

		f := readFields(raw)
		defer func() {
			if p := recover(); p != nil {
				err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				reply = h.refuse(ctx, socket, errorEvent, f, err)
			}
		}()
		args := read(f)
		if err := f.err(); err != nil {
			return h.refuse(ctx, socket, errorEvent, f, err)
		}
		reply, err := act(ctx, socket, args)
		if err != nil {
			return h.refuse(ctx, socket, errorEvent, f, err)
		}
		return reply
	}
}

// refuse tells the sender what is wrong, in the event that the protocol has for it.
func (h *Handlers) refuse(ctx context.Context, socket Socket, errorEvent string, f *fields, err error) any {
	refusal := h.explain(ctx, err)
	if errorEvent == attendanceData {
		reply := noData(f)
		reply.Message = refusal.Text
		socket.Emit(attendanceData, reply)
		return refusedDataAck{reply, refusal.Reason}
	}
	socket.Emit(errorEvent, errorReply{refusal.Text})
	return refusedWith(refusal)
}

// RefuseRateLimited refuses an event of a client that sends more than it may. With notify the client also gets an error event,
// besides the reply to the acknowledgement.
func (h *Handlers) RefuseRateLimited(socket Socket, notify bool) (reply any) {
	if notify {
		socket.Emit(attendanceError, errorReply{errTooMany.Text})
	}
	return refusedWith(errTooMany)
}

// RefuseUnknown refuses an event that the protocol does not have.
func (h *Handlers) RefuseUnknown() (reply any) {
	return refusedWith(errUnknownEvent)
}

// NotifyTooManySockets sends a client the reason why its connection is about to be closed: its user has too many.
func (h *Handlers) NotifyTooManySockets(socket Socket) {
	socket.Emit(attendanceError, errorReply{errTooManySockets.Text})
}
