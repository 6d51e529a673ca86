package models

import (
	"errors"

	"gorm.io/gorm"
)

// access is how much of a class a user may see and do. Each level includes the ones before it.
type access int

const (
	noAccess access = iota // the class does not exist for the user
	// accessRead: see the class, its sessions, and what is broadcast to it.
	accessRead
	// accessTeach: start, end, mark, correct, manage the roster, read reports.
	accessTeach
	// accessOwn: say who teaches the class, hand it over, delete it.
	accessOwn
)

// relation is what the database holds about a user and a class, as far as it decides what the user may do.
type relation struct {
	exists   bool // the class does
	owner    ID   // of the class; zero: it has none yet
	teacher  ID   // the user, as one of the class's other teachers; zero: is none
	onRoster bool
}

// accessOf returns how much of a class a user may see and do. An administrator is one in signed mode only. In open mode any teacher
// may watch a class.
func accessOf(mode Mode, actor Actor, r relation) access {
	switch {
	case !r.exists || actor.ID.IsZero():
		return noAccess
	case actor.Role == RoleAdmin && mode == ModeSigned:
		return accessOwn
	case actor.Role == RoleTeacher && r.owner.Is(actor.ID):
		return accessOwn
	case actor.Role == RoleTeacher && r.teacher.Is(actor.ID):
		return accessTeach
	case actor.Role == RoleTeacher && mode == ModeOpen, actor.Role == RoleStudent && r.onRoster:
		return accessRead
	}
	return noAccess
}

// isAdmin tells whether a user is an administrator.
func (s *Store) isAdmin(actor Actor) bool {
	return actor.Role == RoleAdmin && s.mode == ModeSigned && !actor.ID.IsZero()
}

// permit answers whether a user may do to a class what needs an access. It is the only place that does: every rule, event and
// route asks it. A class that the user may not know of is ErrClassNotFound.
func permit(mode Mode, actor Actor, wanted access, r relation) error {
	switch has := accessOf(mode, actor, r); {
	case has == noAccess:
		return ErrClassNotFound
	case has < wanted:
		return ErrNotOwner
	}
	return nil
}

// permitted is a class with which a user may do what they asked for.
type permitted struct {
	Class
	relation
	actor ID // the user, in the form in which the class knows them
}

// permit reads a class and what decides about a user's access to it, and returns the class, its id in the form in which it was made,
// if the user may do what needs the access.
func (s *Store) permit(db *gorm.DB, actor Actor, wanted access, classID ID) (permitted, error) {
	var class Class
	err := db.Where("class_key = ?", classID.Key).Take(&class).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return permitted{}, ErrClassNotFound
	}
	if err != nil {
		return permitted{}, err
	}
	r := relation{exists: true, owner: class.Owner}
	switch {
	case actor.Role == RoleStudent:
		_, err = enrolled(db, classID, actor.ID)
		r.onRoster = err == nil
		if errors.Is(err, ErrNotOnRoster) {
			err = nil
		}
	case actor.Role == RoleTeacher && !class.Owner.Is(actor.ID):
		r.teacher, err = teacherOf(db, classID, actor.ID)
	}
	if err == nil {
		err = permit(s.mode, actor, wanted, r)
	}
	if err != nil {
		return permitted{}, err
	}
	return permitted{class, r, actor.ID.as(class.Owner, r.teacher)}, nil
}

// lockPermitted is permit for a class that is locked for the rest of the transaction. Its LastAt is the timestamp for what is about to
// change.
func (s *Store) lockPermitted(tx *gorm.DB, actor Actor, wanted access, classID ID) (permitted, error) {
	if err := s.lock(tx, classID); err != nil {
		return permitted{}, err
	}
	class, err := s.permit(tx, actor, wanted, classID)
	s.checkTimestamp(classID, class.LastAt)
	return class, err
}

// visible returns a class to those who may know of it.
func (s *Store) visible(db *gorm.DB, actor Actor, classID ID) (Class, error) {
	found, err := s.permit(db, actor, accessRead, classID)
	return found.Class, err
}

// managed returns a class that actor teaches.
func (s *Store) managed(db *gorm.DB, actor Actor, classID ID) (Class, error) {
	found, err := s.permit(db, actor, accessTeach, classID)
	return found.Class, err
}

// lockManaged locks a class that actor teaches.
func (s *Store) lockManaged(tx *gorm.DB, actor Actor, classID ID) (Class, error) {
	found, err := s.lockPermitted(tx, actor, accessTeach, classID)
	return found.Class, err
}
