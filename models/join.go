package models

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// JoinResult is what a user who joins a class needs to know.
type JoinResult struct {
	Class  Class
	Member ID        // the joiner, in the form of the roster or of the class's teacher
	Name   string    // the joiner's name on the roster, "" for teachers and where none is known
	Active []Session // the sessions that are active now, oldest first

	// Enrolled: joining has put the student on the roster.
	Enrolled bool
}

// Join checks that actor may be in a class and returns what is active there. In open mode it makes the class, puts a
// student on the roster and gives a class without a teacher to the teacher who joins. What it returns has been published. In signed mode a class in which
// actor is neither the teacher nor on the roster is ErrClassNotFound. Joining again changes nothing.
func (s *Store) Join(ctx context.Context, actor Actor, classID ID) (JoinResult, error) {
	found, err := s.lookup(ctx, actor, classID)
	enrolled := false
	if err == nil && s.mode == ModeOpen && found.needsEnrolment(actor) {
		if !classID.addressable() || actor.Role == RoleStudent && !actor.ID.addressable() {
			return JoinResult{}, ErrIDNotAddressable
		}
		enrolled = actor.Role == RoleStudent
		// Each statement is complete in itself and may be repeated, so there is no transaction to wait in.
		err = s.retry(ctx, attemptsWithin, func() error { return s.enrol(ctx, actor, classID, found.exists) })
		if err = s.failure("join a class", err); err == nil {
			found, err = s.lookup(ctx, actor, classID)
		}
	}
	if err != nil {
		return JoinResult{}, err
	}
	s.awaitPublished()
	result, err := s.joinResult(actor, found)
	result.Enrolled = enrolled && err == nil
	return result, err
}

// joinResult returns what a user who joins needs to know, or why they may not. The sessions have the class's id in its own form.
func (s *Store) joinResult(actor Actor, found memberFacts) (JoinResult, error) {
	if err := checkMember(s.mode, actor, found); err != nil {
		return JoinResult{}, err
	}
	result := JoinResult{Class: found.class, Member: found.member, Name: found.name, Active: slices.Clone(found.active)}
	for i := range result.Active {
		result.Active[i].ClassID = found.class.ID
	}
	return result, nil
}

// Withdraw takes a student off the roster whom a Join put there by mistake: the socket has turned out to be another
// user's. Their marks stay. It is for open mode, in which everybody may put students on a roster.
func (s *Store) Withdraw(ctx context.Context, studentID, classID ID) error {
	return s.change(ctx, "withdraw from a class", func(tx *gorm.DB) (func(), error) {
		return nil, removeFromRoster(tx, classID, studentID, s.now())
	})
}

// enrol makes the class, unless it exists, and makes actor its teacher or puts them on its roster. It does not write to a class that
// exists and has a teacher: every join would wait for its lock.
func (s *Store) enrol(ctx context.Context, actor Actor, classID ID, exists bool) error {
	db := s.db.WithContext(ctx)
	if !exists {
		class := Class{ID: classID, MadeAt: s.now()}
		if actor.Role == RoleTeacher {
			class.Owner = actor.ID
		}
		if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&class).Error; err != nil {
			return err
		}
	}
	if actor.Role == RoleTeacher {
		return db.Model(&Class{}).Where("class_key = ? AND owner_key = ''", classID.Key).
			Updates(map[string]any{"owner_key": actor.ID.Key, "owner_number": actor.ID.Number}).Error
	}
	enrolment := Enrolment{ClassID: classID, StudentID: actor.ID, EnrolledAt: s.now()}
	return db.Clauses(s.reenrol()).Create(&enrolment).Error
}
