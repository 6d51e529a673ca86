package models

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// ClassTeacher is one of the teachers of a class. The table has those beside the owner, who is in Class: so a server of an earlier
// version, which knows only owners, can run beside this one.
type ClassTeacher struct {
	ClassKey  string
	TeacherID ID `gorm:"embedded;embeddedPrefix:teacher_"`
	AddedAt   Timestamp
	Owner     bool `gorm:"-"`
}

// MaxTeachers is the number of teachers that a class may have beside its owner.
const MaxTeachers = 200

var errTooManyTeachers = invalid("too_many_teachers", "A class has at most %d teachers beside its owner", MaxTeachers)

// Teachers lists the teachers of a class that actor teaches: the owner first, if there is one, then the others by id.
func (s *Store) Teachers(ctx context.Context, actor Actor, classID ID) ([]ClassTeacher, error) {
	db := s.read.WithContext(ctx)
	class, err := s.managed(db, actor, classID)
	if err != nil {
		return nil, s.failure(ctx, "list the teachers of a class", err)
	}
	var others []ClassTeacher
	err = db.Where("class_key = ?", classID.Key).Find(&others).Error
	sortByID(others, func(t ClassTeacher) ID { return t.TeacherID })
	if !class.Owner.IsZero() {
		others = slices.Insert(others, 0, ownerOf(class))
	}
	return others, s.failure(ctx, "list the teachers of a class", err)
}

// ownerOf returns the owner as a teacher of the class.
func ownerOf(class Class) ClassTeacher {
	return ClassTeacher{ClassKey: class.ID.Key, TeacherID: class.Owner, AddedAt: class.MadeAt, Owner: true}
}

// AddTeacher makes a user a teacher of a class that actor owns. Who is one already stays one.
func (s *Store) AddTeacher(ctx context.Context, actor Actor, classID, teacherID ID) (ClassTeacher, error) {
	if !teacherID.addressable() {
		return ClassTeacher{}, ErrIDNotAddressable
	}
	var teacher ClassTeacher
	err := s.change(ctx, "add a teacher", func(tx *gorm.DB) (func(), error) {
		class, err := s.lockPermitted(tx, actor, accessOwn, classID)
		if err != nil {
			return nil, err
		}
		if class.Owner.Is(teacherID) {
			teacher = ownerOf(class.Class)
			return nil, nil
		}
		if err := addTeacher(tx, classID, teacherID, class.LastAt); err != nil {
			return nil, err
		}
		return nil, tx.Where("class_key = ? AND teacher_key = ?", classID.Key, teacherID.Key).Take(&teacher).Error
	})
	return teacher, err
}

// addTeacher adds a teacher beside the owner of a class that is locked.
func addTeacher(tx *gorm.DB, classID, teacherID ID, at Timestamp) error {
	teacher := ClassTeacher{ClassKey: classID.Key, TeacherID: teacherID, AddedAt: at}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&teacher).Error; err != nil {
		return err
	}
	var others int64
	err := tx.Model(&ClassTeacher{}).Where("class_key = ?", classID.Key).Count(&others).Error
	if err == nil && others > MaxTeachers {
		return errTooManyTeachers
	}
	return err
}

// RemoveTeacher takes a teacher from a class that actor owns. What they recorded stays. Who does not teach the class is ErrNotATeacher,
// its owner is ErrOwnerStays.
func (s *Store) RemoveTeacher(ctx context.Context, actor Actor, classID, teacherID ID) error {
	return s.change(ctx, "remove a teacher", func(tx *gorm.DB) (func(), error) {
		class, err := s.lockPermitted(tx, actor, accessOwn, classID)
		if err != nil {
			return nil, err
		}
		if class.Owner.Is(teacherID) {
			return nil, ErrOwnerStays
		}
		removed := removeTeacher(tx, classID, teacherID)
		switch {
		case removed.Error != nil:
			return nil, removed.Error
		case removed.RowsAffected == 0:
			return nil, ErrNotATeacher
		}
		return s.removed(tx, class.ID, Actor{ID: teacherID, Role: RoleTeacher})
	})
}

func removeTeacher(tx *gorm.DB, classID, teacherID ID) *gorm.DB {
	return tx.Where("class_key = ? AND teacher_key = ?", classID.Key, teacherID.Key).Delete(&ClassTeacher{})
}

// handOver makes a teacher the owner of a class that is locked, and the owner so far one of the other teachers. The caller saves the
// class. A zero id changes nothing.
func handOver(tx *gorm.DB, class *Class, to ID) error {
	if to.IsZero() || class.Owner.Is(to) {
		return nil
	}
	known, err := teacherOf(tx, class.ID, to)
	if err != nil {
		return err
	}
	if err := removeTeacher(tx, class.ID, to).Error; err != nil {
		return err
	}
	before := class.Owner
	class.Owner = to.as(known)
	if before.IsZero() {
		return nil
	}
	return addTeacher(tx, class.ID, before, class.LastAt)
}

// teacherOf returns a user as a teacher of a class beside its owner, zero if they are none.
func teacherOf(db *gorm.DB, classID, userID ID) (ID, error) {
	var teacher ClassTeacher
	err := db.Where("class_key = ? AND teacher_key = ?", classID.Key, userID.Key).Take(&teacher).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ID{}, nil
	}
	return teacher.TeacherID, err
}

// teacherQuery asks which teachers teach which classes beside the owner: a list of user keys by class. It is for batches. One of students
// alone asks nothing.
type teacherQuery map[string][]any

// add asks about a user who is a teacher.
func (q teacherQuery) add(actor Actor, class string) {
	if actor.Role == RoleTeacher {
		q[class] = append(q[class], actor.ID.Key)
	}
}

func (q teacherQuery) reading(into teachersByClass) statement.Reading {
	s := statement.New("SELECT class_key, teacher_key, teacher_number FROM class_teachers WHERE ")
	first := true
	for class, users := range q {
		if !first {
			s.Add(" OR ")
		}
		first = false
		s.Add("class_key = ? AND teacher_key IN ", class)
		s.List(users...)
	}
	return statement.Reading{Statement: s, Scan: into.scan}
}

// teachersByClass are teachers beside the owners, by class and teacher.
type teachersByClass map[[2]string]ID

func (t teachersByClass) scan(rows *sql.Rows) error {
	var class string
	var teacher ID
	err := rows.Scan(&class, &teacher.Key, &teacher.Number)
	t[[2]string{class, teacher.Key}] = teacher
	return err
}

// of returns a user as a teacher of a class, zero if they are none beside the owner.
func (t teachersByClass) of(class ID, actor Actor) ID {
	if actor.Role != RoleTeacher {
		return ID{}
	}
	return t[[2]string{class.Key, actor.ID.Key}]
}
