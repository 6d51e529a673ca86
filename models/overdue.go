package models

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// acrossMidnight is how long ago a session may have begun on an earlier day to be the one that a teacher means who starts one now.
// From 22:30 to 00:10 is one lesson; from a forgotten afternoon, or evening, to the next morning is not.
const acrossMidnight = Timestamp(6 * 60 * 60 * 1000)

// overdueBefore returns the moment of the clock at which an active session must have begun not to be overdue now.
func (s *Store) overdueBefore(now Timestamp) Timestamp {
	return now - Timestamp(s.sessionMax.Milliseconds())
}

// overdue tells whether an active session has lasted for longer than Options.SessionMax, or its own end has come. It takes no marks
// then, whether EndOverdue has found it or not. One whose start is ahead of the clock has not lasted too long, because it is unknown
// for how long it has.
func (s *Store) overdue(session Session, now Timestamp) bool {
	return session.State == StateActive && (session.ClockAt < s.overdueBefore(now) || session.over(now))
}

// ongoing returns the condition that a session is active and not overdue.
func (s *Store) ongoing(now Timestamp) clause.Expression {
	return clause.Expr{SQL: "state = ? AND clock_at >= ? AND (ends_at = 0 OR ends_at > ?)", Vars: []any{StateActive, s.overdueBefore(now), now}}
}

// forgotten tells whether an active session is one that its teacher forgot to end, so that a start now begins another: it
// is overdue, or it is of another day and did not begin within acrossMidnight.
func (s *Store) forgotten(session Session, now Timestamp) bool {
	age := now - session.ClockAt
	return s.overdue(session, now) || session.Day != s.day(now) && (age > acrossMidnight || age < -clockTolerance)
}

// endForgotten ends the session that is active of the type of req, if it was forgotten, in a class that is locked. It
// returns nil if there is none.
func (s *Store) endForgotten(tx *gorm.DB, req InitiateRequest, at Timestamp) (*Session, error) {
	now := s.now()
	session, err := latest(tx.Where("state = ? AND class_key = ? AND session_type = ?", StateActive, req.ClassID.Key, req.SessionType))
	if errors.Is(err, ErrSessionNotFound) || err == nil && !s.forgotten(session, now) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	session.ClassID = req.ClassID
	return &session, complete(tx, &session, at, now)
}

// EndOverdue ends the sessions that are overdue, publishes each through Options.OnEvent and returns them. However many nodes
// call it, each session is ended and published by one of them. One whose class another program has locked is left to the next call.
func (s *Store) EndOverdue(ctx context.Context) ([]Session, error) {
	found, err := s.findOverdue(ctx)
	if err != nil {
		return nil, s.failure(ctx, "find overdue sessions", err)
	}
	var ended []Session
	errs := []error{s.failure(ctx, "set the clock of the codes", s.syncCodeClock(ctx))}
	for _, class := range s.unconfirmed.classes() {
		errs = append(errs, s.confirm(ctx, class))
	}
	for _, session := range found {
		won, err := s.endOverdue(ctx, &session)
		if won {
			ended = append(ended, session)
		}
		if err != nil {
			errs = append(errs, err)
		}
		if err != nil && !isContention(err) {
			break
		}
	}
	return ended, errors.Join(errs...)
}

// findOverdue returns overdue sessions. A session whose start is ahead of the clock, because that was ahead for a while,
// counts from when this process has first seen it.
func (s *Store) findOverdue(ctx context.Context) ([]Session, error) {
	const atOnce = 100 // the rest is found by the next call
	now := s.now()
	var found, overdue []Session
	err := s.read.WithContext(ctx).
		Where("state = ? AND (clock_at < ? OR clock_at > ? OR ends_at BETWEEN 1 AND ?)", StateActive, s.overdueBefore(now), now, now).
		Order("clock_at, id").Limit(atOnce).Find(&found).Error
	s.aheadMu.Lock()
	defer s.aheadMu.Unlock()
	seen := map[int64]Timestamp{}
	for _, session := range found {
		since := session.ClockAt
		if since > now {
			since = now
			if first, known := s.seenAhead[session.ID]; known && first < now {
				since = first
			}
			seen[session.ID] = since
		}
		if since < s.overdueBefore(now) || session.over(now) {
			overdue = append(overdue, session)
		}
	}
	if err == nil {
		s.seenAhead = seen
	}
	return overdue, err
}

// NextEnd returns when the next session ends by its own rule, zero if none does.
func (s *Store) NextEnd(ctx context.Context) (next Timestamp, err error) {
	err = s.read.WithContext(ctx).Model(&Session{}).Select("COALESCE(MIN(ends_at), 0)").
		Where("state = ? AND ends_at > 0", StateActive).Scan(&next).Error
	return next, s.failure(ctx, "find the next end of a session", err)
}

// endOverdue ends a session, unless it is no longer as it was found: by now its teacher or another node may have ended it,
// or opened it again.
func (s *Store) endOverdue(ctx context.Context, session *Session) (won bool, err error) {
	err = s.changeSessions(ctx, "end an overdue session", session.ClassID, func(tx *gorm.DB) ([]Session, error) {
		won = false
		if err := s.lock(tx, session.ClassID); err != nil {
			return nil, err
		}
		var class Class
		if err := tx.Where("class_key = ?", session.ClassID.Key).Take(&class).Error; err != nil {
			return nil, err
		}
		s.checkTimestamp(session.ClassID, class.LastAt)
		now, err := latest(tx.Where("id = ? AND state = ? AND clock_at = ?", session.ID, StateActive, session.ClockAt))
		if errors.Is(err, ErrSessionNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		now.ClassID = class.ID
		*session, won = now, true
		err = complete(tx, session, class.LastAt, s.now())
		return []Session{*session}, err
	})
	return won && err == nil, err
}
