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
	Member ID        // the joiner, in the form of the roster or of the class's teacher
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
		if !classID.addressable() || actor.Role == RoleStudent && !actor.ID.addressable() {
			return JoinResult{}, ErrIDNotAddressable
		}
		enrolled = actor.Role == RoleStudent
		// Each statement is complete in itself and may be repeated, so there is no transaction to wait in.
		err = s.retry(ctx, attemptsWithin, func() error { return s.enter(ctx, actor, classID, found.exists) })
		if err = s.failure("join a class", err); err == nil {
			found, err = s.apply(ctx, actor, classID)
		}
	}
	if err != nil {
		return JoinResult{}, err
	}
	result, err := s.admit(actor, found)
	result.Enrolled = enrolled && err == nil
	return result, err
}

// admit decides whether somebody may be in a class. The sessions have the class's id in its own form.
func (s *Store) admit(actor Actor, found standing) (JoinResult, error) {
	switch {
	case !found.exists, !found.onRoster && !actor.teaches(found.class) && (s.mode != ModeOpen || actor.Role != RoleTeacher):
		return JoinResult{}, ErrClassNotFound
	case found.class.ArchivedAt != 0:
		return JoinResult{}, ErrClassArchived
	}
	result := JoinResult{Class: found.class, Member: found.member, Name: found.name, Active: slices.Clone(found.active)}
	for i := range result.Active {
		result.Active[i].ClassID = found.class.ID
	}
	return result, nil
}

// Absence is a class that somebody was in, and the last moment at which they surely heard what happened there.
type Absence struct {
	ClassID ID
	Since   Timestamp
}

// ResumeResult is what somebody who comes back to a class needs to know.
type ResumeResult struct {
	JoinResult
	Ended []Session // the sessions that ended meanwhile, the earliest first
	Err   error     // why they may no longer be in the class; the rest is zero then
}

// Resume checks that actor may still be in classes in which they were, and tells for each, in the same order, what is going on there.
// Unlike Join it makes nothing and puts nobody on a roster. However many classes there are, they are looked up together.
func (s *Store) Resume(ctx context.Context, actor Actor, absences []Absence) ([]ResumeResult, error) {
	if len(absences) == 0 {
		return nil, nil
	}
	asked := make([]*application, len(absences))
	for i, absence := range absences {
		asked[i] = &application{actor: actor, class: absence.ClassID.Key, since: absence.Since, done: make(chan struct{})}
	}
	if err := s.admission.add(asked...); err != nil {
		return nil, err
	}
	results := make([]ResumeResult, len(absences))
	for i, a := range asked {
		found, err := s.await(ctx, a)
		if err != nil {
			return nil, err
		}
		joined, err := s.admit(actor, found)
		results[i] = ResumeResult{JoinResult: joined, Err: err}
		if err == nil {
			results[i].Ended = found.ended
		}
		for j := range results[i].Ended {
			results[i].Ended[j].ClassID = found.class.ID
		}
	}
	return results, nil
}

// Withdraw takes a student off the roster whom a Join put there by mistake: the socket has turned out to be somebody
// else's. Their marks stay. It is for open mode, in which nobody's consent is needed for either.
func (s *Store) Withdraw(ctx context.Context, studentID, classID ID) error {
	return s.change(ctx, "withdraw from a class", func(tx *gorm.DB) (func(), error) {
		return nil, removeFromRoster(tx, classID, studentID, s.now())
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

// enter makes the class, unless it exists, and gives actor their place in it. A class that exists is left alone, or everybody
// who joins it would wait for whoever locks its row.
func (s *Store) enter(ctx context.Context, actor Actor, classID ID, exists bool) error {
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
