package models

import (
	"context"
	"slices"

	"gorm.io/gorm"
)

// JoinResult is what a user who joins a class needs to know.
type JoinResult struct {
	Class  Class
	Member ID        // the joiner, in the form of the roster or of the class's teachers
	Name   string    // the joiner's name on the roster, "" for teachers and where none is known
	Active []Session // the sessions that are active now, oldest first

	// Limited: the joiner is sent nothing of the other students.
	Limited bool

	// Enrolled: joining has put the student on the roster.
	Enrolled bool
}

// Join checks that actor may be in a class and returns what is active there, which has been published. In open mode it makes the
// class, puts a student on the roster and gives a class without a teacher to the teacher who joins. In signed mode a class in which
// actor is neither the teacher nor on the roster is ErrClassNotFound. Joining again changes nothing.
func (s *Store) Join(ctx context.Context, actor Actor, classID ID) (JoinResult, error) {
	found, err := s.lookup(ctx, actor, classID)
	enrolled := false
	if err == nil && s.mode == ModeOpen && found.needsEnrolment(actor) {
		if !classID.addressable() || actor.Role == RoleStudent && !actor.ID.addressable() {
			return JoinResult{}, ErrIDNotAddressable
		}
		enrolled = actor.Role == RoleStudent
		if err = s.enrol(ctx, actor, classID, found.exists); err == nil {
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
	result := JoinResult{Class: found.class, Member: found.member, Name: found.name, Active: slices.Clone(found.active), Limited: found.class.limits(actor)}
	for i := range result.Active {
		result.Active[i].ClassID = found.class.ID
	}
	return result, nil
}

// UndoEnrolment takes a student off the roster whom a Join put there by mistake: the socket has turned out to be another
// user's. Their marks stay. It is for open mode, in which everybody may put students on a roster.
func (s *Store) UndoEnrolment(ctx context.Context, studentID, classID ID) error {
	return s.change(ctx, "withdraw from a class", func(tx *gorm.DB) (func(), error) {
		return nil, removeFromRoster(tx, classID, studentID, s.now())
	})
}
