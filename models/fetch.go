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

// Fetch returns the session of a class, day and type with its records, to members of the class: its teacher, students
// on its roster and, in open mode, any teacher. date is YYYY-MM-DD or an ISO timestamp.
func (s *Store) Fetch(ctx context.Context, actor Actor, classID ID, date, sessionType string) (FetchResult, error) {
	if !validSessionType(sessionType) {
		return FetchResult{}, ErrInvalidSessionType
	}
	day, err := s.ParseDay(date)
	if err != nil {
		return FetchResult{}, err
	}
	db := s.read.WithContext(ctx)
	if _, err := s.visible(db, actor, classID); err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	session, err := latest(db.Where("class_key = ? AND day = ? AND session_type = ?", classID.Key, day, sessionType))
	if errors.Is(err, ErrSessionNotFound) {
		return FetchResult{Active: StateInitial, Records: []Mark{}, Date: day}, nil
	}
	if err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	session.ClassID = classID
	marks, err := marksOf(db, session)
	if err != nil {
		return FetchResult{}, s.failure("fetch attendance", err)
	}
	return FetchResult{Exists: true, Active: session.State, Records: marks, Date: day}, nil
}
