package models

import (
	"context"

	"gorm.io/gorm"
)

// FlagKind is why students are flagged.
type FlagKind string

// The kinds of flags.
const (
	FlagSharedConnection FlagKind = "shared_connection" // one connection has marked several students
	FlagSharedDevice     FlagKind = "shared_device"     // marks of several students carried the same id of a device
)

// Flag tells the teachers of a class what they may want to look at. It changes no mark and refuses none. In a session, the same students are
// flagged once for a kind. A further student who shares with all of them joins their flag, unless that is dismissed: then there is a new one.
type Flag struct {
	SessionID   int64
	Number      int64  // in the session: 1, 2, 3 …
	ClassID     ID     `gorm:"-"` // in the form of the class
	SessionType string `gorm:"-"`
	Kind        FlagKind
	Students    []ID      `gorm:"-"` // by id, in the form of the roster
	RaisedAt    Timestamp // when it was raised or got its last student

	DismissedAt Timestamp // zero: it is not dismissed
	DismissedBy ID        `gorm:"embedded;embeddedPrefix:dismissed_by_"`
	Reason      string    // why it is dismissed
}

const (
	// maxFlagged is how many students a flag can have. More who share the same are neither stored nor flagged.
	maxFlagged = 100
	// maxFlags is how many flags a session can have.
	maxFlags = 500
)

// MarkedStudent is a student who has a mark in a session.
type MarkedStudent struct {
	SessionID int64
	StudentID ID
}

// flaggedStudent is a row of flag_students.
type flaggedStudent struct {
	SessionID int64
	Number    int64 // of the flag
	StudentID ID    `gorm:"embedded;embeddedPrefix:student_"`
}

func (flaggedStudent) TableName() string { return "flag_students" }

// Flags returns all flags of a session of actor's class, dismissed ones too, in the order in which they were raised.
func (s *Store) Flags(ctx context.Context, actor Actor, sessionID int64) ([]Flag, error) {
	db := s.read.WithContext(ctx)
	session, err := s.managedSession(db, actor, sessionID)
	if err != nil {
		return nil, s.failure(ctx, "list flags", err)
	}
	flags := []Flag{}
	if err := db.Where("session_id = ?", sessionID).Order("number").Find(&flags).Error; err != nil {
		return nil, s.failure(ctx, "list flags", err)
	}
	var students []flaggedStudent
	err = db.Where("session_id = ?", sessionID).Find(&students).Error
	sortByID(students, func(f flaggedStudent) ID { return f.StudentID })
	byFlag := map[int64][]ID{}
	for _, f := range students {
		byFlag[f.Number] = append(byFlag[f.Number], f.StudentID)
	}
	for i := range flags {
		flags[i].ClassID, flags[i].SessionType = session.ClassID, session.Type
		flags[i].Students = byFlag[flags[i].Number]
	}
	return flags, s.failure(ctx, "list flags", err)
}

// DismissFlag dismisses a flag of a session of actor's class. It stays in the list, with the reason. One that actor has dismissed with the same
// reason is confirmed, any other that is dismissed is ErrFlagDismissed.
func (s *Store) DismissFlag(ctx context.Context, actor Actor, sessionID, number int64, reason string) error {
	switch {
	case reason == "":
		return ErrFlagReasonMissing
	case !validText(reason, maxReason):
		return ErrInvalidReason
	}
	return s.change(ctx, "dismiss a flag", func(tx *gorm.DB) (func(), error) {
		_, class, err := s.lockSession(tx, actor, sessionID)
		if err != nil {
			return nil, err
		}
		var found []Flag
		flag := tx.Where("session_id = ? AND number = ?", sessionID, number)
		if err := flag.Session(&gorm.Session{}).Find(&found).Error; err != nil {
			return nil, err
		}
		switch {
		case len(found) == 0:
			return nil, ErrFlagNotFound
		case found[0].DismissedAt != 0 && found[0].DismissedBy.Is(actor.ID) && found[0].Reason == reason:
			return nil, nil
		case found[0].DismissedAt != 0:
			return nil, ErrFlagDismissed
		}
		return nil, flag.Select("dismissed_at", "dismissed_by_key", "dismissed_by_number", "reason").
			Updates(&Flag{DismissedAt: class.LastAt, DismissedBy: class.actor, Reason: reason}).Error
	})
}
