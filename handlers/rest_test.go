package handlers_test

import (
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestATermOverHTTP goes the way of a teacher: class, roster, session, marks, correction, reports.
func TestATermOverHTTP(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		for _, step := range []struct{ method, path, body string }{
			{"POST", "/api/classes", `{"id":7,"name":"Physics"}`},
			{"GET", "/api/classes", ""},
			{"GET", "/api/classes/7", ""},
			{"PATCH", "/api/classes/7", `{"name":"P2"}`},
			{"PUT", "/api/classes/7/archived", `{"archived":false}`},
			{"PUT", "/api/classes/7/roster", `{"students":[{"id":1,"name":"A"},{"id":"b","name":"B"}]}`},
			{"POST", "/api/classes/7/roster", `{"students":[{"id":"c"}]}`},
			{"GET", "/api/classes/7/roster", ""},
			{"DELETE", "/api/classes/7/roster/c", ""},
			{"GET", "/api/classes/7/presence", ""},
			{"POST", "/api/classes/7/sessions", `{"sessionType":"lecture","frequency":18000}`},
			{"POST", "/api/classes/7/marks", `{"sessionType":"lecture","studentId":1,"status":"late"}`},
			{"POST", "/api/classes/7/sessions/end", `{"sessionType":"lecture"}`},
			{"GET", "/api/classes/7/sessions", ""},
			{"PUT", "/api/sessions/1/marks/1", `{"status":"excused","reason":"ill"}`},
			{"GET", "/api/sessions/1", ""},
			{"GET", "/api/sessions/1/changes?studentId=1", ""},
			{"GET", "/api/sessions/1/export", ""},
			{"GET", "/api/classes/7/export", ""},
			{"GET", "/api/classes/7/statistics", ""},
			{"GET", "/api/classes/7/statistics/students?below=0.5", ""},
			{"GET", "/api/classes/7/statistics/sessions", ""},
			{"GET", "/api/classes/7/history", ""},
		} {
			a := s.request(asha, step.method, step.path, step.body)
			t.Logf("%s %s: %d %s", step.method, step.path, a.StatusCode, a.body)
			for _, b := range s.rooms.taken() {
				t.Log("   broadcast", b)
			}
		}
	})
}
