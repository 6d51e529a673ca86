package models

import "context"

// StudentData is everything that is stored about a student.
type StudentData struct {
	StudentID ID
	Rosters   []RosterEntry
	Marks     []ExportedMark
	Changes   []ExportedChange
	Presence  []PresenceEntry
	Flags     []ExportedFlag
	Devices   []ExportedDevice
}

// RosterEntry is a roster that a student is on or was on.
type RosterEntry struct {
	ClassID     ID `gorm:"embedded;embeddedPrefix:class_"`
	ClassName   string
	StudentID   ID `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string
	EnrolledAt  Timestamp
	RemovedAt   Timestamp // zero: on the roster
}

// ExportedMark is a mark of a student with the session that it is of. StudentName is what the mark came with.
type ExportedMark struct {
	Mark Mark    `gorm:"embedded"`
	Of   Session `gorm:"embedded;embeddedPrefix:of_"`
}

// ExportedChange is a line of the audit trail of a student's marks with the session that it is of.
type ExportedChange struct {
	Change Change  `gorm:"embedded"`
	Of     Session `gorm:"embedded;embeddedPrefix:of_"`
}

// ExportedFlag is a flag that a student is in, without the other students, with the session that it is of.
type ExportedFlag struct {
	Flag Flag    `gorm:"embedded"`
	Of   Session `gorm:"embedded;embeddedPrefix:of_"`
}

// ExportedDevice is a device on which a student has marked themselves in an active session.
type ExportedDevice struct {
	SessionID int64
	Device    string  // hash
	Of        Session `gorm:"embedded;embeddedPrefix:of_"`
}

// PresenceEntry is a class in which a student is connected or can resume.
type PresenceEntry struct {
	ClassKey string
	Label    string    // the name that the others were shown
	LostAt   Timestamp // zero: connected
}

// marksOfStudent is the condition for the rows of a student in marks, changes, and the tables of flags: who has such a row has an enrolment,
// perhaps a former one.
const marksOfStudent = `session_id IN (SELECT id FROM sessions WHERE class_key IN
	(SELECT class_key FROM enrolments WHERE student_key = ?)) AND student_key = ?`

// ExportStudent returns everything that is stored about a student, oldest first, to the student and to administrators. If nothing is
// stored, all lists are empty.
func (s *Store) ExportStudent(ctx context.Context, actor Actor, studentID ID) (StudentData, error) {
	if !s.mayRead(actor, studentID) {
		return StudentData{}, ErrOthersData
	}
	data := StudentData{
		StudentID: studentID, Rosters: []RosterEntry{}, Marks: []ExportedMark{}, Changes: []ExportedChange{}, Presence: []PresenceEntry{},
		Flags: []ExportedFlag{}, Devices: []ExportedDevice{},
	}
	const session = ` s.class_key AS of_class_key, s.class_number AS of_class_number, s.day AS of_day, s.session_type AS of_session_type`
	key := studentID.Key
	lists := []struct {
		into   any
		sql    string
		values []any
	}{
		{&data.Rosters, `SELECT c.class_key, c.class_number, c.name AS class_name, e.student_key, e.student_number, e.student_name,
				e.enrolled_at, e.removed_at FROM enrolments e JOIN classes c ON c.class_key = e.class_key
			WHERE e.student_key = ? ORDER BY e.enrolled_at, e.class_key`, []any{key}},
		{&data.Marks, `SELECT m.*,` + session + ` FROM marks m JOIN sessions s ON s.id = m.session_id
			WHERE ` + marksOfStudent + ` ORDER BY m.recorded_at, m.session_id`, []any{key, key}},
		{&data.Changes, `SELECT h.*,` + session + ` FROM changes h JOIN sessions s ON s.id = h.session_id
			WHERE ` + marksOfStudent + ` ORDER BY h.id`, []any{key, key}},
		{&data.Presence, `SELECT class_key, label, lost_at FROM presence WHERE user_role = 'student' AND user_key = ?
			UNION ALL SELECT class_key, label, lost_at FROM node_presence WHERE user_role = 'student' AND user_key = ? ORDER BY class_key`, []any{key, key}},
		{&data.Flags, `SELECT f.*,` + session + ` FROM flags f JOIN sessions s ON s.id = f.session_id
			JOIN flag_students m ON m.session_id = f.session_id AND m.number = f.number
			WHERE m.` + marksOfStudent + ` ORDER BY f.raised_at, f.session_id, f.number`, []any{key, key}},
		{&data.Devices, `SELECT d.session_id, d.device,` + session + ` FROM mark_devices d JOIN sessions s ON s.id = d.session_id
			WHERE ` + marksOfStudent + ` ORDER BY d.session_id, d.device`, []any{key, key}},
	}
	var err error
	for _, list := range lists {
		if err == nil {
			err = s.read.WithContext(ctx).Raw(list.sql, list.values...).Scan(list.into).Error
		}
	}
	if len(data.Rosters) > 0 {
		data.StudentID = data.Rosters[0].StudentID
	}
	return data, s.failure(ctx, "export a student", err)
}

// mayRead tells whether a user may read what is stored about a student.
func (s *Store) mayRead(actor Actor, studentID ID) bool {
	return s.isAdmin(actor) || actor.Role == RoleStudent && actor.ID.Is(studentID)
}
