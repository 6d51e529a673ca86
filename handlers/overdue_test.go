package handlers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestStartEndsSessionOfEarlierDayFirst has a teacher start Tuesday's lecture, under both names of the event, while Monday's is
// still active.
func TestStartEndsSessionOfEarlierDayFirst(t *testing.T) {
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
			t.Errorf("the class was sent %s", got)
		}
	})
}

// TestOverdueSessionEndsAtServerStart has the server away when a session's time comes.
func TestOverdueSessionEndsAtServerStart(t *testing.T) {
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	s := startWith(t, modelstest.SQLite(t), models.Options{Mode: models.ModeSigned, Clock: func() time.Time { return now }})
	s.lesson()
	s.rooms.taken()
	now = now.Add(18 * time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.handlers.EndOverdue(ctx, 24*time.Hour)
	}()
	got := s.rooms.next(t)
	cancel()
	<-stopped
	if len(got) != 1 || got[0].event != "attendanceEnded" {
		t.Errorf("the class was sent %s", plain(got))
	}
}
