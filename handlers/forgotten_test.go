package handlers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestStartEndsAForgottenSessionFirst has a teacher start Tuesday's lecture, under both names of the event, while Monday's is
// still active.
func TestStartEndsAForgottenSessionFirst(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
		s := startWith(t, db, models.Options{Mode: models.ModeSigned, SessionMax: 24 * time.Hour, Clock: func() time.Time { return now }})
		s.lesson()
		s.rooms.taken()
		now = time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
		teacher := s.connect(asha)
		const request = `{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`
		_, first := s.emit(teacher, "initiateAttendance", request)
		_, second := s.emit(teacher, "teacher:startAttendance", request)
		if first["message"] != "Attendance for lecture is open" || second["message"] != "Attendance for lecture was open already" {
			t.Errorf("answered %v, then %v", first, second)
		}
		var names []string
		for _, message := range s.rooms.taken() {
			names = append(names, message.event)
		}
		if got := strings.Join(names, " "); got != "attendanceEnded attendanceStarted" {
			t.Errorf("the class heard %s", got)
		}
	})
}
