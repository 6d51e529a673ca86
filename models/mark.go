package models

import "context"

// Status is what a mark says about a student.
type Status string

// The statuses.
const (
	Present Status = "present"
	Late    Status = "late"
	Absent  Status = "absent"
	Excused Status = "excused"
)

// Way is the way by which a mark was changed.
type Way string

// The ways.
const (
	WaySocket     Way = "socket"     // an event
	WayREST       Way = "rest"       // a mark over HTTP
	WayCorrection Way = "correction" // with a reason, also after the end
	WayInitiate   Way = "initiate"   // everybody on the roster is absent at first
)

// Mark is one student's recorded status in one session.
type Mark struct {
	SessionID   int64
	ClassID     ID     `gorm:"-"` // as the mark was made with, like StudentID
	SessionType string `gorm:"-"`
	StudentID   ID     `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string // may be empty
	Status      Status
	RecordedAt  Timestamp
	RecordedBy  ID   `gorm:"embedded;embeddedPrefix:recorded_by_"`
	ByTeacher   bool // set by the class's teacher, so the student cannot change it
}

// MarkRequest asks for a mark to be recorded in the active session of a class and type.
type MarkRequest struct {
	ClassID     ID
	StudentID   ID     // zero: the actor
	StudentName string // may be empty; in signed mode the roster's name counts
	Status      Status // empty: Present
	SessionType string
	Way         Way // empty: WaySocket
}

// MarkResult is the mark as it stands now.
type MarkResult struct {
	Mark    Mark
	Changed bool // false: it said so already
}

// Record records a mark. When it returns, the mark is committed and, if it changed, published through
// Options.Committed. Marks that arrive while another transaction runs share the next one.
//
// When ctx ends before the mark's transaction has begun, nothing is recorded; afterwards Record waits for the outcome.
func (s *Store) Record(ctx context.Context, actor Actor, req MarkRequest) (MarkResult, error) {
	return MarkResult{}, errNotImplemented
}
