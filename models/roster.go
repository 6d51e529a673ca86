package models

import "context"

// Enrolment is one student on a class's roster. Who is removed keeps the row, and with it their history.
type Enrolment struct {
	ClassID     ID        `gorm:"embedded;embeddedPrefix:class_"`
	StudentID   ID        `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string    // may be empty
	EnrolledAt  Timestamp // the last time that they were put on the roster
	RemovedAt   Timestamp // zero: on the roster
}

// Student is a line of a roster as somebody hands it in.
type Student struct {
	ID   ID
	Name string
}

// RosterChange counts what a change of a roster did.
type RosterChange struct {
	Added     int
	Renamed   int
	Removed   int
	Unchanged int
}

// MaxRoster is the number of students that one call may put on a roster.
const MaxRoster = 10_000

// Roster lists the students of actor's class, by name.
func (s *Store) Roster(ctx context.Context, actor Actor, classID ID) ([]Enrolment, error) {
	return nil, errNotImplemented
}

// AddToRoster puts students on the roster of actor's class, all or none. Who is there already gets the given name,
// unless that is empty. A student listed twice is refused.
func (s *Store) AddToRoster(ctx context.Context, actor Actor, classID ID, students []Student) (RosterChange, error) {
	return RosterChange{}, errNotImplemented
}

// ReplaceRoster makes students the roster of actor's class: who is not listed is removed.
func (s *Store) ReplaceRoster(ctx context.Context, actor Actor, classID ID, students []Student) (RosterChange, error) {
	return RosterChange{}, errNotImplemented
}

// RemoveFromRoster takes a student off the roster of actor's class. Their marks stay. Somebody who is not there is
// ErrNotOnRoster.
func (s *Store) RemoveFromRoster(ctx context.Context, actor Actor, classID, studentID ID) error {
	return errNotImplemented
}
