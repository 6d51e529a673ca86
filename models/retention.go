package models

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
)

// RetentionCount is how much a run of retention changes, or would change.
type RetentionCount struct {
	Before   string // sessions of earlier days lose their students, YYYY-MM-DD
	Sessions int64
	Marks    int64
}

// oldSessions is the condition for the sessions of a class that lose their students: the key of the class, and the day before which.
const oldSessions = "class_key = ? AND day < ? AND state = 'completed' AND forgotten_at = 0"

// RetentionPreview counts what ApplyRetention would change.
func (s *Store) RetentionPreview(ctx context.Context, days int) (RetentionCount, error) {
	count := RetentionCount{Before: s.daysAgo(days)}
	db := s.read.WithContext(ctx)
	old := func() *gorm.DB {
		return db.Model(&Session{}).Where("day < ? AND state = 'completed' AND forgotten_at = 0", count.Before)
	}
	err := old().Count(&count.Sessions).Error
	if err == nil {
		err = db.Model(&Mark{}).Where("session_id IN (?)", old().Select("id")).Count(&count.Marks).Error
	}
	return count, s.failure(ctx, "count old sessions", err)
}

// ApplyRetention replaces the students of sessions that are more than some days old, as an erasure does: by a pseudonym for each student and
// class. Enrolments of former students go when no mark of theirs is left. It does so once a day at the most, by whichever server comes
// first; ran tells whether this call has. A class is one transaction. What is not done when ctx ends is done on another day.
func (s *Store) ApplyRetention(ctx context.Context, days int) (count RetentionCount, ran bool, err error) {
	if ran, err = s.claimToday(ctx, "retention"); err != nil || !ran {
		return count, ran, err
	}
	count.Before = s.daysAgo(days)
	removedBefore := s.now() - Timestamp(days)*millisecondsOfDay
	classes, err := s.withOldStudents(ctx, count.Before, removedBefore)
	errs := []error{s.failure(ctx, "find old sessions", err)}
	for _, class := range classes {
		errs = append(errs, s.change(ctx, "lose the students of old sessions", func(tx *gorm.DB) (func(), error) {
			sessions, marks, err := s.replaceOldStudents(tx, class, count.Before, removedBefore)
			if err == nil {
				count.Sessions, count.Marks = count.Sessions+sessions, count.Marks+marks
			}
			return nil, err
		}))
	}
	if count.Sessions > 0 {
		errs = append(errs, s.compact(ctx))
	}
	return count, true, errors.Join(errs...)
}

// withOldStudents returns the classes that have old sessions with their students, or students who left their roster long ago.
func (s *Store) withOldStudents(ctx context.Context, before string, removedBefore Timestamp) ([]ID, error) {
	var found []Enrolment
	err := s.read.WithContext(ctx).Raw(`SELECT class_key, class_number FROM sessions WHERE day < ? AND state = 'completed' AND forgotten_at = 0
		UNION SELECT class_key, class_number FROM enrolments WHERE removed_at > 0 AND removed_at < ? AND student_key NOT LIKE 'erased-%'`,
		before, removedBefore).Scan(&found).Error
	classes := make([]ID, len(found))
	for i, row := range found {
		classes[i] = row.ClassID
	}
	return classes, err
}

const millisecondsOfDay = Timestamp(24 * 60 * 60 * 1000)

func (s *Store) daysAgo(days int) string {
	return s.clock().In(s.location).AddDate(0, 0, -days).Format(time.DateOnly)
}

// claimToday tells whether nobody has claimed a task today before.
func (s *Store) claimToday(ctx context.Context, task string) (first bool, err error) {
	today := s.day(s.now())
	err = s.change(ctx, "claim a task of the day", func(tx *gorm.DB) (func(), error) {
		insert := "INSERT INTO properties (name, value) VALUES (?, '')" + s.on.conflict("name") + "value = properties.value"
		if err := tx.Exec(insert, task).Error; err != nil {
			return nil, err
		}
		claimed := tx.Exec("UPDATE properties SET value = ? WHERE name = ? AND value <> ?", today, task, today)
		first = claimed.RowsAffected == 1
		return nil, claimed.Error
	})
	return first, err
}

// retentionStatements replace one student in the old sessions of a class. NEW is the pseudonym, OLD what oldSessions takes and the student's id.
var retentionStatements = []string{
	`UPDATE marks SET recorded_by_key = NEW, recorded_by_number = FALSE WHERE OLD AND recorded_by_key = student_key AND by_teacher = FALSE`,
	`UPDATE marks SET student_key = NEW, student_number = FALSE, student_name = '' WHERE OLD`,
	`UPDATE changes SET changed_by_key = NEW, changed_by_number = FALSE WHERE OLD AND changed_by_key = student_key AND by_role = 'student'`,
	`UPDATE changes SET student_key = NEW, student_number = FALSE, reason = '' WHERE OLD`,
	`UPDATE flags SET reason = '' WHERE EXISTS (SELECT 1 FROM flag_students
		WHERE flag_students.session_id = flags.session_id AND flag_students.number = flags.number AND OLD)`,
	`UPDATE flag_students SET student_key = NEW, student_number = FALSE WHERE OLD`,
}

// replaceOldStudents replaces all students in the old sessions of a class.
func (s *Store) replaceOldStudents(tx *gorm.DB, class ID, before string, removedBefore Timestamp) (sessions, marks int64, err error) {
	if err := s.lock(tx, class); err != nil {
		return 0, 0, err
	}
	if err := noteRewrite(tx, class); err != nil {
		return 0, 0, err
	}
	var students []string
	err = tx.Raw("SELECT DISTINCT student_key FROM marks WHERE session_id IN (SELECT id FROM sessions WHERE "+oldSessions+")",
		class.Key, before).Scan(&students).Error
	for _, student := range students {
		pseudonym := newPseudonym().Key
		for i, sql := range retentionStatements {
			if err != nil {
				return 0, 0, err
			}
			values := []any{class.Key, before, student}
			if strings.Contains(sql, "NEW") {
				values = slices.Insert(values, 0, any(pseudonym))
			}
			sql = strings.Replace(sql, "OLD", "session_id IN (SELECT id FROM sessions WHERE "+oldSessions+") AND student_key = ?", 1)
			done := tx.Exec(strings.Replace(sql, "NEW", "?", 1), values...)
			if err = done.Error; i == 1 {
				marks += done.RowsAffected
			}
		}
		if err == nil { // statistics find the students of marks by their enrolments
			err = tx.Exec(`INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name, enrolled_at, removed_at)
				VALUES (?, ?, ?, FALSE, '', 0, ?)`, class.Key, class.Number, pseudonym, s.now()).Error
		}
	}
	if err != nil {
		return 0, 0, err
	}
	done := tx.Exec("UPDATE sessions SET forgotten_at = ? WHERE "+oldSessions, s.now(), class.Key, before)
	if done.Error != nil {
		return 0, 0, done.Error
	}
	return done.RowsAffected, marks, tx.Exec(`DELETE FROM enrolments WHERE class_key = ? AND removed_at > 0 AND removed_at < ? AND NOT EXISTS
		(SELECT 1 FROM marks m JOIN sessions s ON s.id = m.session_id WHERE s.class_key = enrolments.class_key AND m.student_key = enrolments.student_key)`,
		class.Key, removedBefore).Error
}
