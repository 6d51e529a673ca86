package models

import (
	"context"
	"iter"
	"slices"
	"time"

	"gorm.io/gorm"
)

// Status is what a mark says about a student.
type Status string

// The statuses.
const (
	Present Status = "present"
	Late    Status = "late"
	Absent  Status = "absent"
	Excused Status = "excused"
)

func (s Status) valid() bool {
	return s == Present || s == Late || s == Absent || s == Excused
}

// Way is the way by which a mark was changed.
type Way string

// The ways.
const (
	WaySocket     Way = "socket"     // an event
	WayREST       Way = "rest"       // a mark over HTTP
	WayCorrection Way = "correction" // with a reason, also after the end
	WayInitiate   Way = "initiate"   // every student on the roster is absent at first
)

// Mark is one student's recorded status in one session.
type Mark struct {
	SessionID   int64
	ClassID     ID     `gorm:"-"` // in the form of the class, as StudentID is in that of the roster
	SessionType string `gorm:"-"`
	StudentID   ID     `gorm:"embedded;embeddedPrefix:student_"`
	StudentName string // the roster's, however old the mark is; may be empty. The table keeps what it was at the time
	Status      Status
	RecordedAt  Timestamp
	RecordedBy  ID   `gorm:"embedded;embeddedPrefix:recorded_by_"`
	ByTeacher   bool // set by the class's teacher, so the student cannot change it
}

// MarkRequest asks for a mark to be recorded in the active session of a class and type.
type MarkRequest struct {
	ClassID     ID
	StudentID   ID     // zero: the actor
	StudentName string // may be empty; names the student on the roster, if they have no name there
	Status      Status // empty: Present
	SessionType string
	Way         Way // empty: WaySocket
	Received    Receipt
	Code        string // of a session with ProofCode, as it was typed

	DeviceID   string          // of the client of a student; empty: it has none
	Connection []MarkedStudent // whom else the connection of a student has marked
}

// MarkResult is the mark as it stands now.
type MarkResult struct {
	Mark     Mark
	Changed  bool // false: it said so already
	Recorded bool // written now: also where the teacher confirms what the student said, which is no change and is not published
}

// Record records a mark. When it returns, the mark is committed and, if it changed, published through
// Options.OnEvent. Marks that arrive while another transaction runs share the next one.
//
// When ctx ends before the mark's transaction has begun, nothing is recorded; afterwards Record waits for the outcome.
func (s *Store) Record(ctx context.Context, actor Actor, req MarkRequest) (MarkResult, error) {
	if req.StudentID.IsZero() {
		req.StudentID = actor.ID
	}
	if req.Status == "" {
		req.Status = Present
	}
	if req.Way == "" {
		req.Way = WaySocket
	}
	if req.Received == (Receipt{}) {
		req.Received = s.Receipt(0)
	}
	req.StudentName = VisibleName(req.StudentName)
	result, err := MarkResult{}, checkMark(actor, req)
	if err == nil {
		result, err = s.record(ctx, actor, req)
	}
	s.countMark(result, err)
	return result, err
}

// namedMarks begins a query of marks of a class. Each has the name that the roster has now, for former students too.
func namedMarks(db *gorm.DB, classID ID) *gorm.DB {
	return db.Select(`session_id, marks.student_key, marks.student_number, COALESCE(e.student_name, marks.student_name) AS student_name,
		status, recorded_at, recorded_by_key, recorded_by_number, by_teacher`).
		Joins("LEFT JOIN enrolments e ON e.class_key = ? AND e.student_key = marks.student_key", classID.Key)
}

// marksOf returns all marks of a session, by student id.
func marksOf(db *gorm.DB, session Session) ([]Mark, error) {
	marks := []Mark{}
	err := namedMarks(db, session.ClassID).Where("session_id = ?", session.ID).Find(&marks).Error
	for i := range marks {
		marks[i].ClassID, marks[i].SessionType = session.ClassID, session.Type
	}
	sortByID(marks, func(m Mark) ID { return m.StudentID })
	return marks, err
}

const (
	// marksAtOnce is how many marks are in memory while a list of any length is read.
	marksAtOnce = 1000
	// pageTimeout bounds one page of such a list, and one piece of what is written in pieces.
	pageTimeout = 10 * time.Second
)

// eachMark reads all marks of a session, by student id, and holds no connection while the caller uses them. Only the ids
// are in memory all the time.
func (s *Store) eachMark(ctx context.Context, session Session) iter.Seq2[Mark, error] {
	return func(yield func(Mark, error) bool) {
		students, err := s.markedStudents(ctx, session)
		if err != nil {
			yield(Mark{}, err)
			return
		}
		for some := range slices.Chunk(students, marksAtOnce) {
			marks, err := s.marksOfStudents(ctx, session, some)
			if err != nil {
				yield(Mark{}, err)
				return
			}
			for _, mark := range marks {
				if !yield(mark, nil) {
					return
				}
			}
		}
	}
}

// markedStudents returns who has a mark in a session, by student id.
func (s *Store) markedStudents(ctx context.Context, session Session) ([]string, error) {
	students := []string{}
	err := s.read.WithContext(ctx).Model(&Mark{}).Where("session_id = ?", session.ID).Pluck("student_key", &students).Error
	sortByID(students, func(key string) ID { return ID{Key: key} })
	return students, s.failure(ctx, "read a session", err)
}

// marksOfStudents has a deadline of its own instead of ctx's: the caller may take long to pass the marks on.
func (s *Store) marksOfStudents(ctx context.Context, session Session, students []string) ([]Mark, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTimeout)
	defer cancel()
	marks, err := marksOf(s.read.WithContext(ctx).Where("marks.student_key IN ?", students), session)
	return marks, s.failure(ctx, "read a session", err)
}
