package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// This file runs for thousands of marks within a second. So it writes its SQL by hand, and on MySQL a batch of any size is two round
// trips: the first locks the classes and reads, the second writes and commits (docs/performance.md, "Why the code is as it is").

// batch is one transaction of the group commit.
type batch struct {
	*Store
	conn    *sql.Conn
	pending []*pendingMark

	classes    map[string]*Class
	sessions   map[[2]string]*Session   // by class and type; active ones only
	enrolments map[[2]string]*Enrolment // by class and student
	teachers   teachersByClass          // who made marks of the batch, except the owners
	marks      map[markKey]*Mark
	sharing    sharing // of connections and devices

	found struct { // in the row that is being read, where a class may have no session and a student no mark
		session, at, lateAt, endsAt            sql.NullInt64
		sessionType, proof, secret, status, by sql.NullString
		number, byTeacher                      sql.NullBool
	}
}

type markKey struct {
	session int64
	student string
}

// errClassLocked marks the error of a batch that waited in vain for the locks of its classes, and not for one of a row.
var errClassLocked = errors.New("a class is locked")

// recordBatch gives every mark its result or refusal, commits what changes, and publishes it. When it fails, nothing
// was recorded, except when the connection was lost during the COMMIT: then the outcome is unknown, and the marks say so. It may
// therefore be run again after any error (findOutcomes).
//
// An isolated batch delays the publishing of others for its COMMIT alone, and not while it waits for locks of rows; that
// costs it another round trip.
func (s *Store) recordBatch(ctx context.Context, conn *sql.Conn, pending []*pendingMark, isolated bool) (err error) {
	b := &batch{
		Store: s, conn: conn, pending: pending,
		classes: map[string]*Class{}, sessions: map[[2]string]*Session{},
		enrolments: map[[2]string]*Enrolment{}, teachers: teachersByClass{}, marks: map[markKey]*Mark{},
	}
	begun, committed := time.Now(), false
	defer func() {
		if !committed {
			rollBackOrDiscard(conn)
		}
		_ = conn.Close() // gives it back to the pool; an error of the connection showed before
	}()
	if err := b.lockAndRead(ctx); isLockWait(err) {
		return fmt.Errorf("%w: %w", errClassLocked, err)
	} else if err != nil {
		return err
	}
	if err := b.findOutcomes(ctx); err != nil {
		return err
	}
	writes, changed := b.decideAll()
	if len(writes) == 0 && len(changed) == 0 {
		return nil
	}
	events := eventsOf(changed)
	if b.sharing.found() {
		raising, err := b.raiseFlags(ctx, events)
		if err != nil {
			return err
		}
		writes = append(writes, raising...)
	}
	if s.cluster {
		logging, err := b.logMarks(events)
		if err != nil {
			return err
		}
		writes = append(writes, logging...)
	}
	if isolated && len(writes) > 0 {
		if err := statement.Execute(ctx, conn, s.on.pipelined, writes); err != nil {
			return err
		}
		writes = nil
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	if err := statement.Execute(ctx, conn, s.on.pipelined, append(writes, statement.New(commit()))); err != nil {
		for _, m := range pending {
			m.outcomeUnknown = m.outcomeUnknown || isOutcomeUnknown(err) && m.err == nil && m.result.Recorded
		}
		return err
	}
	committed = true
	s.onCommit(len(pending), time.Since(begun))
	s.publish(events...)
	return nil
}

// rollback ends a transaction without a trace.
const rollback = "ROLLBACK"

// rollBackOrDiscard ends the transaction without a trace, and the connection with it if that does not work.
func rollBackOrDiscard(conn *sql.Conn) {
	if _, err := conn.ExecContext(context.Background(), rollback); err != nil {
		// The error of Raw is the one that we give it.
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// lockAndRead begins the transaction, locks the classes of all marks in the order of their keys, gives each class its
// timestamp, and reads the context of every mark.
func (b *batch) lockAndRead(ctx context.Context) error {
	students := map[string][]any{} // by class
	teachers := teacherQuery{}
	for _, m := range b.pending {
		class := m.request.ClassID.Key
		teachers.add(m.actor, class)
		students[class] = append(students[class], m.request.StudentID.Key)
	}
	keys := make([]any, 0, len(students))
	for key := range students {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })

	now := b.now()
	lock := statement.New("UPDATE classes SET "+nextTimestamp+" WHERE class_key IN ", int64(now), int64(now))
	lock.List(keys...)

	classes := statement.New(`SELECT c.class_key, c.class_number, c.owner_key, c.owner_number, c.last_at, c.seq, s.id, s.session_type,
			s.proof, s.late_at, s.ends_at, s.secret
		FROM classes c LEFT JOIN sessions s ON s.class_key = c.class_key AND s.state = 'active' AND s.clock_at >= ?
		WHERE c.class_key IN `, int64(b.overdueBefore(now)))
	classes.List(keys...)

	enrolments := ofStudents(`SELECT e.class_key, e.student_key, e.student_number, e.student_name, e.removed_at,
			m.session_id, m.status, m.recorded_at, m.recorded_by_key, m.recorded_by_number, m.by_teacher
		FROM enrolments e`+b.on.byPrimaryKey+`
		LEFT JOIN sessions s ON s.class_key = e.class_key AND s.state = 'active'
		LEFT JOIN marks m ON m.session_id = s.id AND m.student_key = e.student_key
		WHERE`, keys, students)
	before := []*statement.Statement{statement.New(b.on.begin), lock}
	readings := []statement.Reading{{Statement: classes, Scan: b.scanClass}, {Statement: enrolments, Scan: b.scanEnrolment}}
	if len(teachers) > 0 {
		readings = append(readings, teachers.reading(b.teachers))
	}
	if devices := b.sharing.devicesOf(b.pending); len(devices) > 0 {
		readings = append(readings, b.sharing.reading(keys, devices))
	}
	return statement.Query(ctx, b.conn, b.on.pipelined, before, readings)
}

func (b *batch) scanClass(rows *sql.Rows) error {
	class, found := &Class{}, &b.found
	err := rows.Scan(&class.ID.Key, &class.ID.Number, &class.Owner.Key, &class.Owner.Number, &class.LastAt, &class.Seq,
		&found.session, &found.sessionType, &found.proof, &found.lateAt, &found.endsAt, &found.secret)
	if err != nil {
		return err
	}
	b.classes[class.ID.Key] = class
	b.checkTimestamp(class.ID, class.LastAt)
	if found.session.Valid {
		b.sessions[[2]string{class.ID.Key, found.sessionType.String}] = &Session{ID: found.session.Int64, SessionRules: SessionRules{
			Proof: Proof(found.proof.String), LateAt: Timestamp(found.lateAt.Int64), EndsAt: Timestamp(found.endsAt.Int64),
			Secret: secret(found.secret.String),
		}}
	}
	return nil
}

func (b *batch) scanEnrolment(rows *sql.Rows) error {
	enrolment, found := &Enrolment{}, &b.found
	err := rows.Scan(&enrolment.ClassID.Key, &enrolment.StudentID.Key, &enrolment.StudentID.Number, &enrolment.StudentName,
		&enrolment.RemovedAt, &found.session, &found.status, &found.at, &found.by, &found.number, &found.byTeacher)
	if err != nil {
		return err
	}
	b.enrolments[[2]string{enrolment.ClassID.Key, enrolment.StudentID.Key}] = enrolment
	if found.session.Valid {
		b.marks[markKey{found.session.Int64, enrolment.StudentID.Key}] = &Mark{
			SessionID: found.session.Int64, Status: Status(found.status.String),
			RecordedAt: Timestamp(found.at.Int64), RecordedBy: ID{found.by.String, found.number.Bool}, ByTeacher: found.byTeacher.Bool,
		}
	}
	return nil
}

// decideAll applies the rules to the marks in their order, each seeing what the ones before it did. It returns what is
// to be written and what is to be published.
func (b *batch) decideAll() (writes []*statement.Statement, changed []Mark) {
	marks, audit := statement.Insert(insertMarks, len(b.pending)), statement.Insert(insertChanges, len(b.pending))
	enrolments := statement.New(insertEnrolments)
	for _, m := range b.pending {
		if m.outcomeUnknown { // it is recorded: findOutcomes
			if b.isUnpublished(m.result) {
				changed = append(changed, m.result.Mark)
				b.sharing.publish(m.raised...)
			}
			continue
		}
		req := m.request
		student := [2]string{req.ClassID.Key, req.StudentID.Key}
		c := markContext{
			class:     b.classes[req.ClassID.Key],
			session:   b.sessions[[2]string{req.ClassID.Key, req.SessionType}],
			enrolment: b.enrolments[student],
			teacher:   b.teachers.of(req.ClassID, m.actor),
		}
		var key markKey
		if c.session != nil {
			key = markKey{c.session.ID, req.StudentID.Key}
			c.previous = b.marks[key]
		}
		var d decision
		if d, m.err = decide(b.mode, m.actor, req, c); m.err != nil {
			continue
		}
		if d.needsCode {
			if m.err = b.checkCode(c.session, m); m.err != nil {
				continue
			}
		}
		m.result = d.result
		m.result.Recorded = d.write
		mark := d.result.Mark
		if d.result.Changed {
			changed = append(changed, mark)
		}
		if d.enrol {
			b.enrolments[student] = &Enrolment{StudentID: mark.StudentID, StudentName: mark.StudentName}
			enrolments.Row(mark.ClassID.Key, mark.ClassID.Number, mark.StudentID.Key, mark.StudentID.Number, mark.StudentName,
				int64(c.class.LastAt), 0)
		}
		if !d.write {
			continue
		}
		from := Status("")
		if c.previous != nil {
			from = c.previous.Status
		}
		b.marks[key] = &mark
		b.sharing.compare(m, mark)
		marks.Row(mark.SessionID, mark.StudentID.Key, mark.StudentID.Number, mark.StudentName, string(mark.Status),
			int64(mark.RecordedAt), mark.RecordedBy.Key, mark.RecordedBy.Number, mark.ByTeacher)
		audit.Row(mark.SessionID, mark.StudentID.Key, mark.StudentID.Number, string(from), string(mark.Status),
			int64(mark.RecordedAt), mark.RecordedBy.Key, mark.RecordedBy.Number, string(m.actor.Role), string(req.Way), "")
	}
	if marks.Rows() > 0 {
		marks.Add(b.on.endOfMarks)
		writes = append(writes, marks, audit)
	}
	if enrolments.Rows() > 0 {
		enrolments.Add(b.on.endOfEnrolments)
		writes = append(writes, enrolments)
	}
	if b.sharing.insert != nil {
		writes = append(writes, b.sharing.insert)
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

// prepareInserts builds the ends of the INSERTs once, because every batch needs them.
func (d *database) prepareInserts() {
	columns := []string{"student_number", "student_name", "status", "recorded_at", "recorded_by_key", "recorded_by_number", "by_teacher"}
	for i, column := range columns {
		columns[i] = column + " = " + d.proposed(column)
	}
	d.endOfMarks = d.conflict("session_id, student_key") + strings.Join(columns, ", ")
	d.endOfEnrolments = d.conflict("class_key, student_key") + "student_name = " + d.keptName() + ", removed_at = 0"
}
