package models

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// erasure is the audit row of an erasure. It says nothing about the person.
type erasure struct {
	Pseudonym string
	ErasedAt  Timestamp
}

func (erasure) TableName() string { return "erasures" }

// newPseudonym returns an id that takes the place of a student's, and says nothing about them.
func newPseudonym() ID {
	random := make([]byte, 8)
	_, _ = rand.Read(random) // never fails
	return ID{Key: "erased-" + hex.EncodeToString(random)}
}

// EraseStudent replaces a student's id by a pseudonym and removes their names and the reasons of corrections and of dismissed flags, in all
// classes and in the audit trail. The marks stay, and all counts with them. The student's sockets leave the classes. In SQLite nothing
// is left in the database's files when it returns. Only an administrator may. A student of whom nothing is stored is ErrStudentUnknown.
func (s *Store) EraseStudent(ctx context.Context, actor Actor, studentID ID) error {
	if !s.isAdmin(actor) {
		return ErrEraseRole
	}
	pseudonym := newPseudonym()
	err := s.change(ctx, "erase a student", func(tx *gorm.DB) (func(), error) {
		classes, err := s.lockClassesOf(tx, studentID)
		if err != nil {
			return nil, err
		}
		if len(classes) == 0 {
			return nil, ErrStudentUnknown
		}
		if err := erase(tx, studentID, pseudonym); err != nil {
			return nil, err
		}
		if err := eraseFromLog(tx, classes, studentID, pseudonym); err != nil {
			return nil, err
		}
		if err := tx.Create(&erasure{pseudonym.Key, s.now()}).Error; err != nil {
			return nil, err
		}
		return s.publishRemovals(tx, classes, studentID)
	})
	// Also if nothing was found: the call before may have been interrupted here.
	if cleaned := s.compact(ctx); err == nil {
		err = cleaned
	}
	return err
}

// lockClassesOf locks the classes whose roster a student is or was on, in the order of their keys.
func (s *Store) lockClassesOf(tx *gorm.DB, studentID ID) ([]ID, error) {
	var enrolments []Enrolment
	err := tx.Select("class_key", "class_number").Where("student_key = ?", studentID.Key).Order("class_key").Find(&enrolments).Error
	classes := make([]ID, len(enrolments))
	for i, enrolment := range enrolments {
		classes[i] = enrolment.ClassID
		if err == nil {
			err = s.lock(tx, enrolment.ClassID)
		}
		if err == nil {
			err = noteRewrite(tx, enrolment.ClassID)
		}
	}
	return classes, err
}

// eraseStatements replace a student. NEW is the pseudonym, ? the student's id. The rows of marks, changes and flags are found by
// the enrolments, so those come last.
var eraseStatements = []string{
	`UPDATE marks SET recorded_by_key = NEW, recorded_by_number = FALSE
		WHERE ` + marksOfStudent + ` AND recorded_by_key = student_key AND by_teacher = FALSE`,
	`UPDATE marks SET student_key = NEW, student_number = FALSE, student_name = '' WHERE ` + marksOfStudent,
	`UPDATE changes SET changed_by_key = NEW, changed_by_number = FALSE
		WHERE ` + marksOfStudent + ` AND changed_by_key = student_key AND by_role = 'student'`,
	`UPDATE changes SET student_key = NEW, student_number = FALSE, reason = '' WHERE ` + marksOfStudent,
	`UPDATE flags SET reason = '' WHERE EXISTS (SELECT 1 FROM flag_students
		WHERE flag_students.session_id = flags.session_id AND flag_students.number = flags.number AND ` + marksOfStudent + `)`,
	`UPDATE flag_students SET student_key = NEW, student_number = FALSE WHERE ` + marksOfStudent,
	`DELETE FROM mark_devices WHERE ` + marksOfStudent,
	`DELETE FROM presence WHERE user_role = 'student' AND user_key = ?`,
	// Those who are connected leave because of the Removal.
	`DELETE FROM node_presence WHERE user_role = 'student' AND user_key = ? AND here = FALSE`,
	`DELETE FROM roster_lines WHERE student_key = ?`,
	`UPDATE enrolments SET student_key = NEW, student_number = FALSE, student_name = '' WHERE student_key = ?`,
}

func erase(tx *gorm.DB, studentID, pseudonym ID) error {
	for _, sql := range eraseStatements {
		var values []any
		if strings.Contains(sql, "NEW") {
			values = append(values, pseudonym.Key)
		}
		for range strings.Count(sql, "?") {
			values = append(values, studentID.Key)
		}
		if err := tx.Exec(strings.Replace(sql, "NEW", "?", 1), values...).Error; err != nil {
			return err
		}
	}
	return nil
}

// eraseFromLog replaces a student in the events that the log still holds. What it does not know of an event it leaves as it is.
func eraseFromLog(tx *gorm.DB, classes []ID, studentID, pseudonym ID) error {
	var streams []string
	for _, class := range classes {
		streams = append(streams, StreamOf(class), RoomStreamOf(class))
	}
	var entries []LogEntry
	if err := tx.Table("events").Select("id, stream, body").Where("stream IN ?", streams).Find(&entries).Error; err != nil {
		return err
	}
	for _, entry := range entries {
		eraseFrom := eraseFromEvent
		if IsRoomStream(entry.Stream) {
			eraseFrom = eraseFromPresence
		}
		body, changed, err := eraseFrom(entry.Body, studentID, pseudonym)
		if err == nil && changed {
			err = tx.Exec("UPDATE events SET body = ? WHERE id = ?", body, entry.ID).Error
		}
		if err != nil {
			return fmt.Errorf("erase a student from event %d of the log: %w", entry.ID, err)
		}
	}
	return nil
}

// eraseFromEvent replaces a student in the body of an event.
func eraseFromEvent(encoded []byte, studentID, pseudonym ID) (body []byte, changed bool, err error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &keys); err != nil {
		return nil, false, err
	}
	var known eventBody
	if err := json.Unmarshal(encoded, &known); err != nil {
		return nil, false, err
	}
	for i := range known.Marks {
		if mark := &known.Marks[i]; mark.Student.Is(studentID) {
			mark.Student, mark.Name, changed = pseudonym, "", true
		}
	}
	for i := range known.Flags {
		for j, student := range known.Flags[i].Students {
			if student.Is(studentID) {
				known.Flags[i].Students[j], changed = pseudonym, true
			}
		}
	}
	for i := range known.Removed {
		if user := &known.Removed[i]; user.Role == RoleStudent && user.ID.Is(studentID) {
			user.ID, changed = pseudonym, true
		}
	}
	if !changed {
		return encoded, false, nil
	}
	for key, value := range map[string]any{"marks": known.Marks, "flags": known.Flags, "removed": known.Removed} {
		if _, there := keys[key]; !there {
			continue
		}
		if keys[key], err = json.Marshal(value); err != nil {
			return nil, false, err
		}
	}
	body, err = json.Marshal(keys)
	return body, true, err
}

// eraseFromPresence replaces a student in the body of an event of a room.
func eraseFromPresence(encoded []byte, studentID, pseudonym ID) (body []byte, changed bool, err error) {
	event, err := DecodePresence(encoded)
	if err != nil || event.User.Role != RoleStudent || !event.User.ID.Is(studentID) {
		return encoded, false, err
	}
	event.User.ID, event.Label = pseudonym, ""
	body, err = encodePresence(event)
	return body, true, err
}

// publishRemovals publishes that a student is no longer in some classes.
func (s *Store) publishRemovals(tx *gorm.DB, classes []ID, studentID ID) (publish func(), err error) {
	var each []func()
	for _, class := range classes {
		publish, err := s.removed(tx, class, Actor{ID: studentID, Role: RoleStudent})
		if err != nil {
			return nil, err
		}
		each = append(each, publish)
	}
	return func() {
		for _, publish := range each {
			publish()
		}
	}, nil
}

// compactPatience is how long compact waits for readers, compactPause how long between two attempts.
const (
	compactPatience = 5 * time.Second
	compactPause    = 20 * time.Millisecond
)

// compact removes from SQLite's files what was deleted or replaced before: the file is written anew, and its write-ahead log emptied.
// Other writers wait meanwhile. MySQL reuses and overwrites the space by itself.
func (s *Store) compact(ctx context.Context) error {
	if !s.on.oneWriter {
		return nil
	}
	err := s.db.WithContext(ctx).Exec("VACUUM").Error
	for begun := time.Now(); err == nil; {
		var busy int
		if err = s.db.WithContext(ctx).Raw("PRAGMA wal_checkpoint(TRUNCATE)").Row().Scan(&busy, new(int), new(int)); err != nil || busy == 0 {
			break
		}
		if time.Since(begun) > compactPatience {
			return ErrNotCompacted
		}
		time.Sleep(compactPause)
	}
	return s.failure(ctx, "compact the database", err)
}
