package models

import "context"

// State is where a session is in its life.
type State string

// The states of a session. StateInitial is that of a session that was never started; it is never stored.
const (
	StateInitial   State = "initial"
	StateActive    State = "active"
	StateCompleted State = "completed"
)

// Session is one meeting of a class whose attendance is taken. There is one per class, day and type, and at most one
// active per class and type.
type Session struct {
	ID        int64
	ClassID   ID        `gorm:"embedded;embeddedPrefix:class_"`
	Day       string    // the campus's calendar day on which it was first started, YYYY-MM-DD
	Type      string    `gorm:"column:session_type"`
	State     State     // StateActive or StateCompleted
	TeacherID ID        `gorm:"embedded;embeddedPrefix:teacher_"`
	Frequency []float64 `gorm:"serializer:json"` // Hz, the tones that the teacher's device plays; empty: none
	StartedAt Timestamp // when it was started, or opened again, the last time
	EndedAt   Timestamp // zero while it is active
}

// InitiateRequest asks for a session to be started.
type InitiateRequest struct {
	ClassID     ID
	TeacherID   ID // zero, or the actor's own
	SessionType string
	Frequency   []float64 // empty: not given
}

// InitiateResult is the session that is active now.
type InitiateResult struct {
	Session Session
	Changed bool // false: it was active already, with this frequency or with none asked for
}

// Initiate starts today's session of a class and records everybody on the roster as absent, or opens the completed one
// of today again, marks kept. What changed was published through Options.Started before Initiate returns.
func (s *Store) Initiate(ctx context.Context, actor Actor, req InitiateRequest) (InitiateResult, error) {
	return InitiateResult{}, errNotImplemented
}

// EndRequest asks for the active session of a class and type to be ended.
type EndRequest struct {
	ClassID     ID
	TeacherID   ID // zero, or the actor's own
	SessionType string
}

// EndResult is the session that is completed now.
type EndResult struct {
	Session Session
	Changed bool // false: it was completed already
}

// End completes the active session of a class and type, also when it began before midnight. What changed was published
// through Options.Ended before End returns. Ending what ended today confirms it.
func (s *Store) End(ctx context.Context, actor Actor, req EndRequest) (EndResult, error) {
	return EndResult{}, errNotImplemented
}

// EndOverdue ends the sessions that have been active for longer than Options.SessionMax, publishes each through
// Options.Ended and returns them. However many nodes call it, each session is ended and published by one of them.
func (s *Store) EndOverdue(ctx context.Context) ([]Session, error) {
	return nil, errNotImplemented
}

// SessionsBetween lists the sessions of a class from the day from to the day to, both included, oldest first; an empty
// day leaves that end open. Days are given as for Fetch.
func (s *Store) SessionsBetween(ctx context.Context, actor Actor, classID ID, from, to string) ([]Session, error) {
	return nil, errNotImplemented
}

// SessionRecords returns one session of actor's class with all its marks, by student id.
func (s *Store) SessionRecords(ctx context.Context, actor Actor, sessionID int64) (Session, []Mark, error) {
	return Session{}, nil, errNotImplemented
}
