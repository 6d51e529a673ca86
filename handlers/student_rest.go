package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

type ofStudent struct {
	StudentID models.ID `path:"studentId"`
}

// studentExport is everything that is stored about a student. Keys are only ever added.
type studentExport struct {
	StudentID  models.ID        `json:"studentId"`
	ExportedAt models.Timestamp `json:"exportedAt"`
	Rosters    []exportedRoster `json:"rosters" doc:"The rosters that the student is on or was on"`
	Marks      []exportedMark   `json:"marks" doc:"By time"`
	Changes    []exportedChange `json:"changes" doc:"Every change of these marks, by time"`
	Presence   []exportedRoom   `json:"presence" doc:"The classes in which the student is connected, or was a moment ago"`
	Flags      []exportedFlag   `json:"flags" doc:"By time, without the other students"`
	Devices    []exportedDevice `json:"devices" doc:"On which the student has marked themselves in sessions that are active"`
}

type exportedRoster struct {
	ClassID     models.ID         `json:"classId"`
	ClassName   string            `json:"className"`
	StudentName string            `json:"studentName"`
	EnrolledAt  models.Timestamp  `json:"enrolledAt"`
	RemovedAt   *models.Timestamp `json:"removedAt" doc:"Null: the student is on the roster"`
}

// exportedSession says which session a mark is of, to be embedded.
type exportedSession struct {
	SessionID   int64     `json:"sessionId"`
	ClassID     models.ID `json:"classId"`
	Date        string    `json:"date"`
	SessionType string    `json:"sessionType"`
}

type exportedMark struct {
	exportedSession
	StudentName string           `json:"studentName" doc:"As it was when the mark was recorded"`
	Status      models.Status    `json:"status"`
	RecordedAt  models.Timestamp `json:"recordedAt"`
	RecordedBy  models.ID        `json:"recordedBy"`
	ByTeacher   bool             `json:"byTeacher"`
}

type exportedChange struct {
	exportedSession
	From          *models.Status   `json:"from" doc:"Null: there was no mark"`
	To            models.Status    `json:"to"`
	ChangedAt     models.Timestamp `json:"changedAt"`
	ChangedBy     models.ID        `json:"changedBy"`
	ChangedByRole models.Role      `json:"changedByRole"`
	Way           models.Way       `json:"way"`
	Reason        string           `json:"reason"`
}

type exportedRoom struct {
	ClassID models.ID         `json:"classId"`
	Name    string            `json:"name" doc:"By which the others know the student; may be empty"`
	LostAt  *models.Timestamp `json:"lostAt" doc:"Null: the student is connected"`
}

type exportedFlag struct {
	exportedSession
	Kind      models.FlagKind  `json:"kind"`
	RaisedAt  models.Timestamp `json:"raisedAt"`
	Dismissal *dismissal       `json:"dismissal" doc:"Null: the flag is not dismissed"`
}

type exportedDevice struct {
	exportedSession
	Device string `json:"device" doc:"A hash of the id that came with the mark"`
}

func (h *Handlers) exportStudent(ctx context.Context, actor models.Actor, in ofStudent) (studentExport, error) {
	data, err := h.store.ExportStudent(ctx, actor, in.StudentID)
	return studentExport{
		data.StudentID, h.store.Now(),
		mapped(data.Rosters, exportedRosterOut), mapped(data.Marks, exportedMarkOut),
		mapped(data.Changes, exportedChangeOut), mapped(data.Presence, exportedRoomOut),
		mapped(data.Flags, exportedFlagOut), mapped(data.Devices, exportedDeviceOut),
	}, err
}

func exportedRosterOut(r models.RosterEntry) exportedRoster {
	return exportedRoster{r.ClassID, r.ClassName, r.StudentName, r.EnrolledAt, unlessZero(r.RemovedAt)}
}

func exportedSessionOut(s models.Session, id int64) exportedSession {
	return exportedSession{id, s.ClassID, s.Day, s.Type}
}

func exportedMarkOut(m models.ExportedMark) exportedMark {
	return exportedMark{
		exportedSessionOut(m.Of, m.Mark.SessionID), m.Mark.StudentName, m.Mark.Status, m.Mark.RecordedAt, m.Mark.RecordedBy, m.Mark.ByTeacher,
	}
}

func exportedChangeOut(c models.ExportedChange) exportedChange {
	out := exportedChange{
		exportedSession: exportedSessionOut(c.Of, c.Change.SessionID), To: c.Change.To, ChangedAt: c.Change.At,
		ChangedBy: c.Change.By, ChangedByRole: c.Change.ByRole, Way: c.Change.Way, Reason: c.Change.Reason,
	}
	if c.Change.From != "" {
		out.From = &c.Change.From
	}
	return out
}

func exportedRoomOut(p models.PresenceEntry) exportedRoom {
	return exportedRoom{models.ID{Key: p.ClassKey}, p.Label, unlessZero(p.LostAt)}
}

func exportedFlagOut(f models.ExportedFlag) exportedFlag {
	return exportedFlag{exportedSessionOut(f.Of, f.Flag.SessionID), f.Flag.Kind, f.Flag.RaisedAt, dismissalOf(f.Flag)}
}

func exportedDeviceOut(d models.ExportedDevice) exportedDevice {
	return exportedDevice{exportedSessionOut(d.Of, d.SessionID), d.Device}
}

func unlessZero(at models.Timestamp) *models.Timestamp {
	if at == 0 {
		return nil
	}
	return &at
}

func (h *Handlers) eraseStudent(ctx context.Context, actor models.Actor, in ofStudent) (noContent, error) {
	return noContent{}, h.store.EraseStudent(ctx, actor, in.StudentID)
}
