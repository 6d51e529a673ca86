package models

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// At the start of an hour thousands of users join at once. So users who join while others are being looked up are looked up together,
// in one round trip on MySQL. Without that a visit costs the server 370 µs of CPU instead of 243, and the database 227 µs
// instead of 40 (docs/performance.md, "Why the code is as it is").

// lookupRequest asks for the relation of a user to a class.
type lookupRequest struct {
	caller context.Context // for the log
	actor  Actor
	class  string    // its key
	since  Timestamp // also look up the sessions that ended after it; zero: none

	// The rest belongs to the goroutine that looks it up until done is closed, then to the caller.
	found memberFacts
	err   error
	done  chan struct{}
}

// memberFacts is what the database holds about a user and a class.
type memberFacts struct {
	relation
	class  Class
	member ID // the user's, in the form of the roster or of the class's teachers
	name   string
	active []Session // shared by all who were looked up together
	ended  []Session // after lookupRequest.since, the earliest first
}

func newLookupRequest(ctx context.Context, actor Actor, classID ID, since Timestamp) *lookupRequest {
	return &lookupRequest{caller: ctx, actor: actor, class: classID.Key, since: since, done: make(chan struct{})}
}

// allLookups is the key of all lookups: users of different classes are looked up together.
const allLookups = ""

// lookup returns what the database holds about actor and a class.
func (s *Store) lookup(ctx context.Context, actor Actor, classID ID) (memberFacts, error) {
	r := newLookupRequest(ctx, actor, classID, 0)
	if !s.lookups.Add(allLookups, r) {
		return memberFacts{}, ErrClosed
	}
	return s.await(ctx, r)
}

// await returns what was found for a request.
func (s *Store) await(ctx context.Context, r *lookupRequest) (memberFacts, error) {
	select {
	case <-r.done:
		return r.found, r.err
	case <-ctx.Done():
		return memberFacts{}, s.failure(ctx, "join a class", ctx.Err())
	}
}

// lookupBatch answers all requests of a batch.
func (s *Store) lookupBatch(_ string, batch []*lookupRequest) {
	var found *lookupResult
	err := s.retryBatch(func(ctx context.Context) (err error) {
		found, err = s.readMembers(ctx, batch)
		return err
	})
	if isUnavailable(err) { // the callers who wait for the next batch are told at once
		batch = append(batch, s.lookups.TakeAll(allLookups)...)
	}
	err = s.failure(batch[0].caller, "join a class", err)
	for _, r := range batch {
		if r.err = err; err == nil {
			r.found = found.facts(r)
		}
		close(r.done)
	}
}

// lookupResult is what the database holds about the users and classes of a batch.
type lookupResult struct {
	classes  map[string]*Class
	students map[[2]string]Student // on the roster, by class and student
	teachers teachersByClass
	active   map[string][]Session // by class, oldest first
	ended    map[string][]Session // by class, since the earliest lookupRequest.since, the earliest first
}

func (l *lookupResult) facts(r *lookupRequest) memberFacts {
	class, exists := l.classes[r.class]
	if !exists {
		return memberFacts{}
	}
	found := memberFacts{relation: relation{exists: true, owner: class.Owner}, class: *class, member: r.actor.ID, active: l.active[r.class]}
	if r.actor.ActsAsTeacher() {
		found.teacher = l.teachers.of(class.ID, r.actor)
		found.member = r.actor.ID.as(class.Owner, found.teacher)
	} else if student, on := l.students[[2]string{r.class, r.actor.ID.Key}]; on {
		found.member, found.name, found.onRoster = student.ID, student.Name, true
	}
	if r.since > 0 {
		found.ended = slices.Clone(l.ended[r.class])
		found.ended = slices.DeleteFunc(found.ended, func(s Session) bool {
			// One that is active, too, has ended between the two statements.
			return s.EndedAt <= r.since || slices.ContainsFunc(found.active, func(a Session) bool { return a.ID == s.ID })
		})
	}
	return found
}

func (s *Store) readMembers(ctx context.Context, batch []*lookupRequest) (*lookupResult, error) {
	var keys []any
	students := map[string][]any{} // by class
	teachers := teacherQuery{}
	for _, r := range batch {
		teachers.add(r.actor, r.class)
		if students[r.class] == nil {
			keys = append(keys, r.class)
		}
		students[r.class] = append(students[r.class], r.actor.ID.Key)
	}
	classes := statement.New("SELECT class_key, class_number, name, owner_key, owner_number, made_at, archived_at, last_at, visibility FROM classes WHERE class_key IN ")
	classes.List(keys...)
	roster := ofStudents("SELECT e.class_key, e.student_key, e.student_number, e.student_name FROM enrolments e"+s.on.byPrimaryKey+
		" WHERE e.removed_at = 0 AND", keys, students)
	now := s.now()
	selected := selectSessions + "WHERE state = 'active' AND clock_at >= ? AND (ends_at = 0 OR ends_at > ?) AND class_key IN "
	if s.cluster {
		selected = selectSessionsAndSeq
	}
	sessions := statement.New(selected, int64(s.overdueBefore(now)), int64(now))
	sessions.List(keys...)
	sessions.Add(" ORDER BY started_at, id")

	conn, err := s.lookupPool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	l := &lookupResult{
		classes: map[string]*Class{}, students: map[[2]string]Student{}, teachers: teachersByClass{},
		active: map[string][]Session{}, ended: map[string][]Session{},
	}
	readings := []statement.Reading{
		{Statement: classes, Scan: l.scanClass}, {Statement: roster, Scan: l.scanStudent}, {Statement: sessions, Scan: scanSession(l.active)},
	}
	if s.cluster {
		readings[2].Scan = l.scanSessionAndSeq
	}
	if len(teachers) > 0 {
		readings = append(readings, teachers.reading(l.teachers))
	}
	if ended := endedSince(batch); ended != nil {
		readings = append(readings, statement.Reading{Statement: ended, Scan: scanSession(l.ended)})
	}
	return l, statement.Query(ctx, conn, s.on.pipelined, nil, readings)
}

const selectSessions = `SELECT id, class_key, day, session_type, state, teacher_key, teacher_number, frequency, started_at, ended_at,
		proof, late_at, ends_at
	FROM sessions `

// endedSince reads the sessions that ended while users who come back were away; nil: none comes back.
func endedSince(batch []*lookupRequest) *statement.Statement {
	var keys []any
	var earliest Timestamp
	for _, r := range batch {
		if r.since == 0 {
			continue
		}
		if !slices.Contains(keys, any(r.class)) {
			keys = append(keys, r.class)
		}
		if earliest == 0 || r.since < earliest {
			earliest = r.since
		}
	}
	if len(keys) == 0 {
		return nil
	}
	s := statement.New(selectSessions + "WHERE class_key IN ")
	s.List(keys...)
	s.Add(" AND ended_at > ? AND state = 'completed' ORDER BY ended_at, id", int64(earliest))
	return s
}

func (l *lookupResult) scanClass(rows *sql.Rows) error {
	c := &Class{}
	err := rows.Scan(&c.ID.Key, &c.ID.Number, &c.Name, &c.Owner.Key, &c.Owner.Number, &c.MadeAt, &c.ArchivedAt, &c.LastAt, &c.Visibility)
	l.classes[c.ID.Key] = c
	return err
}

func (l *lookupResult) scanStudent(rows *sql.Rows) error {
	var class string
	var student Student
	err := rows.Scan(&class, &student.ID.Key, &student.ID.Number, &student.Name)
	l.students[[2]string{class, student.ID.Key}] = student
	return err
}

// scanSession adds sessions to those of their classes.
func scanSession(byClass map[string][]Session) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var session Session
		var frequency []byte
		err := rows.Scan(&session.ID, &session.ClassID.Key, &session.Day, &session.Type, &session.State,
			&session.TeacherID.Key, &session.TeacherID.Number, &frequency, &session.StartedAt, &session.EndedAt,
			&session.Proof, &session.LateAt, &session.EndsAt)
		if err == nil && len(frequency) > 0 {
			err = json.Unmarshal(frequency, &session.Frequency)
		}
		key := session.ClassID.Key
		byClass[key] = append(byClass[key], session)
		return err
	}
}
