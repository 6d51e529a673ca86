package models

import "cmp"

// This file holds the rules for a mark and for membership. None of them reads or writes the database: recordBatch reads a markContext
// and writes what the decision says, readMembers reads memberFacts. The rules for a session are in session.go and overdue.go.

// checkMark applies the rules that need no look at the class.
func checkMark(actor Actor, req MarkRequest) error {
	switch {
	case !validIDKey(req.StudentID.Key):
		return ErrInvalidID
	case !req.Status.valid():
		return ErrInvalidStatus
	case !validSessionType(req.SessionType):
		return ErrInvalidSessionType
	case !validText(req.StudentName, maxName):
		return ErrInvalidName
	case !validText(req.DeviceID, maxDeviceID):
		return ErrInvalidDevice
	case actor.ActsAsTeacher():
		return nil
	case !req.StudentID.Is(actor.ID):
		return ErrOthersMark
	case req.Status == Excused:
		return ErrStudentExcused
	}
	return nil
}

// markContext is what the database holds about one mark to be made, read after the class was locked.
type markContext struct {
	class     *Class     // nil: does not exist
	teacher   ID         // the actor, as one of the class's teachers beside the owner; zero: is none
	session   *Session   // nil: none of this type is active
	enrolment *Enrolment // the student's, nil: never on the roster
	previous  *Mark      // nil: none
}

func (c markContext) onRoster() bool { return c.enrolment != nil && c.enrolment.RemovedAt == 0 }

// relation returns what the database holds about the actor and the class. In open mode a mark puts its student on the roster.
func (c markContext) relation(mode Mode, actor Actor) relation {
	if c.class == nil {
		return relation{}
	}
	return relation{
		exists: true, owner: c.class.Owner, teacher: c.teacher,
		onRoster: !actor.ActsAsTeacher() && (mode == ModeOpen || c.onRoster()),
	}
}

// student returns whom a mark is for, in the form of the roster.
func (c markContext) student(req MarkRequest) ID {
	if c.enrolment != nil {
		return c.enrolment.StudentID
	}
	return req.StudentID
}

// decision says what is done about one mark.
type decision struct {
	result MarkResult
	write  bool // the row changes: with the status, or because the teacher confirmed it
	enrol  bool // the student comes onto the roster, or gets the name that was missing there

	needsCode bool // it is done only if the mark carries a valid code
}

// decide applies the rules to one mark that checkMark has let through.
func decide(mode Mode, actor Actor, req MarkRequest, c markContext) (decision, error) {
	teacher, wanted := actor.ActsAsTeacher(), accessRead
	if teacher {
		wanted = accessTeach
	}
	if err := permit(mode, actor, wanted, c.relation(mode, actor)); err != nil {
		return decision{}, err
	}
	switch {
	case c.session == nil || c.session.over(req.Received.at):
		return decision{}, ErrNoActiveSession
	case teacher && !c.onRoster():
		return decision{}, ErrNotOnRoster
	}
	enrol := enrols(mode, req, c)
	if enrol && !c.onRoster() && !req.StudentID.addressable() {
		return decision{}, ErrIDNotAddressable
	}
	req.Status = statusInTime(actor, req, c)
	student := c.student(req)
	mark := Mark{
		SessionID: c.session.ID, ClassID: c.class.ID, SessionType: req.SessionType, StudentID: student,
		StudentName: studentName(req, c), Status: req.Status,
		RecordedAt: c.class.LastAt, RecordedBy: actor.ID.as(student, c.class.Owner, c.teacher), ByTeacher: teacher,
	}
	needsCode := !teacher && c.session.Proof == ProofCode && req.Status.improves(c.previous)
	if c.previous == nil {
		return decision{result: MarkResult{Mark: mark, Changed: true}, write: true, enrol: enrol, needsCode: needsCode}, nil
	}
	if c.previous.Status == req.Status && (c.previous.ByTeacher || !teacher) {
		same := *c.previous
		same.ClassID, same.SessionType, same.StudentID, same.StudentName = mark.ClassID, mark.SessionType, mark.StudentID, mark.StudentName
		return decision{result: MarkResult{Mark: same}, enrol: enrol}, nil
	}
	if c.previous.ByTeacher && !teacher {
		return decision{}, ErrSetByTeacher
	}
	changed := c.previous.Status != req.Status
	return decision{result: MarkResult{Mark: mark, Changed: changed}, write: true, enrol: enrol, needsCode: needsCode}, nil
}

// improves tells whether a status says more of a student's presence than a mark.
func (s Status) improves(previous *Mark) bool {
	switch {
	case s != Present && s != Late:
		return false
	case previous == nil || previous.Status == Absent:
		return true
	}
	return s == Present && previous.Status == Late
}

// statusInTime returns the status that a mark gets: late for a student who says present too late. A student who is present already only
// confirms it.
func statusInTime(actor Actor, req MarkRequest, c markContext) Status {
	confirms := c.previous != nil && c.previous.Status == req.Status
	if !actor.ActsAsTeacher() && req.Status == Present && !confirms && c.session.late(req.Received.at) {
		return Late
	}
	return req.Status
}

// studentName returns the name that a mark is shown with: the roster's or, where that has none, the one that came with the mark.
func studentName(req MarkRequest, c markContext) string {
	if c.enrolment == nil {
		return req.StudentName
	}
	return cmp.Or(c.enrolment.StudentName, req.StudentName)
}

// enrols tells whether a mark also brings the student onto the roster, which only open mode allows, or the name that was
// missing there.
func enrols(mode Mode, req MarkRequest, c markContext) bool {
	if !c.onRoster() {
		return mode == ModeOpen
	}
	return c.enrolment.StudentName == "" && req.StudentName != ""
}

// checkMember tells whether a user may be in a class.
func checkMember(mode Mode, actor Actor, found memberFacts) error {
	if err := permit(mode, actor, accessRead, found.relation); err != nil {
		return err
	}
	if found.class.ArchivedAt != 0 {
		return ErrClassArchived
	}
	return nil
}

// needsEnrolment tells whether open mode has something to write before a user is in a class.
func (f *memberFacts) needsEnrolment(actor Actor) bool {
	switch {
	case f.exists && f.class.ArchivedAt != 0:
		return false
	case actor.Role == RoleTeacher:
		return !f.exists || f.owner.IsZero()
	}
	return !f.onRoster
}
