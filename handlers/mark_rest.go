package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

type markRequest struct {
	ofClass
	Body markBody `body:"application/json"`
}

type markBody struct {
	SessionType string        `json:"sessionType"`
	StudentID   models.ID     `json:"studentId,omitempty" doc:"Yourself, unless you teach the class"`
	StudentName string        `json:"studentName,omitempty" doc:"Names the student on the roster, if they have no name there"`
	Status      models.Status `json:"status,omitempty" doc:"present, unless you say something else"`
	Code        string        `json:"code,omitempty" doc:"The code that is shown in class, for a session whose proof is code"`
	DeviceID    string        `json:"deviceId,omitempty" doc:"A random id of the student's device, at most 64 characters; marks of several students with the same raise a flag"`
}

// changedMark is the mark as it is now.
type changedMark struct {
	record
	Changed bool `json:"changed" doc:"False: it said so already, and nothing was broadcast"`
}

func markOut(result models.MarkResult) changedMark {
	return changedMark{recordOf(result.Mark), result.Changed}
}

func (h *Handlers) postMark(ctx context.Context, actor models.Actor, in markRequest) (changedMark, error) {
	class, err := h.store.Class(ctx, actor, in.ClassID) // as in startSession
	if err != nil {
		return changedMark{}, err
	}
	result, err := h.store.Record(ctx, actor, models.MarkRequest{
		ClassID: class.ID, StudentID: in.Body.StudentID, StudentName: in.Body.StudentName,
		Status: in.Body.Status, SessionType: in.Body.SessionType, Way: models.WayREST, Code: in.Body.Code, DeviceID: in.Body.DeviceID,
	})
	return markOut(result), err
}

type correctRequest struct {
	ofSession
	StudentID models.ID  `path:"studentId"`
	Body      correction `body:"application/json"`
}

type correction struct {
	Status models.Status `json:"status"`
	Reason string        `json:"reason" doc:"At most 500 characters; it stays in the audit trail"`
}

func (h *Handlers) correctMark(ctx context.Context, actor models.Actor, in correctRequest) (changedMark, error) {
	result, err := h.store.CorrectMark(ctx, actor, in.SessionID, in.StudentID, in.Body.Status, in.Body.Reason)
	return markOut(result), err
}

type changesRequest struct {
	ofSession
	StudentID models.ID  `query:"studentId" doc:"Only the changes of this student's mark"`
	Way       models.Way `query:"way" doc:"Only the changes that were made this way: socket, rest, correction or initiate"`
	After     int64      `query:"after" doc:"The next of the page before; without it, the first page"`
	Limit     int64      `query:"limit" doc:"The number of changes on a page, at most 5000; without it, 1000"`
}

type changesReply struct {
	Changes []change `json:"changes" doc:"Oldest first"`
	Next    *int64   `json:"next" doc:"What after must be to get the next page; null on the last"`
}

// change is one line of the audit trail.
type change struct {
	StudentID     models.ID        `json:"studentId"`
	From          *models.Status   `json:"from" doc:"Null: there was no mark"`
	To            models.Status    `json:"to"`
	ChangedAt     models.Timestamp `json:"changedAt"`
	ChangedBy     models.ID        `json:"changedBy"`
	ChangedByRole models.Role      `json:"changedByRole"`
	Way           models.Way       `json:"way" doc:"By an event, over REST, by a correction, or when attendance was opened"`
	Reason        string           `json:"reason" doc:"Corrections have one"`
}

func (h *Handlers) listChanges(ctx context.Context, actor models.Actor, in changesRequest) (changesReply, error) {
	page, err := h.store.Changes(ctx, actor, in.SessionID, models.ChangesRequest{
		StudentID: in.StudentID, Way: in.Way, After: in.After, Limit: int(in.Limit),
	})
	reply := changesReply{Changes: mapped(page.Changes, changeOut)}
	if page.Next != 0 {
		reply.Next = &page.Next
	}
	return reply, err
}

func changeOut(c models.Change) change {
	out := change{
		StudentID: c.StudentID, To: c.To, ChangedAt: c.At, ChangedBy: c.By, ChangedByRole: c.ByRole, Way: c.Way, Reason: c.Reason,
	}
	if c.From != "" {
		out.From = &c.From
	}
	return out
}
