package models

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// eventBody is an Event as JSON, with a key for each kind of change. Servers of neighbouring versions read each other's: keys are only
// added, and keep their meaning.
type eventBody struct {
	Class    ID            `json:"class"`
	Marks    []markBody    `json:"marks,omitempty"`
	Sessions []sessionBody `json:"sessions,omitempty"`
	Removed  []userBody    `json:"removed,omitempty"`
	Deleted  bool          `json:"deleted,omitempty"`

	Visibility Visibility `json:"visibility,omitempty"`

	Flags    []flagBody `json:"flags,omitempty"`
	Teachers []ID       `json:"teachers,omitempty"`
}

type flagBody struct {
	Session  int64    `json:"session"`
	Number   int64    `json:"number"`
	Type     string   `json:"type"`
	Kind     FlagKind `json:"kind"`
	Students []ID     `json:"students"`
	At       int64    `json:"at"`
}

type userBody struct {
	Role Role `json:"role"`
	ID   ID   `json:"id"`
}

type markBody struct {
	Session int64  `json:"session"`
	Type    string `json:"type"`
	Student ID     `json:"student"`
	Name    string `json:"name"`
	Status  Status `json:"status"`
	At      int64  `json:"at"`
}

type sessionBody struct {
	ID        int64     `json:"id"`
	Day       string    `json:"day"`
	Type      string    `json:"type"`
	State     State     `json:"state"`
	Teacher   ID        `json:"teacher"`
	Frequency []float64 `json:"frequency,omitempty"`
	StartedAt int64     `json:"startedAt"`
	EndedAt   int64     `json:"endedAt"`
	Proof     Proof     `json:"proof,omitempty"` // the secret is not for the log
	LateAt    int64     `json:"lateAt,omitempty"`
	EndsAt    int64     `json:"endsAt,omitempty"`
}

func encodeEvent(event Event) ([]byte, error) {
	body := eventBody{Class: event.ClassID, Visibility: event.Visibility, Teachers: event.Teachers}
	for _, m := range event.Marks {
		body.Marks = append(body.Marks, markBody{m.SessionID, m.SessionType, m.StudentID, m.StudentName, m.Status, int64(m.RecordedAt)})
	}
	for _, s := range event.Sessions {
		body.Sessions = append(body.Sessions, sessionBody{
			s.ID, s.Day, s.Type, s.State, s.TeacherID, s.Frequency, int64(s.StartedAt), int64(s.EndedAt),
			s.Proof, int64(s.LateAt), int64(s.EndsAt),
		})
	}
	if event.Removal != nil {
		body.Deleted = event.Removal.Deleted
		for _, user := range event.Removal.Users {
			body.Removed = append(body.Removed, userBody{user.Role, user.ID})
		}
	}
	for _, f := range event.Flags {
		body.Flags = append(body.Flags, flagBody{f.SessionID, f.Number, f.SessionType, f.Kind, f.Students, int64(f.RaisedAt)})
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode an event of class %s: %w", event.ClassID, err)
	}
	return encoded, nil
}

// DecodeEvent reads the body of a LogEntry. Its marks do not say who recorded them. Unknown: a server of a newer version wrote
// something into the body that this version does not know; the event holds the rest.
func DecodeEvent(encoded []byte) (event Event, unknown bool, err error) {
	var body eventBody
	strict := json.NewDecoder(bytes.NewReader(encoded))
	strict.DisallowUnknownFields()
	if strict.Decode(&body) != nil {
		unknown = true
		body = eventBody{}
		if err := json.Unmarshal(encoded, &body); err != nil {
			return Event{}, false, fmt.Errorf("decode an event: %w", err)
		}
	}
	if body.Class.IsZero() {
		return Event{}, false, errors.New("decode an event: it names no class")
	}
	event.ClassID = body.Class
	for _, m := range body.Marks {
		event.Marks = append(event.Marks, Mark{
			SessionID: m.Session, ClassID: body.Class, SessionType: m.Type, StudentID: m.Student, StudentName: m.Name, Status: m.Status,
			RecordedAt: Timestamp(m.At),
		})
	}
	for _, s := range body.Sessions {
		if s.State != StateActive && s.State != StateCompleted {
			unknown = true
			continue
		}
		event.Sessions = append(event.Sessions, Session{
			ID: s.ID, ClassID: body.Class, Day: s.Day, Type: s.Type, State: s.State, TeacherID: s.Teacher, Frequency: s.Frequency,
			StartedAt: Timestamp(s.StartedAt), EndedAt: Timestamp(s.EndedAt),
			SessionRules: SessionRules{Proof: s.Proof, LateAt: Timestamp(s.LateAt), EndsAt: Timestamp(s.EndsAt)},
		})
	}
	if body.Deleted || len(body.Removed) > 0 {
		event.Removal = &Removal{Deleted: body.Deleted}
		for _, user := range body.Removed {
			event.Removal.Users = append(event.Removal.Users, Actor{ID: user.ID, Role: user.Role})
		}
	}
	for _, f := range body.Flags {
		if f.Kind != FlagSharedConnection && f.Kind != FlagSharedDevice {
			unknown = true
			continue
		}
		event.Flags = append(event.Flags, Flag{
			SessionID: f.Session, Number: f.Number, ClassID: body.Class, SessionType: f.Type, Kind: f.Kind, Students: f.Students,
			RaisedAt: Timestamp(f.At),
		})
	}
	event.Visibility, event.Teachers = body.Visibility, body.Teachers
	return event, unknown, nil
}
