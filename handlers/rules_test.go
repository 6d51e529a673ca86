package handlers_test

import (
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestLessonWithRulesSendsEachEventOnce has the events of a session with rules in full, each sent twice over as the frontend in use does.
func TestLessonWithRulesSendsEachEventOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		s := startWith(t, db, models.Options{Mode: models.ModeSigned, Clock: func() time.Time { return now }})
		s.roster()
		teacher, student := s.connect(asha), s.connect(chen)
		const (
			session = `{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`
			ruled   = `{"classId":"Math","teacherId":"asha","sessionType":"lecture","lateAfter":10,"endsAfter":30}`
			unruled = `{"classId":"Math","teacherId":"asha","sessionType":"lecture","lateAfter":null,"endsAfter":null,"proof":"none"}`
			mark    = `{"classId":"Math","studentId":"chen","sessionType":"lecture"}`
			opened  = `attendance:initiated {"success":true,"classId":"Math","sessionType":"lecture","message":"Attendance for lecture is open"}`
			open    = `{"classId":"Math","message":"Attendance for lecture is open","sessionType":"lecture","success":true}`
			again   = `{"classId":"Math","message":"Attendance for lecture was open already","sessionType":"lecture","success":true}`
			started = `attendanceStarted {"classId":"Math","teacherId":"asha","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture is open"`
			rules   = started + `,"lateAt":"2026-03-02T10:10:00.000Z","endsAt":"2026-03-02T10:30:00.000Z"}`
			joined  = `userJoined {"userId":"chen","message":"Chen joined the class"}`
		)
		s.follow(t, []step{
			{teacher, "initiateAttendance", session, opened, started + "}", open},
			{teacher, "initiateAttendance", ruled, opened, withoutTimes(rules), open},
			{teacher, "teacher:startAttendance", ruled, "", "", again},
			{student, "joinClass", `{"userId":"chen","classId":"Math"}`, withoutTimes(rules), joined, `{"classId":"Math","message":"You are in the class","success":true,"userId":"chen"}`},
		})
		now = now.Add(10 * time.Minute)
		student.waited = time.Second // the mark came in time, and was handled after
		_, answer := s.emit(student, "attendanceMarked", mark)
		if answer["message"] != "Recorded as present" {
			t.Errorf("in time: %v", answer)
		}
		student.waited = 0
		late := s.connect(divya)
		if _, answer = s.emit(late, "attendanceMarked", `{"classId":"Math","studentId":"divya","sessionType":"lecture"}`); answer["status"] != "late" {
			t.Errorf("at lateAt: %v", answer)
		}
		s.follow(t, []step{{teacher, "initiateAttendance", unruled, opened, started + "}", open}})
	})
}

// TestRuledSessionEndsOnTime has a session whose own end comes long before the next sweep.
func TestRuledSessionEndsOnTime(t *testing.T) {
	s := startWith(t, modelstest.SQLite(t), models.Options{Mode: models.ModeSigned})
	s.roster()
	result, err := s.store.Initiate(t.Context(), asha, models.InitiateRequest{
		ClassID: class, SessionType: "lecture", Rules: models.RulesChange{EndsAfter: new(models.Minutes(1))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if next, err := s.store.NextEnd(t.Context()); err != nil || next != result.Session.EndsAt {
		t.Errorf("the next end is at %v: %v", next, err)
	}
	if wait := s.handlers.UntilNextEnd(t.Context(), time.Hour); wait <= 0 || wait > time.Minute {
		t.Errorf("the next sweep is in %v", wait)
	}
	if _, err := s.store.End(t.Context(), asha, models.EndRequest{ClassID: class, SessionType: "lecture"}); err != nil {
		t.Fatal(err)
	}
	if wait := s.handlers.UntilNextEnd(t.Context(), time.Hour); wait != time.Hour {
		t.Errorf("without an end the next sweep is in %v", wait)
	}
}
