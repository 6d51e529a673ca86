package models

import "context"

// Tally counts the marks of completed sessions. A session in which a student has no mark, because they were not on the
// roster then, does not count for them; nor does a session that was never started.
type Tally struct {
	Held    int // sessions with a mark
	Present int
	Late    int
	Absent  int
	Excused int
	Rate    *float64 // (Present + Late) / (Held − Excused); nil when that would be a division by zero
}

// StudentTally is one student's part of a class's statistics.
type StudentTally struct {
	StudentID   ID
	StudentName string
	Removed     bool // no longer on the roster
	Tally
}

// SessionTally is one session's part of a class's statistics.
type SessionTally struct {
	Session Session
	Tally
}

// StudentStatistics returns a line for everybody who is on the roster of actor's class, or was and has marks there,
// over the sessions from one day to another (as in SessionsBetween).
func (s *Store) StudentStatistics(ctx context.Context, actor Actor, classID ID, from, to string) ([]StudentTally, error) {
	return nil, errNotImplemented
}

// StudentsBelow returns the lines of StudentStatistics whose student is on the roster and has a rate under threshold.
func (s *Store) StudentsBelow(ctx context.Context, actor Actor, classID ID, from, to string, threshold float64) ([]StudentTally, error) {
	return nil, errNotImplemented
}

// SessionStatistics returns a line per completed session of actor's class, oldest first: the class over time.
func (s *Store) SessionStatistics(ctx context.Context, actor Actor, classID ID, from, to string) ([]SessionTally, error) {
	return nil, errNotImplemented
}

// ClassStatistics returns the sum of all completed sessions of actor's class in a range of days.
func (s *Store) ClassStatistics(ctx context.Context, actor Actor, classID ID, from, to string) (Tally, error) {
	return Tally{}, errNotImplemented
}

// Attendance is a student's own mark in one session.
type Attendance struct {
	Session Session
	Mark    Mark
}

// StudentHistory returns what is recorded about actor, a student, in one class, newest session first.
func (s *Store) StudentHistory(ctx context.Context, actor Actor, classID ID) (Tally, []Attendance, error) {
	return Tally{}, nil, errNotImplemented
}

// Matrix is a class's attendance, students by sessions.
type Matrix struct {
	Sessions []Session // completed ones, oldest first
	Rows     []MatrixRow
}

// MatrixRow is one student's line of a Matrix.
type MatrixRow struct {
	StudentTally
	Statuses []Status // as Matrix.Sessions; empty where the student has no mark
}

// Matrix returns the statuses of a class over a range of days, for the export.
func (s *Store) Matrix(ctx context.Context, actor Actor, classID ID, from, to string) (Matrix, error) {
	return Matrix{}, errNotImplemented
}
