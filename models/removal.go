package models

import (
	"cmp"
	"context"

	"gorm.io/gorm"
)

// Removal says who is no longer in a class. They must be sent nothing that is committed in it afterwards.
type Removal struct {
	Users   []Actor
	Deleted bool // there is no such class any more, so nobody is in it; Users is empty
}

// removed is eventIn for users who are no longer in a class.
func (s *Store) removed(tx *gorm.DB, classID ID, users ...Actor) (publish func(), err error) {
	if len(users) == 0 {
		return nil, nil
	}
	return s.eventIn(tx, Event{ClassID: classID, Removal: &Removal{Users: users}})
}

// studentUsers are users as Removal has them.
func studentUsers(ids []ID) []Actor {
	users := make([]Actor, len(ids))
	for i, id := range ids {
		users[i] = Actor{ID: id, Role: RoleStudent}
	}
	return users
}

// Deletion asks for a class to be deleted.
type Deletion struct {
	WithMarks bool   // delete the marks that there are, too
	Name      string // repeats the name of the class, or its id if it has none, to delete it with marks
}

// DeleteClass deletes a class that actor owns, with its roster, teachers, sessions, marks and audit trail. Nothing of it can be brought
// back. A class with an active session is ErrSessionActive, one with marks is ErrHasMarks unless the request wants that. It is one
// transaction, which takes the longer the more marks there are.
func (s *Store) DeleteClass(ctx context.Context, actor Actor, classID ID, how Deletion) error {
	return s.change(ctx, "delete a class", func(tx *gorm.DB) (func(), error) {
		class, err := s.lockPermitted(tx, actor, accessOwn, classID)
		if err != nil {
			return nil, err
		}
		if err := s.checkDeletion(tx, class.Class, how); err != nil {
			return nil, err
		}
		publish, err := s.eventIn(tx, Event{ClassID: class.ID, Removal: &Removal{Deleted: true}})
		if err != nil {
			return nil, err
		}
		return publish, deleteClass(tx, classID)
	})
}

// checkDeletion says why a class that is locked cannot be deleted.
func (s *Store) checkDeletion(tx *gorm.DB, class Class, how Deletion) error {
	active, err := s.hasActiveSession(tx, class.ID)
	switch {
	case err != nil:
		return err
	case active:
		return ErrSessionActive
	case how.WithMarks && how.Name != cmp.Or(class.Name, class.ID.Key):
		return ErrNameDiffers
	case how.WithMarks:
		return nil
	}
	var marked int64
	err = tx.Raw("SELECT COUNT(*) FROM marks WHERE session_id IN (SELECT id FROM sessions WHERE class_key = ?)", class.ID.Key).Scan(&marked).Error
	if err == nil && marked > 0 {
		return ErrHasMarks
	}
	return err
}

// ofClass are the tables with rows of a class, those before sessions by the ids in there.
var ofClass = []struct{ table, where string }{
	{"marks", "session_id IN (SELECT id FROM sessions WHERE class_key = ?)"},
	{"changes", "session_id IN (SELECT id FROM sessions WHERE class_key = ?)"},
	{"flags", "session_id IN (SELECT id FROM sessions WHERE class_key = ?)"},
	{"flag_students", "session_id IN (SELECT id FROM sessions WHERE class_key = ?)"},
	{"mark_devices", "session_id IN (SELECT id FROM sessions WHERE class_key = ?)"},
	{"sessions", "class_key = ?"},
	{"enrolments", "class_key = ?"},
	{"class_teachers", "class_key = ?"},
	{"presence", "class_key = ?"},
	{"classes", "class_key = ?"},
}

func deleteClass(tx *gorm.DB, classID ID) error {
	for _, rows := range ofClass {
		if err := tx.Exec("DELETE FROM "+rows.table+" WHERE "+rows.where, classID.Key).Error; err != nil {
			return err
		}
	}
	return nil
}

// continueLog numbers the events of classes that were just made after those of deleted classes with the same ids, which the log may still
// hold. Without Options.Cluster it does nothing.
func (s *Store) continueLog(tx *gorm.DB, classes ...Class) error {
	if !s.cluster {
		return nil
	}
	for _, class := range classes {
		err := tx.Exec("UPDATE classes SET seq = COALESCE((SELECT MAX(seq) FROM events WHERE stream = ?), 0) WHERE class_key = ? AND seq = 0",
			StreamOf(class.ID), class.ID.Key).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// removedByReplacing returns the students of a class's roster whom lines that are saved leave out.
func removedByReplacing(tx *gorm.DB, classID ID, upload int64) ([]ID, error) {
	var removed []Enrolment
	err := tx.Select("student_key", "student_number").Where(`class_key = ? AND removed_at = 0 AND NOT EXISTS
		(SELECT 1 FROM roster_lines l WHERE l.upload = ? AND l.student_key = enrolments.student_key)`, classID.Key, upload).Find(&removed).Error
	ids := make([]ID, len(removed))
	for i, enrolment := range removed {
		ids[i] = enrolment.StudentID
	}
	return ids, err
}
