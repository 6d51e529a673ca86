package handlers

import (
	"context"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// maxGuessed is how much is remembered of what was stored for a guess.
const maxGuessed = 100

// guess is what the store holds because a socket that has not identified was taken for a student. It is kept until the
// socket identifies: then either the guess was right, or this is taken back.
type guess struct {
	enrolled []models.ID          // the classes that the student came onto the roster of by joining
	marks    []models.MarkRequest // recorded as made by the student
}

func (g *guess) joined(class models.ID) {
	if g != nil && len(g.enrolled) < maxGuessed {
		g.enrolled = append(g.enrolled, class)
	}
}

func (g *guess) marked(req models.MarkRequest) {
	if g != nil && len(g.marks) < maxGuessed {
		g.marks = append(g.marks, req)
	}
}

// takeBack puts right what was stored for the student whom a socket was taken for, now that it is known to be actor's: the
// student leaves the rosters, and the marks are actor's as far as actor may make them. It returns the rooms, of those that
// the student was in, that actor asked to be in under the same id.
func (h *Handlers) takeBack(ctx context.Context, student person, actor models.Actor, rooms []string) (asked []string) {
	for _, class := range student.guess.enrolled {
		if slices.Contains(h.rooms.Users(roomOf(class)), student.key()) {
			continue // the student has come themselves meanwhile
		}
		if err := h.store.Withdraw(ctx, student.ID, class); err != nil {
			_ = h.explain(ctx, err) // logs it; the identity is right all the same
		}
	}
	if student.ID.Is(actor.ID) {
		asked = rooms
	}
	for _, mark := range student.guess.marks {
		if _, err := h.store.Record(ctx, actor, mark); err != nil {
			h.logger.DebugContext(ctx, "mark before identify not made by who identified", "class_id", mark.ClassID.Key, "err", err)
		}
	}
	return asked
}
