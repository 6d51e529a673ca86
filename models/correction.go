package models

import (
	"cmp"
	"context"
	"errors"

	"gorm.io/gorm"
)

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

// maxReason is the length of a correction's reason in characters.
const maxReason = 500

// CorrectMark sets a mark in a session of a class that actor teaches, whether it is active or completed, and keeps the reason. The
// student must be on the roster or have a mark there; their id stays in the form in which it is known there. What
// changed was published through Options.OnEvent.
func (s *Store) CorrectMark(ctx context.Context, actor Actor, sessionID int64, studentID ID, status Status, reason string) (MarkResult, error) {
	switch {
	case !status.valid():
		return MarkResult{}, ErrInvalidStatus
	case reason == "":
		return MarkResult{}, ErrReasonMissing
	case !validText(reason, maxReason):
		return MarkResult{}, ErrInvalidReason
	}
	var result MarkResult
	err := s.change(ctx, "correct a mark", func(tx *gorm.DB) (func(), error) {
		session, class, err := s.lockSession(tx, actor, sessionID)
		if err != nil {
			return nil, err
		}
		before, err := markBefore(tx, session, studentID)
		if err != nil {
			return nil, err
		}
		mark := before
		mark.Status, mark.RecordedAt = status, class.LastAt
		mark.RecordedBy, mark.ByTeacher = class.actor, true
		if before.Status == status && before.ByTeacher {
			result = MarkResult{Mark: before}
			return nil, nil
		}
		result = MarkResult{Mark: mark, Changed: before.Status != status}
		if err := saveMark(tx, mark, before.Status == ""); err != nil {
			return nil, err
		}
		err = tx.Create(&Change{
			SessionID: sessionID, StudentID: mark.StudentID, From: before.Status, To: status, At: class.LastAt,
			By: mark.RecordedBy, ByRole: actor.Role, Way: WayCorrection, Reason: reason,
		}).Error
		if err != nil || !result.Changed {
			return nil, err
		}
		return s.eventIn(tx, Event{ClassID: class.ID, Marks: []Mark{mark}})
	})
	return result, err
}

// markBefore returns a student's mark in a session; without a status, if they have none but are on the roster.
func markBefore(tx *gorm.DB, session Session, studentID ID) (Mark, error) {
	var mark Mark
	err := namedMarks(tx, session.ClassID).Where("session_id = ? AND marks.student_key = ?", session.ID, studentID.Key).Take(&mark).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		var enrolment Enrolment
		enrolment, err = enrolled(tx, session.ClassID, studentID)
		mark = Mark{SessionID: session.ID, StudentID: enrolment.StudentID, StudentName: enrolment.StudentName}
	}
	mark.ClassID, mark.SessionType = session.ClassID, session.Type
	return mark, err
}

func saveMark(tx *gorm.DB, mark Mark, isNew bool) error {
	if isNew {
		return tx.Create(&mark).Error
	}
	return tx.Model(&Mark{}).Where("session_id = ? AND student_key = ?", mark.SessionID, mark.StudentID.Key).
		Select("*").Updates(&mark).Error
}

// ChangesRequest asks for a page of a session's audit trail.
type ChangesRequest struct {
	StudentID ID    // zero: of all students
	Way       Way   // empty: by any
	After     int64 // Next of the page before; zero: the first page
	Limit     int   // at most MaxChanges; zero: DefaultChanges
}

// The number of changes on a page.
const (
	DefaultChanges = 1000
	MaxChanges     = 5000
)

// ChangesPage is a page of an audit trail, oldest change first.
type ChangesPage struct {
	Changes []Change // never nil
	Next    int64    // zero: this is the last page
}

// Changes returns a page of the audit trail of a session of actor's class.
func (s *Store) Changes(ctx context.Context, actor Actor, sessionID int64, req ChangesRequest) (ChangesPage, error) {
	limit := cmp.Or(req.Limit, DefaultChanges)
	if limit < 0 || limit > MaxChanges {
		return ChangesPage{}, invalid("invalid_parameter", "limit must be a number from 1 to %d", MaxChanges)
	}
	db := s.read.WithContext(ctx)
	if _, err := s.managedSession(db, actor, sessionID); err != nil {
		return ChangesPage{}, s.failure(ctx, "read the audit trail", err)
	}
	query := db.Where("session_id = ? AND id > ?", sessionID, req.After)
	if !req.StudentID.IsZero() {
		query = query.Where("student_key = ?", req.StudentID.Key)
	}
	if req.Way != "" {
		query = query.Where("way = ?", req.Way)
	}
	page := ChangesPage{Changes: []Change{}}
	// One more than the page has tells whether there is another.
	if err := query.Order("id").Limit(limit + 1).Find(&page.Changes).Error; err != nil {
		return ChangesPage{}, s.failure(ctx, "read the audit trail", err)
	}
	if len(page.Changes) > limit {
		page.Changes = page.Changes[:limit]
		page.Next = page.Changes[limit-1].ID
	}
	return page, nil
}
