package models

import (
	"context"
	"database/sql"
	"slices"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// sharing finds out which students of a batch share a connection or a device. Its zero value is that of a batch in which no mark carries
// the id of a device: then it runs no statement.
type sharing struct {
	devices map[sessionDevice][]ID // who marked themselves on which device
	insert  *statement.Statement   // adds devices of the batch; nil: none
	shared  []sharedMarks
	raised  []*Flag // that are to be published
}

type sessionDevice struct {
	session int64
	device  string // hash
}

// sharedMarks are students who shared one thing in a session.
type sharedMarks struct {
	kind     FlagKind
	students []ID
	latest   *pendingMark // by which it was found
	mark     Mark         // of that
}

// devicesOf returns the devices of a batch.
func (s *sharing) devicesOf(batch []*pendingMark) (devices []any) {
	for _, m := range batch {
		if m.device != "" {
			devices = append(devices, m.device)
		}
	}
	return devices
}

// reading reads who has marked themselves on devices in the active sessions of classes.
func (s *sharing) reading(classes, devices []any) statement.Reading {
	s.devices = map[sessionDevice][]ID{}
	query := statement.New(`SELECT d.session_id, d.device, d.student_key, d.student_number
		FROM sessions s JOIN mark_devices d ON d.session_id = s.id WHERE s.state = 'active' AND s.class_key IN `)
	query.List(classes...)
	query.Add(" AND d.device IN ")
	query.List(devices...)
	return statement.Reading{Statement: query, Scan: func(rows *sql.Rows) error {
		var key sessionDevice
		var student ID
		err := rows.Scan(&key.session, &key.device, &student.Key, &student.Number)
		s.devices[key] = append(s.devices[key], student)
		return err
	}}
}

const insertDevices = "INSERT INTO mark_devices (session_id, device, student_key, student_number) VALUES "

// compare notes with whom the student of a mark that is recorded shares the connection or the device. Teachers mark whom they like.
func (s *sharing) compare(m *pendingMark, mark Mark) {
	m.raised = nil // by an earlier attempt
	if mark.ByTeacher {
		return
	}
	s.add(FlagSharedConnection, othersOn(m.request.Connection, mark), m, mark)
	if m.device == "" {
		return
	}
	key := sessionDevice{mark.SessionID, m.device}
	others := s.devices[key]
	known := contains(others, mark.StudentID)
	if !known && len(others) >= maxFlagged {
		return
	}
	s.add(FlagSharedDevice, others, m, mark)
	if known {
		return
	}
	s.devices[key] = append(others, mark.StudentID)
	if s.insert == nil {
		s.insert = statement.New(insertDevices)
	}
	s.insert.Row(mark.SessionID, m.device, mark.StudentID.Key, mark.StudentID.Number)
}

// othersOn returns whom a connection has marked in the session of a mark.
func othersOn(connection []MarkedStudent, mark Mark) (students []ID) {
	for _, other := range connection {
		if other.SessionID == mark.SessionID {
			students = append(students, other.StudentID)
		}
	}
	return students
}

func (s *sharing) add(kind FlagKind, others []ID, m *pendingMark, mark Mark) {
	if len(others) == 0 {
		return
	}
	students := slices.Clone(others)
	if !contains(students, mark.StudentID) {
		students = append(students, mark.StudentID)
	}
	if len(students) > 1 {
		s.shared = append(s.shared, sharedMarks{kind, students, m, mark})
	}
}

func contains(students []ID, student ID) bool { return slices.ContainsFunc(students, student.Is) }

func containsAll(students, others []ID) bool {
	return !slices.ContainsFunc(others, func(other ID) bool { return !contains(students, other) })
}

// publish has flags published.
func (s *sharing) publish(flags ...*Flag) {
	for _, flag := range flags {
		if !slices.Contains(s.raised, flag) {
			s.raised = append(s.raised, flag)
		}
	}
}

// found tells whether there is something to flag.
func (s *sharing) found() bool { return len(s.shared) > 0 || len(s.raised) > 0 }

// raiseFlags adds the flags of a batch to the events of its classes, and returns the statements that write them. That is seldom, so it
// costs a round trip of its own.
func (b *batch) raiseFlags(ctx context.Context, events []Event) ([]*statement.Statement, error) {
	sessions, teachers := sessionFlags{}, map[string][]ID{}
	if err := b.readFlags(ctx, events, sessions, teachers); err != nil {
		return nil, err
	}
	for _, shared := range b.sharing.shared {
		if flag := sessions.raise(shared); flag != nil {
			shared.latest.raised = append(shared.latest.raised, flag)
			b.sharing.publish(flag)
		}
	}
	for i := range events {
		b.sharing.addTo(&events[i], teachers)
	}
	return sessions.writes(), nil
}

// addTo adds the flags of a class to its event.
func (s *sharing) addTo(event *Event, teachers map[string][]ID) {
	for _, flag := range s.raised {
		if flag.ClassID.Is(event.ClassID) {
			published := *flag
			published.Students = slices.Clone(flag.Students)
			sortByID(published.Students, func(id ID) ID { return id })
			event.Flags, event.Teachers = append(event.Flags, published), teachers[event.ClassID.Key]
		}
	}
}

// readFlags reads the flags of the sessions in which students share something, and the teachers of the classes.
func (b *batch) readFlags(ctx context.Context, events []Event, sessions sessionFlags, teachers map[string][]ID) error {
	var classes []any
	for _, event := range events {
		key := event.ClassID.Key
		classes = append(classes, key)
		if owner := b.classes[key].Owner; !owner.IsZero() {
			teachers[key] = append(teachers[key], owner)
		}
	}
	others := statement.New("SELECT class_key, teacher_key, teacher_number FROM class_teachers WHERE class_key IN ")
	others.List(classes...)
	readings := []statement.Reading{{Statement: others, Scan: func(rows *sql.Rows) error {
		var class string
		var teacher ID
		err := rows.Scan(&class, &teacher.Key, &teacher.Number)
		teachers[class] = append(teachers[class], teacher)
		return err
	}}}
	var ids []any
	for _, shared := range b.sharing.shared {
		ids = append(ids, shared.mark.SessionID)
	}
	if len(ids) > 0 {
		flags := statement.New(`SELECT f.session_id, f.number, f.kind, f.dismissed_at, s.student_key, s.student_number
			FROM flags f JOIN flag_students s ON s.session_id = f.session_id AND s.number = f.number WHERE f.session_id IN `)
		flags.List(ids...)
		flags.Add(" ORDER BY f.session_id, f.number")
		readings = append(readings, statement.Reading{Statement: flags, Scan: sessions.scan})
	}
	return statement.Query(ctx, b.conn, b.on.pipelined, nil, readings)
}

// sessionFlags are the flags of sessions, by session and in the order of their numbers.
type sessionFlags map[int64][]*knownFlag

// knownFlag is a flag with what the batch makes of it.
type knownFlag struct {
	Flag
	stored int // how many of its students are stored
}

func (s sessionFlags) scan(rows *sql.Rows) error {
	var row Flag
	var student ID
	if err := rows.Scan(&row.SessionID, &row.Number, &row.Kind, &row.DismissedAt, &student.Key, &student.Number); err != nil {
		return err
	}
	flags := s[row.SessionID]
	if len(flags) == 0 || flags[len(flags)-1].Number != row.Number {
		flags = append(flags, &knownFlag{Flag: row})
		s[row.SessionID] = flags
	}
	last := flags[len(flags)-1]
	last.Students = append(last.Students, student)
	last.stored++
	return nil
}

// raise returns the flag that tells of shared marks, nil if it tells of them already or there are too many.
func (s sessionFlags) raise(shared sharedMarks) *Flag {
	mark := shared.mark
	flags := s[mark.SessionID]
	ofKind := func(f *knownFlag) bool { return f.Kind == shared.kind }
	if slices.ContainsFunc(flags, func(f *knownFlag) bool { return ofKind(f) && containsAll(f.Students, shared.students) }) {
		return nil
	}
	joined := slices.IndexFunc(flags, func(f *knownFlag) bool {
		return ofKind(f) && f.DismissedAt == 0 && containsAll(shared.students, f.Students)
	})
	if joined < 0 {
		if len(flags) >= maxFlags {
			return nil
		}
		joined = len(flags)
		flags = append(flags, &knownFlag{Flag: Flag{SessionID: mark.SessionID, Number: int64(joined + 1), Kind: shared.kind}})
		s[mark.SessionID] = flags
	}
	flag := flags[joined]
	for _, student := range shared.students {
		if !contains(flag.Students, student) {
			flag.Students = append(flag.Students, student)
		}
	}
	flag.ClassID, flag.SessionType, flag.RaisedAt = mark.ClassID, mark.SessionType, mark.RecordedAt
	return &flag.Flag
}

// writes returns what stores the flags that are new and those that have got students.
func (s sessionFlags) writes() (writes []*statement.Statement) {
	flags := statement.New(`INSERT INTO flags (session_id, number, kind, raised_at, dismissed_at, dismissed_by_key, dismissed_by_number, reason) VALUES `)
	students := statement.New("INSERT INTO flag_students (session_id, number, student_key, student_number) VALUES ")
	for _, ofSession := range s {
		for _, f := range ofSession {
			switch {
			case f.stored == 0:
				flags.Row(f.SessionID, f.Number, string(f.Kind), int64(f.RaisedAt), 0, "", false, "")
			case f.stored < len(f.Students):
				writes = append(writes, statement.New("UPDATE flags SET raised_at = ? WHERE session_id = ? AND number = ?",
					int64(f.RaisedAt), f.SessionID, f.Number))
			}
			for _, student := range f.Students[f.stored:] {
				students.Row(f.SessionID, f.Number, student.Key, student.Number)
			}
		}
	}
	for _, insert := range []*statement.Statement{flags, students} {
		if insert.Rows() > 0 {
			writes = append(writes, insert)
		}
	}
	return writes
}
