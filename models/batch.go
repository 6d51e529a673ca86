package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// This file is the hottest path of the server: at the start of an hour it runs for thousands of marks within a second.
// It writes its SQL by hand, without GORM's reflection over each row, and on MySQL a batch of any size is two round
// trips: one locks the classes and reads, one writes and commits.

// batch is one transaction of the committer.
type batch struct {
	*Store
	conn    *sql.Conn
	entries []*entry

	classes  map[string]*Class
	sessions map[[2]string]*Session   // by class and type; active ones only
	places   map[[2]string]*Enrolment // by class and student
	marks    map[markKey]*Mark

	found struct { // in the row that is being read, where a class may have no session and a student no mark
		session, at             sql.NullInt64
		sessionType, status, by sql.NullString
		number, byTeacher       sql.NullBool
	}
}

type markKey struct {
	session int64
	student string
}

// errClassLocked marks the error of a batch that waited in vain for the locks of its classes, and not for one of a row.
var errClassLocked = errors.New("a class is locked")

// recordBatch gives every entry its result or refusal, commits what changes, and publishes it. When it fails, nothing
// was recorded, except when the connection was lost during the commit: then nobody knows, and entries are suspected. It may
// therefore be run again after any error: what it finds recorded of a suspected entry was recorded by that entry.
//
// A batch that is apart holds up the publishing of others for its COMMIT alone, and not while it waits for locks of rows; that
// costs it another round trip.
func (s *Store) recordBatch(ctx context.Context, conn *sql.Conn, entries []*entry, apart bool) (err error) {
	b := &batch{
		Store: s, conn: conn, entries: entries,
		classes: map[string]*Class{}, sessions: map[[2]string]*Session{},
		places: map[[2]string]*Enrolment{}, marks: map[markKey]*Mark{},
	}
	committed := false
	defer func() {
		if !committed {
			b.abandon()
		}
		_ = conn.Close() // gives it back to the pool; what there is to fail did so before
	}()
	if err := b.lockAndRead(ctx); isLockWait(err) {
		return fmt.Errorf("%w: %w", errClassLocked, err)
	} else if err != nil {
		return err
	}
	writes, changed := b.decideAll()
	if len(writes) == 0 && len(changed) == 0 {
		return nil
	}
	if apart && len(writes) > 0 {
		if err := execute(ctx, conn, s.on.pipelined, writes); err != nil {
			return err
		}
		writes = nil
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if err := execute(ctx, conn, s.on.pipelined, append(writes, sqlText("COMMIT"))); err != nil {
		for _, e := range entries {
			e.suspected = e.suspected || isOutcomeUnknown(err) && e.err == nil && e.result.Changed
		}
		return err
	}
	committed = true
	if s.committed != nil && len(changed) > 0 {
		s.committed(changed)
	}
	return nil
}

// rollback ends a transaction without a trace.
const rollback = "ROLLBACK"

// abandon ends the transaction without a trace, and the connection with it if that does not work.
func (b *batch) abandon() {
	if _, err := b.conn.ExecContext(context.Background(), rollback); err != nil {
		// The error of Raw is the one that we give it.
		_ = b.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// lockAndRead begins the transaction, locks the classes of all entries in the order of their keys, gives each its
// timestamp, and reads the circumstances of every entry.
func (b *batch) lockAndRead(ctx context.Context) error {
	students := map[string][]any{} // by class
	for _, e := range b.entries {
		class := e.request.ClassID.Key
		students[class] = append(students[class], e.request.StudentID.Key)
	}
	keys := make([]any, 0, len(students))
	for key := range students {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })

	now := b.now()
	lock := &statement{}
	lock.add("UPDATE classes SET last_at = CASE WHEN last_at < ? THEN ? ELSE last_at END WHERE class_key IN ", int64(now), int64(now))
	lock.list(keys...)

	classes := &statement{}
	classes.add(`SELECT c.class_key, c.class_number, c.owner_key, c.owner_number, c.last_at, s.id, s.session_type
		FROM classes c LEFT JOIN sessions s ON s.class_key = c.class_key AND s.state = 'active' AND s.clock_at >= ?
		WHERE c.class_key IN `, int64(b.overdueBefore(now)))
	classes.list(keys...)

	places := ofStudents(`SELECT e.class_key, e.student_key, e.student_number, e.student_name, e.removed_at,
			m.session_id, m.status, m.recorded_at, m.recorded_by_key, m.recorded_by_number, m.by_teacher
		FROM enrolments e`+b.on.byPrimaryKey+`
		LEFT JOIN sessions s ON s.class_key = e.class_key AND s.state = 'active'
		LEFT JOIN marks m ON m.session_id = s.id AND m.student_key = e.student_key
		WHERE`, keys, students)
	before := []*statement{sqlText(b.on.begin), lock}
	return query(ctx, b.conn, b.on.pipelined, before, []reading{{classes, b.scanClass}, {places, b.scanPlace}})
}

func (b *batch) scanClass(rows *sql.Rows) error {
	class, found := &Class{}, &b.found
	err := rows.Scan(&class.ID.Key, &class.ID.Number, &class.Owner.Key, &class.Owner.Number, &class.LastAt,
		&found.session, &found.sessionType)
	if err != nil {
		return err
	}
	b.classes[class.ID.Key] = class
	b.checkStamp(class.ID, class.LastAt)
	if found.session.Valid {
		b.sessions[[2]string{class.ID.Key, found.sessionType.String}] = &Session{ID: found.session.Int64}
	}
	return nil
}

func (b *batch) scanPlace(rows *sql.Rows) error {
	place, found := &Enrolment{}, &b.found
	err := rows.Scan(&place.ClassID.Key, &place.StudentID.Key, &place.StudentID.Number, &place.StudentName, &place.RemovedAt,
		&found.session, &found.status, &found.at, &found.by, &found.number, &found.byTeacher)
	if err != nil {
		return err
	}
	b.places[[2]string{place.ClassID.Key, place.StudentID.Key}] = place
	if found.session.Valid {
		b.marks[markKey{found.session.Int64, place.StudentID.Key}] = &Mark{
			SessionID: found.session.Int64, Status: Status(found.status.String),
			RecordedAt: Timestamp(found.at.Int64), RecordedBy: ID{found.by.String, found.number.Bool}, ByTeacher: found.byTeacher.Bool,
		}
	}
	return nil
}

// decideAll applies the rules to the entries in their order, each seeing what the ones before it did. It returns what is
// to be written and what is to be published.
func (b *batch) decideAll() (writes []*statement, changed []Mark) {
	marks, audit := insert(insertMarks, len(b.entries)), insert(insertChanges, len(b.entries))
	enrolments := sqlText(insertEnrolments)
	for _, e := range b.entries {
		req := e.request
		place := [2]string{req.ClassID.Key, req.StudentID.Key}
		c := circumstances{
			class:   b.classes[req.ClassID.Key],
			session: b.sessions[[2]string{req.ClassID.Key, req.SessionType}],
			place:   b.places[place],
		}
		var key markKey
		if c.session != nil {
			key = markKey{c.session.ID, req.StudentID.Key}
			c.previous = b.marks[key]
		}
		var v verdict
		if v, e.err = b.decide(e.actor, req, c); e.err != nil {
			continue
		}
		e.result = v.result
		e.result.Recorded = v.write
		e.result.Changed = v.result.Changed || e.suspected
		mark := v.result.Mark
		if e.result.Changed {
			changed = append(changed, mark)
		}
		if v.enrol {
			b.places[place] = &Enrolment{StudentID: mark.StudentID, StudentName: mark.StudentName}
			enrolments.row(mark.ClassID.Key, mark.ClassID.Number, mark.StudentID.Key, mark.StudentID.Number, mark.StudentName,
				int64(c.class.LastAt), 0)
		}
		if !v.write {
			continue
		}
		from := Status("")
		if c.previous != nil {
			from = c.previous.Status
		}
		b.marks[key] = &mark
		marks.row(mark.SessionID, mark.StudentID.Key, mark.StudentID.Number, mark.StudentName, string(mark.Status),
			int64(mark.RecordedAt), mark.RecordedBy.Key, mark.RecordedBy.Number, mark.ByTeacher)
		audit.row(mark.SessionID, mark.StudentID.Key, mark.StudentID.Number, string(from), string(mark.Status),
			int64(mark.RecordedAt), mark.RecordedBy.Key, mark.RecordedBy.Number, string(e.actor.Role), string(req.Way), "")
	}
	if marks.rows > 0 {
		marks.add(b.on.endOfMarks)
		writes = append(writes, marks, audit)
	}
	if enrolments.rows > 0 {
		enrolments.add(b.on.endOfEnrolments)
		writes = append(writes, enrolments)
	}
	return writes, changed
}

// The beginnings of the INSERTs, up to their rows.
const (
	insertMarks = `INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at,
		recorded_by_key, recorded_by_number, by_teacher) VALUES `
	insertChanges = `INSERT INTO changes (session_id, student_key, student_number, from_status, to_status, changed_at,
		changed_by_key, changed_by_number, by_role, way, reason) VALUES `
	insertEnrolments = `INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name,
		enrolled_at, removed_at) VALUES `
)

// prepareInserts spells out what the INSERTs end with, which every batch needs.
func (d *database) prepareInserts() {
	columns := []string{"student_number", "student_name", "status", "recorded_at", "recorded_by_key", "recorded_by_number", "by_teacher"}
	for i, column := range columns {
		columns[i] = column + " = " + d.proposed(column)
	}
	d.endOfMarks = d.conflict("session_id, student_key") + strings.Join(columns, ", ")
	d.endOfEnrolments = d.conflict("class_key, student_key") + "student_name = " + d.keptName() + ", removed_at = 0"
}
