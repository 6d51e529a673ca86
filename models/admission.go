package models

import (
	"context"
	"database/sql"
	"encoding/json"
)

// The start of an hour brings everybody to the door at once, and it is the same hour for all. So those who join while
// others are being looked up are looked up together: one round trip on MySQL, whoever they are and whatever classes.

// application is somebody at the door of a class.
type application struct {
	actor Actor
	class string // its key

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
	name     string
	active   []Session // shared between all who joined together
}

// apply looks up how actor stands with a class.
func (s *Store) apply(ctx context.Context, actor Actor, classID ID) (standing, error) {
	a := &application{actor: actor, class: classID.Key, done: make(chan struct{})}
	if err := s.admission.add(a); err != nil {
		return standing{}, err
	}
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
	names   map[[2]string]string // on the roster, by class and student
	active  map[string][]Session // by class, oldest first
}

func (l *lookup) standing(a *application) standing {
	class, exists := l.classes[a.class]
	if !exists {
		return standing{}
	}
	found := standing{exists: true, class: *class, active: l.active[a.class]}
	if a.actor.Role == RoleStudent {
		found.name, found.onRoster = l.names[[2]string{a.class, a.actor.ID.Key}]
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
	classes := sqlText("SELECT class_key, name, owner_key, owner_number, made_at, archived_at, last_at FROM classes WHERE class_key IN ")
	classes.list(keys...)
	roster := ofStudents("SELECT e.class_key, e.student_key, e.student_name FROM enrolments e"+s.on.byPrimaryKey+
		" WHERE e.removed_at = 0 AND", keys, students)
	sessions := &statement{}
	sessions.add(`SELECT id, class_key, day, session_type, teacher_key, teacher_number, frequency, started_at FROM sessions
		WHERE state = 'active' AND clock_at >= ? AND class_key IN `, int64(s.overdueBefore(s.now())))
	sessions.list(keys...)
	sessions.add(" ORDER BY started_at, id")

	conn, err := s.door.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	l := &lookup{classes: map[string]*Class{}, names: map[[2]string]string{}, active: map[string][]Session{}}
	return l, query(ctx, conn, s.on.pipelined, nil, []reading{{classes, l.scanClass}, {roster, l.scanPlace}, {sessions, l.scanSession}})
}

func (l *lookup) scanClass(rows *sql.Rows) error {
	c := &Class{}
	err := rows.Scan(&c.ID.Key, &c.Name, &c.Owner.Key, &c.Owner.Number, &c.MadeAt, &c.ArchivedAt, &c.LastAt)
	l.classes[c.ID.Key] = c
	return err
}

func (l *lookup) scanPlace(rows *sql.Rows) error {
	var class, student, name string
	err := rows.Scan(&class, &student, &name)
	l.names[[2]string{class, student}] = name
	return err
}

func (l *lookup) scanSession(rows *sql.Rows) error {
	session := Session{State: StateActive}
	var frequency []byte
	err := rows.Scan(&session.ID, &session.ClassID.Key, &session.Day, &session.Type, &session.TeacherID.Key, &session.TeacherID.Number,
		&frequency, &session.StartedAt)
	if err == nil && len(frequency) > 0 {
		err = json.Unmarshal(frequency, &session.Frequency)
	}
	key := session.ClassID.Key
	l.active[key] = append(l.active[key], session)
	return err
}
