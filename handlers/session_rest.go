package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

// dayRange is a range of the campus's days, both ends included.
type dayRange struct {
	From string `query:"from" doc:"First day, YYYY-MM-DD; without it there is no first"`
	To   string `query:"to" doc:"Last day, YYYY-MM-DD; without it there is no last"`
}

type classRange struct {
	ofClass
	dayRange
}

type ofSession struct {
	SessionID int64 `path:"sessionId"`
}

// session is the JSON of one, to be embedded.
type session struct {
	ID          int64             `json:"id"`
	ClassID     models.ID         `json:"classId"`
	Date        string            `json:"date" doc:"The campus's day on which it was first started, YYYY-MM-DD"`
	SessionType string            `json:"sessionType"`
	State       models.State      `json:"state"`
	TeacherID   models.ID         `json:"teacherId"`
	Frequency   []float64         `json:"frequency" doc:"Tones in Hz that the teacher's device plays; may be empty"`
	StartedAt   models.Timestamp  `json:"startedAt" doc:"The last time that it was started or opened again"`
	EndedAt     *models.Timestamp `json:"endedAt" doc:"Null while it is active"`
	sessionRules
}

func sessionOut(s models.Session) session {
	out := session{
		ID: s.ID, ClassID: s.ClassID, Date: s.Day, SessionType: s.Type, State: s.State, TeacherID: s.TeacherID,
		Frequency: append([]float64{}, s.Frequency...), StartedAt: s.StartedAt, sessionRules: sessionRulesOf(s),
	}
	if s.EndedAt != 0 {
		out.EndedAt = &s.EndedAt
	}
	return out
}

type sessionsReply struct {
	Sessions []session `json:"sessions" doc:"At most 5000, the newest of the range"`
}

func (h *Handlers) listSessions(ctx context.Context, actor models.Actor, in classRange) (sessionsReply, error) {
	found, err := h.store.SessionsBetween(ctx, actor, in.ClassID, in.From, in.To)
	return sessionsReply{mapped(found, sessionOut)}, err
}

type startRequest struct {
	ofClass
	Body startBody `body:"application/json"`
}

type startBody struct {
	SessionType string `json:"sessionType" doc:"1 to 32 letters, digits, hyphens or underscores"`
	Frequency   tones  `json:"frequency,omitempty" doc:"Tones in Hz: a number, or a list of at most 16, above 0 and at most 24000"`
	rulesChange
}

// changedSession is the session as it is now.
type changedSession struct {
	session
	Changed bool `json:"changed" doc:"False: it was so already, and nothing was broadcast"`
}

func (h *Handlers) startSession(ctx context.Context, actor models.Actor, in startRequest) (changedSession, error) {
	// First the class: to whom it does not exist, its rules do not either. And its id as it was made, for the
	// broadcast: the path does not tell 5 from "5", but clients do.
	class, err := h.store.Class(ctx, actor, in.ClassID)
	if err != nil {
		return changedSession{}, err
	}
	result, err := h.store.Initiate(ctx, actor, models.InitiateRequest{
		ClassID: class.ID, SessionType: in.Body.SessionType, Frequency: in.Body.Frequency,
		Rules: models.RulesChange(in.Body.rulesChange),
	})
	return changedSession{sessionOut(result.Session), result.Changed}, err
}

type endRequest struct {
	ofClass
	Body sessionTypeBody `body:"application/json"`
}

type sessionTypeBody struct {
	SessionType string `json:"sessionType"`
}

func (h *Handlers) endSession(ctx context.Context, actor models.Actor, in endRequest) (changedSession, error) {
	class, err := h.store.Class(ctx, actor, in.ClassID)
	if err != nil {
		return changedSession{}, err
	}
	result, err := h.store.End(ctx, actor, models.EndRequest{ClassID: class.ID, SessionType: in.Body.SessionType})
	return changedSession{sessionOut(result.Session), result.Changed}, err
}

type sessionReport struct {
	session
	Records []record `json:"records" doc:"By student id"`
}

func (h *Handlers) readSession(ctx context.Context, actor models.Actor, in ofSession) (sessionReport, error) {
	found, marks, err := h.store.SessionRecords(ctx, actor, in.SessionID)
	return sessionReport{sessionOut(found), recordsOf(marks)}, err
}
