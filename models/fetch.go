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

	// The records are those that changed at or after Since and before Until: all of them if Since is zero. Records of later changes may be
	// there, too.
	Since, Until Timestamp
}

// Fetch returns the session of a class, day and type with its records, to members of the class: its teachers, students
// on its roster, who may see their own record only (VisibilityOwn), and, in open mode, any teacher. date is as for ParseDay. Today's session is also one that began before
// midnight and is still active.
func (s *Store) Fetch(ctx context.Context, actor Actor, classID ID, date, sessionType string) (FetchResult, error) {
	return s.FetchSince(ctx, actor, classID, date, sessionType, 0)
}

// FetchSince is Fetch for somebody who has read the session before: it leaves out the records that have not changed since then. Since is
// the Until of that reading, or the timestamp of a message of the class that came later. Where the changes alone would not be enough, it
// returns all records.
//
// Until is safe whatever commits at the same time, on any server. A class gives out its timestamps under the lock of its row, which the
// transaction holds until it has committed, and each is later than all before (nextTimestamp). The class is read before its marks. So what is
// not in the records yet has a later timestamp than the class had.
func (s *Store) FetchSince(ctx context.Context, actor Actor, classID ID, date, sessionType string, since Timestamp) (FetchResult, error) {
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
		return FetchResult{}, s.failure(ctx, "fetch attendance", err)
	}
	now := s.now()
	ofDay := db.Where("day = ?", day)
	if day == s.day(now) {
		ofDay = ofDay.Or(s.ongoing(now))
	}
	session, err := latest(db.Where("class_key = ? AND session_type = ?", classID.Key, sessionType).Where(ofDay))
	if errors.Is(err, ErrSessionNotFound) {
		return FetchResult{Active: StateInitial, Records: []Mark{}, Date: day, Until: class.LastAt + 1}, nil
	}
	if err != nil {
		return FetchResult{}, s.failure(ctx, "fetch attendance", err)
	}
	if s.overdue(session, now) {
		session.State = StateCompleted // EndOverdue is about to say so
	}
	session.ClassID = classID
	of := db
	if class.limits(actor) {
		of = db.Where("marks.student_key = ?", actor.ID.Key)
	}
	if !changesSuffice(class, session, since) {
		since = 0
	}
	if since > 0 {
		of = of.Where("recorded_at >= ?", since)
	}
	marks, err := marksOf(of, session)
	if err != nil {
		return FetchResult{}, s.failure(ctx, "fetch attendance", err)
	}
	return FetchResult{Exists: true, Active: session.State, Records: marks, Date: day, Since: since, Until: class.LastAt + 1}, nil
}

// changesSuffice tells whether who has read a session at a moment needs only what was marked from then on. They need everything if the
// session was started or opened again since, because it may be another one, if records changed other than by marks, and if the database
// has never reached that moment, because it is another one or was restored.
func changesSuffice(class Class, session Session, since Timestamp) bool {
	return since > session.StartedAt && since > class.RewrittenAt && since <= class.LastAt+1
}
