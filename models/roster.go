package models

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// Enrolment is one student on a class's roster. A student who is removed keeps the row, and with it their history.
type Enrolment struct {
	ClassID     ID        `gorm:"embedded;embeddedPrefix:class_"`
	StudentID   ID        `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string    // may be empty
	EnrolledAt  Timestamp // the last time that they were put on the roster
	RemovedAt   Timestamp // zero: on the roster
}

// Student is a line of a roster as a teacher hands it in.
type Student struct {
	ID   ID
	Name string
}

// Check tells whether the line has a good id and a name of decent length, which may be empty.
func (s Student) Check() error {
	switch {
	case !validIDKey(s.ID.Key):
		return ErrInvalidID
	case !s.ID.addressable():
		return ErrIDNotAddressable
	case !validText(s.Name, maxName):
		return ErrInvalidName
	}
	return nil
}

// RosterChange counts what a change of a roster did.
type RosterChange struct {
	Added     int
	Renamed   int
	Removed   int
	Unchanged int
}

// MaxRoster is the number of students that a roster may have.
const MaxRoster = 40_000

var errRosterTooLong = invalid("roster_too_long", "A roster has at most %d students", MaxRoster)

// Roster lists the students of actor's class, by name.
func (s *Store) Roster(ctx context.Context, actor Actor, classID ID) ([]Enrolment, error) {
	_, roster, err := s.ClassRoster(ctx, actor, classID)
	return roster, err
}

// ClassRoster returns actor's class and its students, by name.
func (s *Store) ClassRoster(ctx context.Context, actor Actor, classID ID) (Class, []Enrolment, error) {
	db := s.read.WithContext(ctx)
	class, err := s.managed(db, actor, classID)
	if err != nil {
		return Class{}, nil, s.failure(ctx, "read a roster", err)
	}
	roster := []Enrolment{}
	err = db.Where("class_key = ? AND removed_at = 0", classID.Key).Find(&roster).Error
	for i := range roster {
		roster[i].ClassID = class.ID
	}
	SortByName(roster, func(e Enrolment) (string, ID) { return e.StudentName, e.StudentID })
	return class, roster, s.failure(ctx, "read a roster", err)
}

// RemoveFromRoster takes a student off the roster of actor's class. Their marks stay. A student who is not there is
// ErrNotOnRoster.
func (s *Store) RemoveFromRoster(ctx context.Context, actor Actor, classID, studentID ID) error {
	return s.change(ctx, "remove a student", func(tx *gorm.DB) (func(), error) {
		class, err := s.lockManaged(tx, actor, classID)
		if err != nil {
			return nil, err
		}
		if _, err := enrolled(tx, classID, studentID); err != nil {
			return nil, err
		}
		if err := removeFromRoster(tx, classID, studentID, class.LastAt); err != nil {
			return nil, err
		}
		return s.removed(tx, class.ID, Actor{ID: studentID, Role: RoleStudent})
	})
}

func removeFromRoster(tx *gorm.DB, classID, studentID ID, at Timestamp) error {
	return tx.Model(&Enrolment{}).Where("class_key = ? AND student_key = ?", classID.Key, studentID.Key).Update("removed_at", at).Error
}

// enrolled returns a student's enrolment in a class, or ErrNotOnRoster.
func enrolled(db *gorm.DB, classID, studentID ID) (Enrolment, error) {
	var enrolment Enrolment
	err := db.Where("class_key = ? AND student_key = ? AND removed_at = 0", classID.Key, studentID.Key).Take(&enrolment).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Enrolment{}, ErrNotOnRoster
	}
	return enrolment, err
}

// reenrol says what an INSERT of enrolments does to the row of a student who was on the roster before: it becomes as if
// it were new, except that its id keeps its form and that an empty name forgets no name.
func (s *Store) reenrol() clause.OnConflict {
	return clause.OnConflict{
		Columns: []clause.Column{{Name: "class_key"}, {Name: "student_key"}},
		DoUpdates: append(
			clause.Set{{Column: clause.Column{Name: "student_name"}, Value: gorm.Expr(s.on.keptName())}},
			clause.AssignmentColumns([]string{"enrolled_at", "removed_at"})...),
	}
}

// keptName is the name that a student has on the roster after another INSERT: an empty one forgets none.
func (d *database) keptName() string {
	proposed := d.proposed("student_name")
	return "CASE WHEN " + proposed + " = '' THEN enrolments.student_name ELSE " + proposed + " END"
}

// checkStudents tells whether students all have an id, a name of decent length, and one line.
func checkStudents(students []Student) error {
	if len(students) > MaxRoster {
		return errRosterTooLong
	}
	listed := make(map[string]bool, len(students))
	for _, student := range students {
		if err := student.Check(); err != nil {
			return err
		}
		if listed[student.ID.Key] {
			return invalid("student_listed_twice", "The student %s is listed twice", student.ID.Key)
		}
		listed[student.ID.Key] = true
	}
	return nil
}

// ofStudents completes a SELECT from enrolments e, of which text is everything up to WHERE or AND, for the students of some classes:
// ranges of the primary key, spelled so that every server's optimizer sees them.
func ofStudents(text string, classes []any, students map[string][]any) *statement.Statement {
	s := statement.New(text)
	for i, class := range classes {
		if i == 0 {
			s.Add(" (")
		} else {
			s.Add(" OR ")
		}
		s.Add("e.class_key = ? AND e.student_key IN ", class)
		s.List(students[class.(string)]...)
	}
	s.Add(")")
	return s
}
