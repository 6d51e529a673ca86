package models

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
)

// The start of an hour brings everybody to the door at once, and it is the same hour for all. So those who join while
// others are being looked up are looked up together: one round trip on MySQL, whoever they are and whatever classes.

// application is somebody at the door of a class.
type application struct {
	actor Actor
	class string    // its key
	since Timestamp // also look up the sessions that ended after it; zero: none

	// The rest belongs to whoever looks it up until done is closed, then to the caller.
	found standing
	err   error
	done  chan struct{}
}

// standing is how somebody stands with a class.
type standing struct {
	exists   bool // the class does
	class    Class
	onRoster bool
	member   ID // whose place it is, as the roster or the class has it
	name     string
	active   []Session // shared between all who joined together
	ended    []Session // after application.since, the earliest first
}

// apply looks up how actor stands with a class.
func (s *Store) apply(ctx context.Context, actor Actor, classID ID) (standing, error) {
	a := &application{actor: actor, class: classID.Key, done: make(chan struct{})}
	if err := s.admission.add(a); err != nil {
		return standing{}, err
	}
	return s.await(ctx, a)
}

// await returns what was looked up for a.
func (s *Store) await(ctx context.Context, a *application) (standing, error) {
	select {
	case <-a.done:
		return a.found, a.err
	case <-ctx.Done():
		return standing{}, s.failure("join a class", ctx.Err())
	}
}

func (s *Store) admitAll(batch []*application) {
	var found *lookup
	err := s.retryBatch(func(ctx context.Context) (err error) {
		found, err = s.lookUp(ctx, batch)
		return err
	})
	if isUnavailable(err) { // those who have waited for this batch hear of that at once instead of waiting for another
		batch = append(batch, s.admission.takeAll()...)
	}
	err = s.failure("join a class", err)
	for _, a := range batch {
		if a.err = err; err == nil {
			a.found = found.standing(a)
		}
		close(a.done)
	}
}

// lookup is what the database knows about the people and classes of a batch.
type lookup struct {
	classes map[string]*Class
	places  map[[2]string]Student // on the roster, by class and student
	active  map[string][]Session  // by class, oldest first
	ended   map[string][]Session  // by class, since the earliest moment that somebody asked about, the earliest first
}

func (l *lookup) standing(a *application) standing {
	class, exists := l.classes[a.class]
	if !exists {
		return standing{}
	}
	found := standing{exists: true, class: *class, member: a.actor.ID, active: l.active[a.class]}
	if a.actor.Role == RoleTeacher {
		found.member = a.actor.ID.as(class.Owner)
	} else if place, on := l.places[[2]string{a.class, a.actor.ID.Key}]; on {
		found.member, found.name, found.onRoster = place.ID, place.Name, true
	}
	if a.since > 0 {
		found.ended = slices.Clone(l.ended[a.class])
		found.ended = slices.DeleteFunc(found.ended, func(s Session) bool { return s.EndedAt <= a.since })
	}
	return found
}

func (s *Store) lookUp(ctx context.Context, batch []*application) (*lookup, error) {
	var keys []any
	students := map[string][]any{} // by class
	for _, a := range batch {
		if students[a.class] == nil {
			keys = append(keys, a.class)
		}
		students[a.class] = append(students[a.class], a.actor.ID.Key)
	}
	classes := sqlText("SELECT class_key, class_number, name, owner_key, owner_number, made_at, archived_at, last_at FROM classes WHERE class_key IN ")
	classes.list(keys...)
	roster := ofStudents("SELECT e.class_key, e.student_key, e.student_number, e.student_name FROM enrolments e"+s.on.byPrimaryKey+
		" WHERE e.removed_at = 0 AND", keys, students)
	sessions := &statement{}
	sessions.add(selectSessions+"WHERE state = 'active' AND clock_at >= ? AND class_key IN ", int64(s.overdueBefore(s.now())))
	sessions.list(keys...)
	sessions.add(" ORDER BY started_at, id")

	conn, err := s.door.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	l := &lookup{classes: map[string]*Class{}, places: map[[2]string]Student{}, active: map[string][]Session{}, ended: map[string][]Session{}}
	readings := []reading{{classes, l.scanClass}, {roster, l.scanPlace}, {sessions, scanSession(l.active)}}
	if ended := endedSince(batch); ended != nil {
		readings = append(readings, reading{ended, scanSession(l.ended)})
	}
	return l, query(ctx, conn, s.on.pipelined, nil, readings)
}

const selectSessions = `SELECT id, class_key, day, session_type, state, teacher_key, teacher_number, frequency, started_at, ended_at
	FROM sessions `

// endedSince asks for the sessions that ended while those who come back were away; nil: nobody comes back.
func endedSince(batch []*application) *statement {
	var keys []any
	var earliest Timestamp
	for _, a := range batch {
		if a.since == 0 {
			continue
		}
		if !slices.Contains(keys, any(a.class)) {
			keys = append(keys, a.class)
		}
		if earliest == 0 || a.since < earliest {
			earliest = a.since
		}
	}
	if len(keys) == 0 {
		return nil
	}
	s := sqlText(selectSessions + "WHERE class_key IN ")
	s.list(keys...)
	s.add(" AND ended_at > ? AND state = 'completed' ORDER BY ended_at, id", int64(earliest))
	return s
}

func (l *lookup) scanClass(rows *sql.Rows) error {
	c := &Class{}
	err := rows.Scan(&c.ID.Key, &c.ID.Number, &c.Name, &c.Owner.Key, &c.Owner.Number, &c.MadeAt, &c.ArchivedAt, &c.LastAt)
	l.classes[c.ID.Key] = c
	return err
}

func (l *lookup) scanPlace(rows *sql.Rows) error {
	var class string
	var place Student
	err := rows.Scan(&class, &place.ID.Key, &place.ID.Number, &place.Name)
	l.places[[2]string{class, place.ID.Key}] = place
	return err
}

// scanSession adds sessions to those of their classes.
func scanSession(byClass map[string][]Session) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var session Session
		var frequency []byte
		err := rows.Scan(&session.ID, &session.ClassID.Key, &session.Day, &session.Type, &session.State,
			&session.TeacherID.Key, &session.TeacherID.Number, &frequency, &session.StartedAt, &session.EndedAt)
		if err == nil && len(frequency) > 0 {
			err = json.Unmarshal(frequency, &session.Frequency)
		}
		key := session.ClassID.Key
		byClass[key] = append(byClass[key], session)
		return err
	}
}
