package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

// tally counts marks of sessions that were held and are over, to be embedded.
type tally struct {
	Held    int      `json:"held" doc:"Marks in sessions that are over. Who was not on the roster yet has none"`
	Present int      `json:"present"`
	Late    int      `json:"late"`
	Absent  int      `json:"absent"`
	Excused int      `json:"excused"`
	Rate    *float64 `json:"rate" doc:"(present + late) / (held - excused), null when nothing counts"`
}

type studentTally struct {
	StudentID   models.ID `json:"studentId"`
	StudentName string    `json:"studentName"`
	Removed     bool      `json:"removed" doc:"No longer on the roster"`
	tally
}

type sessionTally struct {
	SessionID   int64            `json:"sessionId"`
	Date        string           `json:"date"`
	SessionType string           `json:"sessionType"`
	StartedAt   models.Timestamp `json:"startedAt"`
	tally
}

func (h *Handlers) classStatistics(ctx context.Context, actor models.Actor, in classRange) (tally, error) {
	sum, err := h.store.ClassStatistics(ctx, actor, in.ClassID, in.From, in.To)
	return tally(sum), err
}

type studentStatisticsRequest struct {
	classRange
	Below *float64 `query:"below" doc:"Only students on the roster with a rate under this, from 0 to 1"`
}

type studentStatisticsReply struct {
	Students []studentTally `json:"students" doc:"By name"`
}

func (h *Handlers) studentStatistics(ctx context.Context, actor models.Actor, in studentStatisticsRequest) (studentStatisticsReply, error) {
	var found []models.StudentTally
	var err error
	if in.Below != nil {
		found, err = h.store.StudentsBelow(ctx, actor, in.ClassID, in.From, in.To, *in.Below)
	} else {
		found, err = h.store.StudentStatistics(ctx, actor, in.ClassID, in.From, in.To)
	}
	return studentStatisticsReply{mapped(found, func(t models.StudentTally) studentTally {
		return studentTally{t.StudentID, t.StudentName, t.Removed, tally(t.Tally)}
	})}, err
}

type sessionStatisticsReply struct {
	Sessions []sessionTally `json:"sessions" doc:"Oldest first"`
}

func (h *Handlers) sessionStatistics(ctx context.Context, actor models.Actor, in classRange) (sessionStatisticsReply, error) {
	found, err := h.store.SessionStatistics(ctx, actor, in.ClassID, in.From, in.To)
	return sessionStatisticsReply{mapped(found, func(t models.SessionTally) sessionTally {
		return sessionTally{t.Session.ID, t.Session.Day, t.Session.Type, t.Session.StartedAt, tally(t.Tally)}
	})}, err
}

type historyReply struct {
	tally
	Sessions []attendedSession `json:"sessions" doc:"Newest first, at most 5000"`
}

type attendedSession struct {
	SessionID   int64            `json:"sessionId"`
	Date        string           `json:"date"`
	SessionType string           `json:"sessionType"`
	State       models.State     `json:"state"`
	Status      models.Status    `json:"status"`
	RecordedAt  models.Timestamp `json:"recordedAt"`
}

// history is for students only: a teacher whose id is also a student's is not that student.
func (h *Handlers) history(ctx context.Context, actor models.Actor, in ofClass) (historyReply, error) {
	if _, err := h.store.Class(ctx, actor, in.ClassID); err != nil {
		return historyReply{}, err
	}
	if actor.Role != models.RoleStudent {
		return historyReply{}, errOnlyStudents
	}
	sum, found, err := h.store.StudentHistory(ctx, actor, in.ClassID)
	return historyReply{tally(sum), mapped(found, func(a models.Attendance) attendedSession {
		return attendedSession{a.Session.ID, a.Session.Day, a.Session.Type, a.Session.State, a.Mark.Status, a.Mark.RecordedAt}
	})}, err
}
