package models

import (
	"context"
	"errors"
)

// FetchResult is what is recorded for a class, a day and a session type.
type FetchResult struct {
	Exists  bool
	Active  State  // StateInitial when there is nothing
	Records []Mark // by student id; never nil
	Date    string // the campus's day, YYYY-MM-DD
}

// Fetch returns the session of a class, day and type with its records, to members of the class: its teachers, students
// on its roster, who may see their own record only (VisibilityOwn), and, in open mode, any teacher. date is as for ParseDay. Today's session is also one that began before
// midnight and is still active.
func (s *Store) Fetch(ctx context.Context, actor Actor, classID ID, date, sessionType string) (FetchResult, error) {
	if !validSessionType(sessionType) {
		return FetchResult{}, ErrInvalidSessionType
	}
	day, err := s.ParseDay(date)
	if err != nil {
		return FetchResult{}, err
	}
	db := s.read.WithContext(ctx)
	class, err := s.visible(db, actor, classID)
	if err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	now := s.now()
	ofDay := db.Where("day = ?", day)
	if day == s.day(now) {
		ofDay = ofDay.Or(s.ongoing(now))
	}
	session, err := latest(db.Where("class_key = ? AND session_type = ?", classID.Key, sessionType).Where(ofDay))
	if errors.Is(err, ErrSessionNotFound) {
		return FetchResult{Active: StateInitial, Records: []Mark{}, Date: day}, nil
	}
	if err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	if s.overdue(session, now) {
		session.State = StateCompleted // EndOverdue is about to say so
	}
	session.ClassID = classID
	of := db
	if class.limits(actor) {
		of = db.Where("marks.student_key = ?", actor.ID.Key)
	}
	marks, err := marksOf(of, session)
	if err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	return FetchResult{Exists: true, Active: session.State, Records: marks, Date: day}, nil
}
