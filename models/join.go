package models

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// JoinResult is what somebody who joins a class needs to know.
type JoinResult struct {
	Class  Class
	Name   string    // the joiner's name on the roster, "" for teachers and where none is known
	Active []Session // the sessions that are active now, oldest first

	// Enrolled: joining has put the student on the roster.
	Enrolled bool
}

// Join checks that actor may be in a class and tells what is going on there. In open mode it makes the class, puts a
// student on the roster and gives a class without a teacher to the teacher who joins. In signed mode a class in which
// actor is neither the teacher nor on the roster is ErrClassNotFound. Joining again changes nothing.
func (s *Store) Join(ctx context.Context, actor Actor, classID ID) (JoinResult, error) {
	found, err := s.apply(ctx, actor, classID)
	enrolled := false
	if err == nil && s.mode == ModeOpen && found.lacksPlace(actor) {
		enrolled = actor.Role == RoleStudent
		// Each statement is complete in itself and may be repeated, so there is no transaction to wait in.
		err = retry(ctx, isContention, func() error { return s.enter(ctx, actor, classID) })
		if err = s.failure("join a class", err); err == nil {
			found, err = s.apply(ctx, actor, classID)
		}
	}
	switch {
	case err != nil:
		return JoinResult{}, err
	case !found.exists, !found.onRoster && !actor.teaches(found.class) && (s.mode != ModeOpen || actor.Role != RoleTeacher):
		return JoinResult{}, ErrClassNotFound
	case found.class.ArchivedAt != 0:
		return JoinResult{}, ErrClassArchived
	}
	result := JoinResult{Class: found.class, Name: found.name, Active: slices.Clone(found.active), Enrolled: enrolled}
	result.Class.ID = classID // in the joiner's own form
	for i := range result.Active {
		result.Active[i].ClassID = classID
	}
	return result, nil
}

// Withdraw takes a student off the roster whom a Join put there by mistake: the socket has turned out to be somebody
// else's. Their marks stay. It is for open mode, in which nobody's consent is needed for either.
func (s *Store) Withdraw(ctx context.Context, studentID, classID ID) error {
	return s.change(ctx, "withdraw from a class", func(tx *gorm.DB) (func(), error) {
		return nil, removeFromRoster(tx, classID, []string{studentID.Key}, s.now())
	})
}

// lacksPlace tells whether open mode has something to write before actor is in.
func (f *standing) lacksPlace(actor Actor) bool {
	switch {
	case f.exists && f.class.ArchivedAt != 0:
		return false
	case actor.Role == RoleTeacher:
		return !f.exists || f.class.Owner.IsZero()
	}
	return !f.onRoster
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
