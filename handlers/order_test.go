package handlers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestNamesAndOrderAreEqualInEveryList corrects a name after a session, and reads every list of people.
func TestNamesAndOrderAreEqualInEveryList(t *testing.T) {
	const byName, byID = "Åse Bo student-2 student-10 Zoë", "Zoë Åse Bo student-2 student-10"
	for _, test := range []struct{ list, method, path, body, want string }{
		{"roster", "GET", "/api/classes/Math/roster", "", byName},
		{"statistics", "GET", "/api/classes/Math/statistics/students", "", byName},
		{"students below a rate", "GET", "/api/classes/Math/statistics/students?below=1", "", byName},
		{"class export", "GET", "/api/classes/Math/export", "", byName},
		{"presence", "GET", "/api/classes/Math/presence", "", byName},
		{"session", "GET", "/api/sessions/1", "", byID},
		{"session export", "GET", "/api/sessions/1/export", "", byID},
		{"fetchAttendance", "", "fetchAttendance", `{"classId":"Math","date":"` + time.Now().UTC().Format(time.DateOnly) + `","sessionType":"lecture"}`, byID},
		{"a mark over REST", "POST", "/api/classes/Math/marks", `{"sessionType":"lecture","studentId":"1","studentName":"zed"}`, "Zoë"},
		{"attendanceMarked", "", "attendanceMarked", `{"classId":"Math","studentId":"1","studentName":"zed","status":"late","sessionType":"lecture"}`, "Zoë"},
		{"a correction", "PUT", "/api/sessions/1/marks/1", `{"status":"present","reason":"was there"}`, "Zoë"},
	} {
		t.Run(test.list, func(t *testing.T) {
			s := start(t, modelstest.SQLite(t), models.ModeSigned)
			s.rooms.users = []string{"student:1", "student:2", "student:3", "student:student-10", "student:student-2"}
			s.request(asha, "POST", "/api/classes", `{"id":"Math"}`)
			s.request(asha, "PUT", "/api/classes/Math/roster", `{"students":[{"id":"student-10"},{"id":"student-2"},{"id":"1","name":"zed"},{"id":"3","name":"Bo"},{"id":"2","name":"Åse"}]}`)
			s.request(asha, "POST", "/api/classes/Math/sessions", `{"sessionType":"lecture"}`)
			if strings.Contains(test.path, "statistics") || strings.Contains(test.path, "export") {
				s.request(asha, "POST", "/api/classes/Math/sessions/end", `{"sessionType":"lecture"}`)
			}
			s.request(asha, "POST", "/api/classes/Math/roster", `{"students":[{"id":"1","name":"Zoë"}]}`)
			s.rooms.taken()

			var got string
			if test.method == "" {
				emitted, _ := s.emit(s.connect(asha), test.path, test.body)
				got = plain(emitted)
			} else {
				got = string(s.request(asha, test.method, test.path, test.body).body)
			}
			got += plain(s.rooms.taken())
			if strings.Contains(got, "zed") {
				t.Errorf("the old name is in %s", got)
			}
			rest := got
			for _, who := range strings.Fields(test.want) {
				var found bool
				if _, rest, found = strings.Cut(rest, who); !found {
					t.Fatalf("%s is not in its place, want %s in %s", who, test.want, got)
				}
			}
		})
	}
}

func TestClassesAreListedByNameArchivedLast(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	for _, class := range []string{`{"id":"1","name":"zoology"}`, `{"id":"2","name":"Biology 10"}`, `{"id":"3","name":"biology 9"}`, `{"id":"math"}`, `{"id":"4","name":"Écologie"}`, `{"id":"5","name":"Art"}`} {
		s.request(asha, "POST", "/api/classes", class)
	}
	s.request(asha, "PUT", "/api/classes/5/archived", `{"archived":true}`)
	rest := string(s.request(asha, "GET", "/api/classes", "").body)
	for _, class := range []string{"biology 9", "Biology 10", "Écologie", "math", "zoology", "Art"} {
		var found bool
		if _, rest, found = strings.Cut(rest, class); !found {
			t.Fatalf("%s is not in its place", class)
		}
	}
}
