package models

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// A roster changes in two steps. Its lines are saved first, in pieces that are transactions of their own, so that marks get in
// between. Then one transaction makes them the roster, in a few statements that read nothing but the lines and the class.
// The lines cannot be seen before that. Those that a crash leaves behind belong to no roster, and a later change removes them.

// The number of lines that one transaction saves begins at rosterPiece. It grows up to maxRosterPiece while a transaction takes less
// than pieceTime, and shrinks down to minRosterPiece while it takes more: marks wait for the transaction that is running.
const (
	rosterPiece    = 500
	minRosterPiece = 50
	maxRosterPiece = 2000
	pieceTime      = 20 * time.Millisecond
)

// rosterLine is one line of a roster that is being saved.
type rosterLine struct {
	Upload      int64  // the change that it belongs to
	StudentID   ID     `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string // may be empty
	MadeAt      Timestamp
}

func (rosterLine) TableName() string { return "roster_lines" }

// leftBehind is the age at which lines can no longer belong to a change that is under way.
const leftBehind = time.Hour

// AddToRoster puts students on the roster of actor's class, all or none. A student who is there already gets the given name,
// unless that is empty. A student listed twice is refused.
func (s *Store) AddToRoster(ctx context.Context, actor Actor, classID ID, students []Student) (RosterChange, error) {
	return s.changeRoster(ctx, actor, classID, students, false)
}

// ReplaceRoster makes students the roster of actor's class: students who are not listed are removed.
func (s *Store) ReplaceRoster(ctx context.Context, actor Actor, classID ID, students []Student) (RosterChange, error) {
	return s.changeRoster(ctx, actor, classID, students, true)
}

// PreviewRoster counts what AddToRoster or, with replace, ReplaceRoster would do to the roster as it is now, or returns
// the error that they would.
func (s *Store) PreviewRoster(ctx context.Context, actor Actor, classID ID, students []Student, replace bool) (RosterChange, error) {
	if err := checkStudents(students); err != nil {
		return RosterChange{}, err
	}
	roster, err := s.Roster(ctx, actor, classID)
	if err != nil {
		return RosterChange{}, err
	}
	names := make(map[string]string, len(roster))
	for _, enrolment := range roster {
		names[enrolment.StudentID.Key] = enrolment.StudentName
	}
	var change RosterChange
	for _, student := range students {
		name, on := names[student.ID.Key]
		switch {
		case !on:
			change.Added++
		case student.Name == "" || student.Name == name:
			change.Unchanged++
		default:
			change.Renamed++
		}
	}
	if replace {
		change.Removed = len(roster) - change.Renamed - change.Unchanged
	} else if len(roster)+change.Added > MaxRoster {
		return RosterChange{}, errRosterTooLong
	}
	return change, nil
}

func (s *Store) changeRoster(ctx context.Context, actor Actor, classID ID, students []Student, replace bool) (RosterChange, error) {
	if err := checkStudents(students); err != nil {
		return RosterChange{}, err
	}
	// A user who may not change the roster saves no lines either.
	if _, err := s.managed(s.read.WithContext(ctx), actor, classID); err != nil {
		return RosterChange{}, s.failure(ctx, "change a roster", err)
	}
	if len(students) > rosterPiece {
		end, err := s.beginBulk(ctx)
		if err != nil {
			return RosterChange{}, err
		}
		defer end()
	}
	upload, removeLines, err := s.saveLines(ctx, students)
	defer removeLines()
	if err != nil {
		return RosterChange{}, s.failure(ctx, "change a roster", err)
	}
	var done RosterChange
	err = s.change(ctx, "change a roster", func(tx *gorm.DB) (func(), error) {
		class, err := s.lockManaged(tx, actor, classID)
		if err != nil {
			return nil, err
		}
		var removed []ID
		if replace {
			if removed, err = removedByReplacing(tx, classID, upload); err != nil {
				return nil, err
			}
		}
		if done, err = s.applyLines(tx, class, classID, upload, replace); err != nil {
			return nil, err
		}
		return s.removed(tx, class.ID, studentUsers(removed)...)
	})
	if err != nil {
		return RosterChange{}, err
	}
	done.Unchanged = len(students) - done.Added - done.Renamed
	return done, nil
}

// beginBulk waits until no other bulk write is under way in this process, or for ctx.
func (s *Store) beginBulk(ctx context.Context) (end func(), err error) {
	select {
	case s.bulk <- struct{}{}:
		return func() { <-s.bulk }, nil
	case <-ctx.Done():
		return nil, ErrBulkBusy
	}
}

// saveLines saves the lines of a roster and returns the number that they have in common. RemoveLines removes them.
func (s *Store) saveLines(ctx context.Context, students []Student) (upload int64, removeLines func(), err error) {
	upload = rand.Int64()
	students = slices.SortedFunc(slices.Values(students), func(a, b Student) int { return cmp.Compare(a.ID.Key, b.ID.Key) })
	saved := 0
	removeLines = func() {
		// Also when the caller has gone. What is left is removed with what crashes leave behind.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
		defer cancel()
		for piece := range slices.Chunk(students[:saved], maxRosterPiece) {
			_ = s.db.WithContext(ctx).Where("upload = ? AND student_key BETWEEN ? AND ?", upload, piece[0].ID.Key, piece[len(piece)-1].ID.Key).
				Delete(&rosterLine{}).Error
		}
	}
	if err := s.removeLinesLeftBehind(ctx); err != nil {
		return upload, removeLines, err
	}
	now := s.now()
	for size := rosterPiece; saved < len(students); {
		piece := students[saved:min(saved+size, len(students))]
		lines := make([]rosterLine, len(piece))
		for i, student := range piece {
			lines[i] = rosterLine{Upload: upload, StudentID: student.ID, StudentName: student.Name, MadeAt: now}
		}
		begun := time.Now()
		err := s.retry(ctx, attemptsWithin, func() error {
			return s.db.WithContext(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&lines).Error
		})
		if err != nil {
			return upload, removeLines, err
		}
		saved += len(piece)
		size = nextPiece(size, time.Since(begun))
	}
	return upload, removeLines, nil
}

// nextPiece returns the number of lines of the piece after one that took a time.
func nextPiece(size int, took time.Duration) int {
	switch {
	case took > pieceTime:
		return max(size/2, minRosterPiece)
	case took < pieceTime/2:
		return min(2*size, maxRosterPiece)
	}
	return size
}

// removeLinesLeftBehind reads first, because a DELETE would wait for the lines that other changes are saving.
func (s *Store) removeLinesLeftBehind(ctx context.Context) error {
	var uploads []int64
	err := s.read.WithContext(ctx).Model(&rosterLine{}).Where("made_at < ?", s.now()-Timestamp(leftBehind.Milliseconds())).
		Distinct().Limit(10).Pluck("upload", &uploads).Error
	if err != nil || len(uploads) == 0 {
		return err
	}
	return s.db.WithContext(ctx).Where("upload IN ?", uploads).Delete(&rosterLine{}).Error
}

// applyLines makes saved lines part of the roster of a class that is locked.
func (s *Store) applyLines(tx *gorm.DB, class Class, classID ID, upload int64, replace bool) (done RosterChange, err error) {
	run := func(sql string, values ...any) (rows int) {
		if err == nil {
			result := tx.Exec(sql, values...)
			rows, err = int(result.RowsAffected), result.Error
		}
		return rows
	}
	if replace {
		done.Removed = run(`UPDATE enrolments SET removed_at = ? WHERE class_key = ? AND removed_at = 0 AND NOT EXISTS
			(SELECT 1 FROM roster_lines l WHERE l.upload = ? AND l.student_key = enrolments.student_key)`, class.LastAt, classID.Key, upload)
	}
	// MariaDB ignores spaces at the end when it compares, so lengths are compared as well.
	done.Renamed = run(`UPDATE enrolments SET student_name = (SELECT l.student_name FROM roster_lines l WHERE l.upload = ? AND l.student_key = enrolments.student_key)
		WHERE class_key = ? AND removed_at = 0 AND EXISTS (SELECT 1 FROM roster_lines l
			WHERE l.upload = ? AND l.student_key = enrolments.student_key AND LENGTH(l.student_name) > 0
				AND (l.student_name <> enrolments.student_name OR LENGTH(l.student_name) <> LENGTH(enrolments.student_name)))`,
		upload, classID.Key, upload)
	if done.Renamed > 0 && err == nil {
		err = noteRewrite(tx, classID)
	}
	const missing = ` FROM roster_lines l LEFT JOIN enrolments e ON e.class_key = ? AND e.student_key = l.student_key AND e.removed_at = 0
		WHERE l.upload = ? AND e.student_key IS NULL`
	if err == nil {
		err = tx.Raw("SELECT COUNT(*)"+missing, classID.Key, upload).Scan(&done.Added).Error
	}
	if done.Added > 0 {
		run(`INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name, enrolled_at, removed_at)
			SELECT ?, ?, l.student_key, l.student_number, l.student_name, ?, 0`+missing+s.on.conflict("class_key, student_key")+
			"student_name = "+s.on.keptName()+", student_number = "+s.on.proposed("student_number")+
			", enrolled_at = "+s.on.proposed("enrolled_at")+", removed_at = 0",
			classID.Key, classID.Number, class.LastAt, classID.Key, upload)
	}
	if done.Added > 0 && !replace && err == nil {
		err = checkRosterLength(tx, classID)
	}
	return done, err
}

func checkRosterLength(tx *gorm.DB, classID ID) error {
	var students int64
	err := tx.Model(&Enrolment{}).Where("class_key = ? AND removed_at = 0", classID.Key).Count(&students).Error
	if err == nil && students > MaxRoster {
		return errRosterTooLong
	}
	return err
}
