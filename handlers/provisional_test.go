package handlers_test

import (
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// Each row has the event that made a client a provisional student, and whom the client then identifies as.
func TestProvisionalStudentIsUndoneOnIdentify(t *testing.T) {
	for _, test := range []struct {
		name, event, data, identify string
		roster                      string // afterwards
		room                        string // that the socket is in
		mark                        string // of chen: status and by whom
	}{
		{"a teacher joined", "joinClass", `{"userId":"asha","classId":"Math"}`, `{"userId":"asha","role":"teacher"}`, "[chen divya]", "[class:Math]", "absent asha"},
		{"another student joined", "joinClass", `{"userId":"elif","classId":"Math"}`, `{"userId":"divya","role":"student"}`, "[chen divya]", "[]", "absent asha"},
		{"the same student joined", "joinClass", `{"userId":"elif","classId":"Math"}`, `{"userId":"elif","role":"student"}`, "[chen divya elif]", "[class:Math]", "absent asha"},
		{"a student of the roster joined", "joinClass", `{"userId":"chen","classId":"Math"}`, `{"userId":"divya","role":"student"}`, "[chen divya]", "[]", "absent asha"},
		{"a teacher marked", "attendanceMarked", `{"classId":"Math","studentId":"chen","status":"late","sessionType":"lecture"}`, `{"userId":"asha","role":"teacher"}`, "[chen divya]", "[]", "late asha"},
		{"the same student marked", "attendanceMarked", `{"classId":"Math","studentId":"chen","status":"late","sessionType":"lecture"}`, `{"userId":"chen","role":"student"}`, "[chen divya]", "[]", "late chen"},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				s := start(t, db, models.ModeOpen)
				session := s.lesson()
				client := s.connect(nobody)
				s.emit(client, test.event, test.data)
				s.emit(client, "identify", test.identify)

				roster, err := s.store.Roster(t.Context(), asha, class)
				if err != nil {
					t.Fatal(err)
				}
				var on []string
				for _, enrolment := range roster {
					on = append(on, enrolment.StudentID.Key)
				}
				if len(on) == 3 && on[0] == "elif" { // a name that is missing sorts first
					on = append(on[1:], on[0])
				}
				if fmt.Sprint(on) != test.roster || fmt.Sprint(client.joined) != test.room {
					t.Errorf("roster %v, rooms %v; want %s and %s", on, client.joined, test.roster, test.room)
				}
				found, err := s.store.Fetch(t.Context(), asha, class, session.Day, "lecture")
				if err != nil {
					t.Fatal(err)
				}
				for _, record := range found.Records {
					if got := fmt.Sprint(record.Status, " ", record.RecordedBy.Key); record.StudentID.Key == "chen" && got != test.mark {
						t.Errorf("the mark is %s, want %s", got, test.mark)
					}
				}
			})
		})
	}
}
