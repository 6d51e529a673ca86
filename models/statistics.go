package models

import (
	"context"
	"iter"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Tally counts the marks of completed sessions. A session in which a student has no mark, because they were not on the
// roster then, does not count for them; nor does a session that was never started.
type Tally struct {
	Held    int // sessions with a mark; for a session or a class: marks
	Present int
	Late    int
	Absent  int
	Excused int
	Rate    *float64 // (Present + Late) / (Held − Excused); nil when that would be a division by zero
}

func (t *Tally) add(status Status, n int) {
	t.Held += n
	switch status {
	case Present:
		t.Present += n
	case Late:
		t.Late += n
	case Absent:
		t.Absent += n
	case Excused:
		t.Excused += n
	}
	if counted := t.Held - t.Excused; counted > 0 {
		rate := float64(t.Present+t.Late) / float64(counted)
		t.Rate = &rate
	}
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

// Matrix is a class's attendance, students by sessions.
type Matrix struct {
	Sessions []Session      // completed ones, oldest first
	Students []StudentTally // by name
	statuses func(ctx context.Context, students []any) ([]Mark, error)
}

// MatrixRow is one student's line of a Matrix.
type MatrixRow struct {
	StudentTally
	Statuses []Status // as Matrix.Sessions; empty where the student has no mark
}

// Matrix returns the attendance of actor's class over a range of days (as in SessionsBetween), with every student who is on
// the roster, or was and has marks there. Its size is that of the sessions and the students; Rows has the rest.
func (s *Store) Matrix(ctx context.Context, actor Actor, classID ID, from, to string) (Matrix, error) {
	tallied, err := s.tallied(ctx, actor, classID, from, to)
	if err != nil {
		return Matrix{}, s.failure(ctx, "read statistics", err)
	}
	matrix := Matrix{}
	if matrix.Sessions, err = tallied.sessions(ctx); err != nil {
		return Matrix{}, s.failure(ctx, "read statistics", err)
	}
	if matrix.Students, err = tallied.students(ctx); err != nil {
		return Matrix{}, s.failure(ctx, "read statistics", err)
	}
	matrix.statuses = func(ctx context.Context, students []any) (marks []Mark, err error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
		defer cancel()
		err = tallied.marks(ctx).Select("session_id", "student_key", "status").Where("student_key IN ?", students).Find(&marks).Error
		return marks, s.failure(ctx, "read statistics", err)
	}
	return matrix, nil
}

// rowsAtOnce is how many rows of a Matrix are in memory.
const rowsAtOnce = 50

// Rows reads a row for each student, while the caller goes through them. It keeps few of them in memory, and each
// reading has a deadline of its own instead of ctx's. An error ends the rows.
func (m Matrix) Rows(ctx context.Context) iter.Seq2[MatrixRow, error] {
	column := make(map[int64]int, len(m.Sessions))
	for i, session := range m.Sessions {
		column[session.ID] = i
	}
	return func(yield func(MatrixRow, error) bool) {
		for students := range slices.Chunk(m.Students, rowsAtOnce) {
			rows, err := m.rows(ctx, students, column)
			if err != nil {
				yield(MatrixRow{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func (m Matrix) rows(ctx context.Context, students []StudentTally, column map[int64]int) ([]MatrixRow, error) {
	rows := make([]MatrixRow, len(students))
	byStudent := make(map[string]*MatrixRow, len(students))
	keys := make([]any, len(students))
	for i, student := range students {
		rows[i] = MatrixRow{StudentTally: student, Statuses: make([]Status, len(m.Sessions))}
		byStudent[student.StudentID.Key], keys[i] = &rows[i], student.StudentID.Key
	}
	marks, err := m.statuses(ctx, keys)
	for _, mark := range marks {
		if i, known := column[mark.SessionID]; known { // others came after the sessions were read
			byStudent[mark.StudentID.Key].Statuses[i] = mark.Status
		}
	}
	return rows, err
}

// tallied is what statistics are about: the completed sessions of a class in a range of days. The database counts their marks.
type tallied struct {
	db      *gorm.DB
	classID ID
	between clause.Expression
}

// tallied checks that actor teaches the class.
func (s *Store) tallied(ctx context.Context, actor Actor, classID ID, from, to string) (tallied, error) {
	between, err := s.between(from, to)
	if err != nil {
		return tallied{}, err
	}
	_, err = s.managed(s.read.WithContext(ctx), actor, classID)
	return tallied{s.read, classID, between}, err
}

func (t tallied) completed(ctx context.Context) *gorm.DB {
	return t.db.WithContext(ctx).Model(&Session{}).Where("class_key = ? AND state = ?", t.classID.Key, StateCompleted).Where(t.between)
}

func (t tallied) marks(ctx context.Context) *gorm.DB {
	return t.db.WithContext(ctx).Model(&Mark{}).Where("session_id IN (?)", t.completed(ctx).Select("id"))
}

func (t tallied) sessions(ctx context.Context) ([]Session, error) {
	sessions := []Session{}
	err := t.completed(ctx).Order("day, started_at, id").Find(&sessions).Error
	for i := range sessions {
		sessions[i].ClassID = t.classID
	}
	return sessions, err
}

// count is how many marks with a status a student or a session has.
type count struct {
	SessionID  int64
	StudentKey string
	Status     Status
	Number     int
}

// counts adds up the marks by a column and by status.
func (t tallied) counts(ctx context.Context, column string) (counts []count, err error) {
	err = t.marks(ctx).Select(column + ", status, COUNT(*) AS number").Group(column + ", status").Scan(&counts).Error
	return counts, err
}

// students has a line for each student. Every student who has a mark has an enrolment, which may be a former one.
func (t tallied) students(ctx context.Context) ([]StudentTally, error) {
	counts, err := t.counts(ctx, "student_key")
	if err != nil {
		return nil, err
	}
	var enrolments []Enrolment
	if err := t.db.WithContext(ctx).Where("class_key = ?", t.classID.Key).Find(&enrolments).Error; err != nil {
		return nil, err
	}
	tallies := make(map[string]*Tally, len(enrolments))
	for _, each := range counts {
		if tallies[each.StudentKey] == nil {
			tallies[each.StudentKey] = &Tally{}
		}
		tallies[each.StudentKey].add(each.Status, each.Number)
	}
	students := []StudentTally{}
	for _, enrolment := range enrolments {
		student := StudentTally{StudentID: enrolment.StudentID, StudentName: enrolment.StudentName, Removed: enrolment.RemovedAt != 0}
		if tally := tallies[enrolment.StudentID.Key]; tally != nil {
			student.Tally = *tally
		}
		if !student.Removed || student.Held > 0 {
			students = append(students, student)
		}
	}
	SortByName(students, func(student StudentTally) (string, ID) { return student.StudentName, student.StudentID })
	return students, nil
}

// StudentStatistics returns the students of Matrix without the single sessions.
func (s *Store) StudentStatistics(ctx context.Context, actor Actor, classID ID, from, to string) ([]StudentTally, error) {
	tallied, err := s.tallied(ctx, actor, classID, from, to)
	if err != nil {
		return nil, s.failure(ctx, "read statistics", err)
	}
	students, err := tallied.students(ctx)
	return students, s.failure(ctx, "read statistics", err)
}

// StudentsBelow returns the lines of StudentStatistics whose student is on the roster and has a rate under threshold.
func (s *Store) StudentsBelow(ctx context.Context, actor Actor, classID ID, from, to string, threshold float64) ([]StudentTally, error) {
	tallies, err := s.StudentStatistics(ctx, actor, classID, from, to)
	return slices.DeleteFunc(tallies, func(t StudentTally) bool {
		return t.Removed || t.Rate == nil || *t.Rate >= threshold
	}), err
}

// SessionStatistics returns a line per completed session of actor's class, oldest first: the class over time.
func (s *Store) SessionStatistics(ctx context.Context, actor Actor, classID ID, from, to string) ([]SessionTally, error) {
	tallied, err := s.tallied(ctx, actor, classID, from, to)
	if err != nil {
		return nil, s.failure(ctx, "read statistics", err)
	}
	sessions, err := tallied.sessions(ctx)
	if err != nil {
		return nil, s.failure(ctx, "read statistics", err)
	}
	counts, err := tallied.counts(ctx, "session_id")
	if err != nil {
		return nil, s.failure(ctx, "read statistics", err)
	}
	tallies := make(map[int64]*SessionTally, len(sessions))
	lines := make([]SessionTally, len(sessions))
	for i, session := range sessions {
		lines[i].Session = session
		tallies[session.ID] = &lines[i]
	}
	for _, each := range counts {
		if line := tallies[each.SessionID]; line != nil { // others came after the sessions were read
			line.add(each.Status, each.Number)
		}
	}
	return lines, nil
}

// ClassStatistics returns the sum of all completed sessions of actor's class in a range of days.
func (s *Store) ClassStatistics(ctx context.Context, actor Actor, classID ID, from, to string) (Tally, error) {
	sessions, err := s.SessionStatistics(ctx, actor, classID, from, to)
	var sum Tally
	for _, session := range sessions {
		sum.add(Present, session.Present)
		sum.add(Late, session.Late)
		sum.add(Absent, session.Absent)
		sum.add(Excused, session.Excused)
	}
	return sum, err
}

// Attendance is a student's own mark in one session.
type Attendance struct {
	Session Session
	Mark    Mark
}

// StudentHistory returns what is recorded about actor, a student, in one class, newest session first. The tally counts
// the completed sessions among them. Of more than MaxListed sessions of the class it looks at the newest.
func (s *Store) StudentHistory(ctx context.Context, actor Actor, classID ID) (Tally, []Attendance, error) {
	db := s.read.WithContext(ctx)
	if _, err := s.visible(db, actor, classID); err != nil {
		return Tally{}, nil, s.failure(ctx, "read a history", err)
	}
	var sessions []Session
	err := db.Where("class_key = ?", classID.Key).Order("day DESC, started_at DESC, id DESC").Limit(MaxListed).Find(&sessions).Error
	if err != nil {
		return Tally{}, nil, s.failure(ctx, "read a history", err)
	}
	var marks []Mark
	err = namedMarks(db, classID).
		Where("marks.student_key = ? AND session_id IN (SELECT id FROM sessions WHERE class_key = ?)", actor.ID.Key, classID.Key).
		Order("session_id DESC").Limit(MaxListed).Find(&marks).Error
	if err != nil {
		return Tally{}, nil, s.failure(ctx, "read a history", err)
	}
	bySession := make(map[int64]Mark, len(marks))
	for _, mark := range marks {
		bySession[mark.SessionID] = mark
	}
	var tally Tally
	history := []Attendance{}
	for _, session := range sessions {
		mark, marked := bySession[session.ID]
		if !marked {
			continue
		}
		session.ClassID, mark.ClassID, mark.SessionType = classID, classID, session.Type
		history = append(history, Attendance{Session: session, Mark: mark})
		if session.State == StateCompleted {
			tally.add(mark.Status, 1)
		}
	}
	return tally, history, nil
}
