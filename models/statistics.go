package models

import (
	"context"
	"slices"

	"gorm.io/gorm"
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
	Sessions []Session   // completed ones, oldest first
	Rows     []MatrixRow // by name
}

// MatrixRow is one student's line of a Matrix.
type MatrixRow struct {
	StudentTally
	Statuses []Status // as Matrix.Sessions; empty where the student has no mark
}

// Matrix returns the statuses of actor's class over a range of days (as in SessionsBetween), with a row for everybody
// who is on the roster, or was and has marks there.
func (s *Store) Matrix(ctx context.Context, actor Actor, classID ID, from, to string) (Matrix, error) {
	between, err := s.between(from, to)
	if err != nil {
		return Matrix{}, err
	}
	db := s.read.WithContext(ctx)
	if _, err := s.managed(db, actor, classID); err != nil {
		return Matrix{}, s.failure("read statistics", err)
	}
	matrix := Matrix{Sessions: []Session{}}
	completed := func() *gorm.DB {
		return db.Model(&Session{}).Where("class_key = ? AND state = ?", classID.Key, StateCompleted).Where(between)
	}
	if err := completed().Order("day, started_at, id").Find(&matrix.Sessions).Error; err != nil {
		return Matrix{}, s.failure("read statistics", err)
	}
	var marks []Mark
	err = db.Select("session_id", "student_key", "status").Where("session_id IN (?)", completed().Select("id")).Find(&marks).Error
	if err != nil {
		return Matrix{}, s.failure("read statistics", err)
	}
	var places []Enrolment
	if err := db.Where("class_key = ?", classID.Key).Find(&places).Error; err != nil {
		return Matrix{}, s.failure("read statistics", err)
	}
	for i := range matrix.Sessions {
		matrix.Sessions[i].ClassID = classID
	}
	matrix.fill(places, marks)
	return matrix, nil
}

// fill makes the rows. Everybody who has a mark has an enrolment, which may be a former one.
func (m *Matrix) fill(places []Enrolment, marks []Mark) {
	column := make(map[int64]int, len(m.Sessions))
	for i, session := range m.Sessions {
		column[session.ID] = i
	}
	rows := make(map[string]*MatrixRow, len(places))
	for _, place := range places {
		rows[place.StudentID.Key] = &MatrixRow{
			StudentTally: StudentTally{StudentID: place.StudentID, StudentName: place.StudentName, Removed: place.RemovedAt != 0},
			Statuses:     make([]Status, len(m.Sessions)),
		}
	}
	for _, mark := range marks {
		i, known := column[mark.SessionID]
		row := rows[mark.StudentID.Key]
		if !known || row == nil {
			continue // came after the sessions or the roster were read
		}
		row.Statuses[i] = mark.Status
		row.add(mark.Status, 1)
	}
	m.Rows = []MatrixRow{}
	for _, row := range rows {
		if !row.Removed || row.Held > 0 {
			m.Rows = append(m.Rows, *row)
		}
	}
	SortByName(m.Rows, func(row MatrixRow) (string, ID) { return row.StudentName, row.StudentID })
}

// StudentStatistics returns the rows of Matrix without the single sessions.
func (s *Store) StudentStatistics(ctx context.Context, actor Actor, classID ID, from, to string) ([]StudentTally, error) {
	matrix, err := s.Matrix(ctx, actor, classID, from, to)
	tallies := make([]StudentTally, len(matrix.Rows))
	for i, row := range matrix.Rows {
		tallies[i] = row.StudentTally
	}
	return tallies, err
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
	matrix, err := s.Matrix(ctx, actor, classID, from, to)
	tallies := make([]SessionTally, len(matrix.Sessions))
	for i, session := range matrix.Sessions {
		tallies[i].Session = session
		for _, row := range matrix.Rows {
			if row.Statuses[i] != "" {
				tallies[i].add(row.Statuses[i], 1)
			}
		}
	}
	return tallies, err
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
// the completed sessions among them.
func (s *Store) StudentHistory(ctx context.Context, actor Actor, classID ID) (Tally, []Attendance, error) {
	db := s.read.WithContext(ctx)
	if _, err := s.visible(db, actor, classID); err != nil {
		return Tally{}, nil, s.failure("read a history", err)
	}
	var marks []Mark
	err := namedMarks(db, classID).
		Where("marks.student_key = ? AND session_id IN (SELECT id FROM sessions WHERE class_key = ?)", actor.ID.Key, classID.Key).
		Find(&marks).Error
	if err != nil {
		return Tally{}, nil, s.failure("read a history", err)
	}
	bySession := make(map[int64]Mark, len(marks))
	for _, mark := range marks {
		bySession[mark.SessionID] = mark
	}
	var sessions []Session
	if err := db.Where("class_key = ?", classID.Key).Order("day DESC, started_at DESC, id DESC").Find(&sessions).Error; err != nil {
		return Tally{}, nil, s.failure("read a history", err)
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
