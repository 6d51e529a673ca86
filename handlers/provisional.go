package handlers

import (
	"context"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// maxProvisional is how much is remembered of what was stored for a provisional identity.
const maxProvisional = 100

// provisional is what was stored for the student that an event named, before the client identified. When it identifies as another
// user, this is undone.
type provisional struct {
	enrolled []models.ID          // the classes that the student came onto the roster of by joining
	marks    []models.MarkRequest // recorded as made by the student
}

func (p *provisional) joined(class models.ID) {
	if p != nil && len(p.enrolled) < maxProvisional {
		p.enrolled = append(p.enrolled, class)
	}
}

func (p *provisional) marked(req models.MarkRequest) {
	if p != nil && len(p.marks) < maxProvisional {
		p.marks = append(p.marks, req)
	}
}

// undoProvisional corrects what was stored for a provisional student when the client turns out to be actor: the student leaves the
// rosters, and the marks become actor's as far as actor may make them. It returns those of the student's rooms that actor asked to
// be in under the same id.
func (h *Handlers) undoProvisional(ctx context.Context, student user, actor models.Actor, rooms []string) (asked []string) {
	for _, class := range student.provisional.enrolled {
		users, err := h.rooms.Users(ctx, RoomOf(class))
		if slices.Contains(users, student.key()) {
			continue // the student has come themselves meanwhile
		}
		if err == nil {
			err = h.store.UndoEnrolment(ctx, student.ID, class)
		}
		if err != nil {
			_ = h.explain(ctx, err) // logs it; the identity is right all the same
		}
	}
	if student.ID.Is(actor.ID) {
		asked = rooms
	}
	for _, mark := range student.provisional.marks {
		if _, err := h.store.Record(ctx, actor, mark); err != nil {
			h.logger.DebugContext(ctx, "mark before identify not repeated for the identified user", "class_id", mark.ClassID.Key, "err", err)
		}
	}
	return asked
}
