package models

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// enrolRequest asks to put a student on the roster of a class in open mode.
type enrolRequest struct {
	caller             context.Context // for the log
	classID, studentID ID
	classExists        bool

	// The rest belongs to the goroutine that enrols the student until done is closed, then to the caller.
	err  error
	done chan struct{}
}

// enrol makes the class, unless it exists, and makes actor its teacher or puts them on its roster.
func (s *Store) enrol(ctx context.Context, actor Actor, classID ID, classExists bool) error {
	if actor.Role == RoleTeacher {
		return s.failure(ctx, "join a class", s.retry(ctx, attemptsWithin, func() error {
			return s.enrolTeacher(ctx, actor.ID, classID, classExists)
		}))
	}
	r := &enrolRequest{caller: ctx, classID: classID, studentID: actor.ID, classExists: classExists, done: make(chan struct{})}
	if !s.enrolments.Add(s.enrolKey(classID), r) {
		return ErrClosed
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return s.failure(ctx, "join a class", ctx.Err())
	}
}

// enrolKey returns the key of the students who are enrolled together. On MySQL these are the students of a class, because a locked class
// must not delay the joins of other classes.
func (s *Store) enrolKey(classID ID) string {
	if s.on.oneWriter {
		return ""
	}
	return classID.Key
}

// enrolTeacher does not write to a class that exists and has a teacher: every join would wait for its lock.
func (s *Store) enrolTeacher(ctx context.Context, teacherID, classID ID, classExists bool) error {
	db := s.db.WithContext(ctx)
	if !classExists {
		class := Class{ID: classID, MadeAt: s.now(), Owner: teacherID, Visibility: VisibilityClass}
		if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&class).Error; err != nil {
			return err
		}
		if err := s.continueLog(db, class); err != nil {
			return err
		}
	}
	return db.Model(&Class{}).Where("class_key = ? AND owner_key = ''", classID.Key).
		Updates(map[string]any{"owner_key": teacherID.Key, "owner_number": teacherID.Number}).Error
}

// enrolBatch enrols the students of a batch. Thousands of students may join at once, and each commit waits for the disk.
func (s *Store) enrolBatch(key string, batch []*enrolRequest) {
	err := s.retryBatch(func(ctx context.Context) error {
		waiting, cancel := context.WithTimeout(ctx, attemptsWithin)
		defer cancel()
		// A statement has the time of its connection: one over a connection that died silently must fail with that, to be tried again.
		return s.db.WithContext(waiting).Connection(func(conn *gorm.DB) error {
			return s.enrolStudents(conn.Session(&gorm.Session{NewDB: true, Context: ctx}), batch)
		})
	})
	if isUnavailable(err) { // the callers who wait for the next batch are told at once
		batch = append(batch, s.enrolments.TakeAll(key)...)
	}
	err = s.failure(batch[0].caller, "join a class", err)
	for _, r := range batch {
		r.err = err
		close(r.done)
	}
}

// enrolStudents needs no transaction: each statement is complete in itself and may be repeated.
func (s *Store) enrolStudents(db *gorm.DB, batch []*enrolRequest) error {
	now := s.now()
	var classes []Class
	enrolments := make([]Enrolment, len(batch))
	for i, r := range batch {
		if !r.classExists {
			classes = append(classes, Class{ID: r.classID, MadeAt: now, Visibility: VisibilityClass})
		}
		enrolments[i] = Enrolment{ClassID: r.classID, StudentID: r.studentID, EnrolledAt: now}
	}
	if len(classes) > 0 {
		if err := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&classes).Error; err != nil {
			return err
		}
		if err := s.continueLog(db, classes...); err != nil {
			return err
		}
	}
	return db.Clauses(s.reenrol()).Create(&enrolments).Error
}
