package models

import (
	"context"
	"errors"
	"iter"
	"slices"

	"gorm.io/gorm"
)

// State is where a session is in its life.
type State string

// The states of a session. StateInitial is that of a session that was never started; it is never stored.
const (
	StateInitial   State = "initial"
	StateActive    State = "active"
	StateCompleted State = "completed"
)

// Session is one meeting of a class whose attendance is taken. There is one per class, day and type, and at most one
// active per class and type.
type Session struct {
	ID        int64
	ClassID   ID        `gorm:"embedded;embeddedPrefix:class_"`
	Day       string    // the campus's calendar day on which it was first started, YYYY-MM-DD
	Type      string    `gorm:"column:session_type"`
	State     State     // StateActive or StateCompleted
	TeacherID ID        `gorm:"embedded;embeddedPrefix:teacher_"`
	Frequency []float64 `gorm:"serializer:json"` // Hz, the tones that the teacher's device plays; empty: none
	StartedAt Timestamp // when it was started, opened again or given another frequency or other rules, the last time
	EndedAt   Timestamp // zero while it is active

	// ClockAt is what the server's clock said at StartedAt or, once it is completed, at EndedAt. Those two never go back
	// within a class, so after a moment in which a clock was wrong they may be ahead. What is compared with the clock is this.
	ClockAt Timestamp

	SessionRules `gorm:"embedded"`
}

// InitiateRequest asks for a session to be started.
type InitiateRequest struct {
	ClassID     ID
	TeacherID   ID // zero, or the actor's own
	SessionType string
	Frequency   []float64 // empty: not given
	Rules       RulesChange
}

// InitiateResult is the session that is active now.
type InitiateResult struct {
	Session Session
	Changed bool // false: it was active already, with all that was asked for
}

// Initiate starts today's session of a class and records all students on the roster as absent, or opens the completed one
// of today again, marks kept. One of that type that was forgotten (see forgotten) is ended first. What changed was published
// through Options.OnEvent before Initiate returns.
func (s *Store) Initiate(ctx context.Context, actor Actor, req InitiateRequest) (InitiateResult, error) {
	switch {
	case !actor.ActsAsTeacher():
		return InitiateResult{}, ErrInitiateRole
	case !validSessionType(req.SessionType):
		return InitiateResult{}, ErrInvalidSessionType
	case !validFrequency(req.Frequency):
		return InitiateResult{}, ErrInvalidFrequency
	}
	if err := req.Rules.check(); err != nil {
		return InitiateResult{}, err
	}
	var result InitiateResult
	err := s.changeSessions(ctx, "initiate attendance", req.ClassID, func(tx *gorm.DB) ([]Session, error) {
		class, err := s.lockToInitiate(tx, actor, req.ClassID)
		if err == nil && !req.TeacherID.IsZero() && !req.TeacherID.Is(actor.ID) {
			err = ErrNotOwner
		}
		if err != nil {
			return nil, err
		}
		req.ClassID, req.TeacherID = class.ID, class.actor
		before, err := s.endForgotten(tx, req, class.LastAt)
		if err != nil {
			return nil, err
		}
		if result, err = s.initiate(tx, req, class.Class, actor.Role); err != nil || !result.Changed {
			return nil, err
		}
		if before != nil {
			return []Session{*before, result.Session}, nil
		}
		return []Session{result.Session}, nil
	})
	return result, err
}

// lockToInitiate locks a class that actor teaches; in open mode one without an owner becomes actor's.
func (s *Store) lockToInitiate(tx *gorm.DB, actor Actor, classID ID) (permitted, error) {
	class, err := s.lockPermitted(tx, actor, accessRead, classID)
	switch {
	case err != nil:
		return permitted{}, err
	case class.ArchivedAt != 0:
		return permitted{}, ErrClassArchived
	case class.Owner.IsZero() && s.mode == ModeOpen:
		class.Owner = actor.ID
		return class, tx.Model(&Class{}).Where("class_key = ?", classID.Key).
			Updates(map[string]any{"owner_key": actor.ID.Key, "owner_number": actor.ID.Number}).Error
	}
	return class, permit(s.mode, actor, accessTeach, class.relation)
}

// initiate makes a session active in a class that is locked. The ids of req are in the form of the class; role is that of its teacher.
func (s *Store) initiate(tx *gorm.DB, req InitiateRequest, class Class, role Role) (InitiateResult, error) {
	now := s.now()
	session, err := latest(tx.Where("class_key = ? AND session_type = ? AND (state = ? OR day = ?)",
		req.ClassID.Key, req.SessionType, StateActive, s.day(now)))
	if err != nil && !errors.Is(err, ErrSessionNotFound) {
		return InitiateResult{}, err
	}
	session.ClassID = req.ClassID
	if session.State == StateActive {
		return s.adjust(tx, session, req, class.LastAt)
	}
	if session.ID == 0 {
		session.SessionRules = s.start(class.Rules.with(req.Rules), now)
	} else {
		session.SessionRules = s.reopen(session.SessionRules, class.Rules, req.Rules, now)
	}
	session.Day, session.Type, session.State = s.day(now), req.SessionType, StateActive
	session.TeacherID, session.Frequency = req.TeacherID, req.Frequency
	session.StartedAt, session.EndedAt, session.ClockAt = class.LastAt, 0, now
	if err := tx.Save(&session).Error; err != nil {
		return InitiateResult{}, err
	}
	return InitiateResult{Session: session, Changed: true}, recordAbsent(tx, session, role)
}

// adjust gives a session that is active the frequency and the rules that are asked for.
func (s *Store) adjust(tx *gorm.DB, session Session, req InitiateRequest, at Timestamp) (InitiateResult, error) {
	now := s.now()
	before := session
	if len(req.Frequency) > 0 {
		session.Frequency = req.Frequency
	}
	session.SessionRules = s.replace(session.SessionRules, req.Rules, now)
	if slices.Equal(session.Frequency, before.Frequency) && session.SessionRules == before.SessionRules {
		return InitiateResult{Session: before}, nil
	}
	session.StartedAt, session.ClockAt = at, now
	err := tx.Model(&session).Select("frequency", "started_at", "clock_at", "proof", "late_at", "ends_at", "secret").Updates(&session).Error
	return InitiateResult{Session: session, Changed: true}, err
}

// recordAbsent marks the students absent who are on the roster and have no mark yet: one statement for the audit trail and
// one for the marks, however many students there are. The class is locked, so no mark comes in between. Role is that of the session's
// teacher.
func recordAbsent(tx *gorm.DB, session Session, role Role) error {
	const unmarked = ` FROM enrolments e LEFT JOIN marks m ON m.session_id = ? AND m.student_key = e.student_key
		WHERE e.class_key = ? AND e.removed_at = 0 AND m.student_key IS NULL`
	teacher := session.TeacherID
	err := tx.Exec(`INSERT INTO changes (session_id, student_key, student_number, from_status, to_status, changed_at,
		changed_by_key, changed_by_number, by_role, way, reason)
		SELECT ?, e.student_key, e.student_number, '', ?, ?, ?, ?, ?, ?, ''`+unmarked,
		session.ID, Absent, session.StartedAt, teacher.Key, teacher.Number, role, WayInitiate,
		session.ID, session.ClassID.Key).Error
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at,
		recorded_by_key, recorded_by_number, by_teacher)
		SELECT ?, e.student_key, e.student_number, e.student_name, ?, ?, ?, ?, ?`+unmarked,
		session.ID, Absent, session.StartedAt, teacher.Key, teacher.Number, false,
		session.ID, session.ClassID.Key).Error
}

// EndRequest asks for the active session of a class and type to be ended.
type EndRequest struct {
	ClassID     ID
	TeacherID   ID // zero, or the actor's own
	SessionType string
}

// EndResult is the session that is completed now.
type EndResult struct {
	Session Session
	Changed bool // false: it was completed already
}

// End completes the active session of a class and type, also when it began before midnight. What changed was published
// through Options.OnEvent before End returns. Ending what ended today confirms it.
func (s *Store) End(ctx context.Context, actor Actor, req EndRequest) (EndResult, error) {
	switch {
	case !actor.ActsAsTeacher():
		return EndResult{}, ErrEndRole
	case !validSessionType(req.SessionType):
		return EndResult{}, ErrInvalidSessionType
	}
	var result EndResult
	err := s.changeSessions(ctx, "end attendance", req.ClassID, func(tx *gorm.DB) ([]Session, error) {
		class, err := s.lockManaged(tx, actor, req.ClassID)
		if err == nil && !req.TeacherID.IsZero() && !req.TeacherID.Is(actor.ID) {
			err = ErrNotOwner
		}
		if err != nil {
			return nil, err
		}
		now := s.now()
		today := s.day(now)
		session, err := latest(tx.Where("class_key = ? AND session_type = ? AND (state = ? OR day = ? OR clock_at <= ?)",
			req.ClassID.Key, req.SessionType, StateActive, today, now+clockTolerance))
		if errors.Is(err, ErrSessionNotFound) {
			return nil, ErrNoActiveSession
		}
		if err != nil {
			return nil, err
		}
		session.ClassID = class.ID
		if session.State == StateCompleted {
			if session.Day != today && s.day(session.ClockAt) != today {
				return nil, ErrNoActiveSession
			}
			result = EndResult{Session: session}
			return nil, nil
		}
		err = complete(tx, &session, class.LastAt, now)
		result = EndResult{Session: session, Changed: true}
		return []Session{session}, err
	})
	return result, err
}

// SessionsBetween lists the sessions of a class from the day from to the day to, both included, oldest first; an empty
// day leaves that end open. Days are given as for Fetch. Of more than MaxListed sessions it lists the newest.
func (s *Store) SessionsBetween(ctx context.Context, actor Actor, classID ID, from, to string) ([]Session, error) {
	db := s.read.WithContext(ctx)
	class, err := s.visible(db, actor, classID)
	if err != nil {
		return nil, s.failure(ctx, "list sessions", err)
	}
	between, err := s.between(from, to)
	if err != nil {
		return nil, err
	}
	sessions := []Session{}
	err = db.Where("class_key = ?", classID.Key).Where(between).Order("day DESC, started_at DESC, id DESC").Limit(MaxListed).Find(&sessions).Error
	slices.Reverse(sessions)
	for i := range sessions {
		sessions[i].ClassID = class.ID
	}
	return sessions, s.failure(ctx, "list sessions", err)
}

// SessionRecords returns one session of actor's class with all its marks, by student id.
func (s *Store) SessionRecords(ctx context.Context, actor Actor, sessionID int64) (Session, []Mark, error) {
	db := s.read.WithContext(ctx)
	session, err := s.managedSession(db, actor, sessionID)
	if err != nil {
		return Session{}, nil, s.failure(ctx, "read a session", err)
	}
	marks, err := marksOf(db, session)
	return session, marks, s.failure(ctx, "read a session", err)
}

// EachRecord returns one session of actor's class and reads its marks, by student id, while the caller goes through
// them. It keeps few of them in memory, and each reading has a deadline of its own instead of ctx's. An error ends the marks.
func (s *Store) EachRecord(ctx context.Context, actor Actor, sessionID int64) (Session, iter.Seq2[Mark, error], error) {
	session, err := s.managedSession(s.read.WithContext(ctx), actor, sessionID)
	if err != nil {
		return Session{}, nil, s.failure(ctx, "read a session", err)
	}
	return session, s.eachMark(ctx, session), nil
}

// managedSession returns a session of a class that actor teaches. What may not be seen is ErrSessionNotFound.
func (s *Store) managedSession(db *gorm.DB, actor Actor, sessionID int64) (Session, error) {
	session, err := latest(db.Where("id = ?", sessionID))
	if err != nil {
		return Session{}, err
	}
	class, err := s.managed(db, actor, session.ClassID)
	if errors.Is(err, ErrClassNotFound) {
		return session, ErrSessionNotFound
	}
	session.ClassID = class.ID
	return session, err
}

// lockSession is managedSession with the class, which is locked for the rest of the transaction.
func (s *Store) lockSession(tx *gorm.DB, actor Actor, sessionID int64) (Session, permitted, error) {
	session, err := s.managedSession(tx, actor, sessionID)
	if err != nil {
		return Session{}, permitted{}, err
	}
	class, err := s.lockPermitted(tx, actor, accessTeach, session.ClassID)
	return session, class, err
}

// latest returns the session of a query that is active or, if none is, ended last; or ErrSessionNotFound.
func latest(query *gorm.DB) (Session, error) {
	var session Session
	err := query.Order("state, clock_at DESC, id DESC").Take(&session).Error // 'active' sorts before 'completed'
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Session{}, ErrSessionNotFound
	}
	return session, err
}

// complete ends an active session of a class that is locked: at the class's timestamp, when the clock says now.
func complete(tx *gorm.DB, session *Session, at, now Timestamp) error {
	session.State, session.EndedAt, session.ClockAt = StateCompleted, at, now
	if err := tx.Model(session).Select("state", "ended_at", "clock_at").Updates(session).Error; err != nil {
		return err
	}
	return deleteDevices(tx, session.ID)
}

func validSessionType(s string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= 32
}

func validFrequency(tones []float64) bool {
	for _, hz := range tones {
		if !(hz > 0 && hz <= 24_000) { // this way round, NaN is refused too
			return false
		}
	}
	return len(tones) <= 16
}
