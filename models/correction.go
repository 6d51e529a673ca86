package models

import "context"

// Change is one line of the audit trail: who changed a mark, when, from what, to what, by which way and why.
type Change struct {
	ID        int64
	SessionID int64
	StudentID ID        `gorm:"embedded;embeddedPrefix:student_"`
	From      Status    `gorm:"column:from_status"` // empty: there was no mark
	To        Status    `gorm:"column:to_status"`
	At        Timestamp `gorm:"column:changed_at"`
	By        ID        `gorm:"embedded;embeddedPrefix:changed_by_"`
	ByRole    Role
	Way       Way
	Reason    string
}

// CorrectMark sets a mark in a session of actor's class, whether it is active or completed, and keeps the reason. The
// student must be on the roster or have a mark there. What changed was published through Options.Committed.
func (s *Store) CorrectMark(ctx context.Context, actor Actor, sessionID int64, studentID ID, status Status, reason string) (MarkResult, error) {
	return MarkResult{}, errNotImplemented
}

// Changes returns the audit trail of a session of actor's class, oldest first; of one student, unless studentID is zero.
func (s *Store) Changes(ctx context.Context, actor Actor, sessionID int64, studentID ID) ([]Change, error) {
	return nil, errNotImplemented
}
