package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestConnectionOfTwoStudentsRaisesFlag has a line for each use of a connection in open mode, where a client may say that it is somebody else.
// Each step is "connection is user" or "connection marks student status".
func TestConnectionOfTwoStudentsRaisesFlag(t *testing.T) {
	const role = `{"userId":%q,"role":%q}`
	mark := func(student, status string) string {
		return fmt.Sprintf(`{"classId":"Math","studentId":%q,"studentName":"","status":%q,"sessionType":"lecture"}`, student, status)
	}
	for _, test := range []struct {
		name  string
		steps []string
		flags []string // students
	}{
		{"each student has a connection", []string{"1 is chen", "1 marks chen", "2 is divya", "2 marks divya"}, nil},
		{"a connection of two students", []string{"1 is chen", "1 marks chen", "1 is divya", "1 marks divya"}, []string{`["chen","divya"]`}},
		{
			"a connection of two students, again",
			[]string{"1 is chen", "1 marks chen", "1 is divya", "1 marks divya", "1 is chen", "1 marks chen late"},
			[]string{`["chen","divya"]`},
		},
		{
			"a connection of three students",
			[]string{"1 is chen", "1 marks chen", "1 is divya", "1 marks divya", "1 is elif", "1 marks elif"},
			[]string{`["chen","divya"]`, `["chen","divya","elif"]`},
		},
		{"a client that did not say who it is", []string{"1 marks chen", "1 is divya", "1 marks divya"}, []string{`["chen","divya"]`}},
		{"a client that says late who it is", []string{"1 marks chen", "1 is chen", "1 marks chen late"}, nil},
		{"a teacher marks two students", []string{"1 is asha", "1 marks chen", "1 marks divya"}, nil},
		{"a teacher who said late who it is", []string{"1 marks chen", "1 is asha", "1 marks divya", "1 marks chen late"}, nil},
		{"a teacher's connection before a student's", []string{"1 is asha", "1 marks chen", "1 is divya", "1 marks divya"}, nil},
		{"a repeated mark", []string{"2 is divya", "2 marks divya", "1 is chen", "1 marks chen", "1 is divya", "1 marks divya"}, nil},
		{"a refused mark", []string{"1 is chen", "1 marks chen", "1 marks divya", "1 is divya", "1 marks divya excused"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, modelstest.SQLite(t), models.ModeOpen)
			s.lesson()
			clients := map[string]*socket{"1": {}, "2": {}}
			for _, step := range test.steps {
				words := append(strings.Fields(step), "present")
				if words[1] == "marks" {
					s.emit(clients[words[0]], "attendanceMarked", mark(words[2], words[3]))
					continue
				}
				as := models.RoleStudent
				if words[2] == asha.ID.Key {
					as = models.RoleTeacher
				}
				s.emit(clients[words[0]], "identify", fmt.Sprintf(role, words[2], as))
			}
			var flags []string
			for _, event := range s.rooms.taken() {
				if event.event == "to teacher:asha, admin:registrar attendance:flag" {
					_, students, _ := strings.Cut(event.payload, `"kind":"shared_connection","studentIds":`)
					students, _, _ = strings.Cut(students, `,"message"`)
					flags = append(flags, students)
				}
			}
			if fmt.Sprint(flags) != fmt.Sprint(test.flags) {
				t.Errorf("flagged %v, want %v", flags, test.flags)
			}
		})
	}
}
