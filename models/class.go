package models

import "context"

// Class is a course whose attendance is taken, with the one teacher who manages it.
type Class struct {
	ID         ID        `gorm:"embedded;embeddedPrefix:class_"`
	Name       string    // empty for a class that came into being when somebody joined it
	Owner      ID        `gorm:"embedded;embeddedPrefix:owner_"` // zero until its first teacher came (open mode)
	MadeAt     Timestamp // when it came into being
	ArchivedAt Timestamp // zero: in use
	LastAt     Timestamp // the latest timestamp given out for this class
}

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
	return JoinResult{}, errNotImplemented
}

// CreateClass makes a class of which actor is the teacher.
func (s *Store) CreateClass(ctx context.Context, actor Actor, classID ID, name string) (Class, error) {
	return Class{}, errNotImplemented
}

// Classes lists the classes that actor teaches, or is on the roster of, archived ones last, then by name.
func (s *Store) Classes(ctx context.Context, actor Actor) ([]Class, error) {
	return nil, errNotImplemented
}

// Class returns one class to its members.
func (s *Store) Class(ctx context.Context, actor Actor, classID ID) (Class, error) {
	return Class{}, errNotImplemented
}

// RenameClass gives actor's class another name.
func (s *Store) RenameClass(ctx context.Context, actor Actor, classID ID, name string) (Class, error) {
	return Class{}, errNotImplemented
}

// ArchiveClass takes actor's class out of use, or back into use. An archived class can be read, but not joined, and no
// session can be started in it. A class with an active session is ErrSessionActive.
func (s *Store) ArchiveClass(ctx context.Context, actor Actor, classID ID, archived bool) (Class, error) {
	return Class{}, errNotImplemented
}
