package models

import "context"

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
	return FetchResult{}, errNotImplemented
}
