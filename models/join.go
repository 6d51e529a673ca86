package models

import (
	"context"

	"gorm.io/gorm/clause"
)

// JoinResult is what somebody who joins a class needs to know.
type JoinResult struct {
	Class  Class
	Name   string    // the joiner's name on the roster, "" for teachers and where none is known
	Active []Session // the sessions that are active now, oldest first
}

// Join checks that actor may be in a class and tells what is going on there. In open mode it makes the class, puts a
// student on the roster and gives a class without a teacher to the teacher who joins. In signed mode a class in which
// actor is neither the teacher nor on the roster is ErrClassNotFound. Joining again changes nothing.
func (s *Store) Join(ctx context.Context, actor Actor, classID ID) (JoinResult, error) {
	result, err := s.join(ctx, actor, classID)
	return result, s.failure("join a class", err)
}

func (s *Store) join(ctx context.Context, actor Actor, classID ID) (JoinResult, error) {
	joiner, err := s.joiner(ctx, actor, classID)
	if err != nil {
		return JoinResult{}, err
	}
	if s.mode == ModeOpen && s.admit(&joiner, actor) {
		// Each statement is complete in itself and may be repeated, so there is no transaction to wait in.
		err := retry(ctx, isContention, func() error { return s.enter(ctx, actor, classID) })
		if err != nil {
			return JoinResult{}, err
		}
		if joiner, err = s.joiner(ctx, actor, classID); err != nil {
			return JoinResult{}, err
		}
	}
	class := joiner.Class
	class.ID = classID
	switch {
	case !joiner.exists, !joiner.onRoster && !actor.teaches(class) && (s.mode != ModeOpen || actor.Role != RoleTeacher):
		return JoinResult{}, ErrClassNotFound
	case class.ArchivedAt != 0:
		return JoinResult{}, ErrClassArchived
	}
	result := JoinResult{Class: class, Name: joiner.name}
	err = s.read.WithContext(ctx).Where("state = ? AND class_key = ?", StateActive, classID.Key).
		Order("started_at, id").Find(&result.Active).Error
	for i := range result.Active {
		result.Active[i].ClassID = classID
	}
	return result, err
}

// joiner is somebody at the door of a class.
type joiner struct {
	Class    Class
	exists   bool // the class does
	onRoster bool
	name     string
}

func (s *Store) joiner(ctx context.Context, actor Actor, classID ID) (joiner, error) {
	var rows []struct {
		Class
		StudentKey  *string
		StudentName *string
	}
	err := s.read.WithContext(ctx).Raw(`SELECT c.*, e.student_key, e.student_name FROM classes c
		LEFT JOIN enrolments e ON e.class_key = c.class_key AND e.student_key = ? AND e.removed_at = 0
		WHERE c.class_key = ?`, actor.ID.Key, classID.Key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return joiner{}, err
	}
	found := joiner{Class: rows[0].Class, exists: true}
	if actor.Role == RoleStudent && rows[0].StudentKey != nil {
		found.onRoster, found.name = true, *rows[0].StudentName
	}
	return found, nil
}

// admit tells whether open mode has something to write before actor is in.
func (s *Store) admit(found *joiner, actor Actor) bool {
	if found.exists && found.Class.ArchivedAt != 0 {
		return false
	}
	if actor.Role == RoleTeacher {
		return !found.exists || found.Class.Owner.IsZero()
	}
	return !found.onRoster
}

// enter makes the class, if need be, and gives actor their place in it.
func (s *Store) enter(ctx context.Context, actor Actor, classID ID) error {
	db := s.db.WithContext(ctx)
	class := Class{ID: classID, MadeAt: s.now()}
	if actor.Role == RoleTeacher {
		class.Owner = actor.ID
	}
	made := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&class)
	if made.Error != nil {
		return made.Error
	}
	if actor.Role == RoleTeacher {
		return db.Model(&Class{}).Where("class_key = ? AND owner_key = ''", classID.Key).
			Updates(map[string]any{"owner_key": actor.ID.Key, "owner_number": actor.ID.Number}).Error
	}
	enrolment := Enrolment{ClassID: classID, StudentID: actor.ID, EnrolledAt: s.now()}
	return db.Clauses(s.reenrol()).Create(&enrolment).Error
}
