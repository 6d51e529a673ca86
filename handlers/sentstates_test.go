package handlers_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// pressed are the actions that the frontend in use sends under two names, with what a socket is sent for the first press and
// for the second, whichever names they came under.
var pressed = []struct {
	action        string
	names         [2]string
	by            models.Actor
	data          string
	in            bool // the sender has joined the class
	before        string
	first, second string
}{
	{"mark, in the class", markNames, chen, chenPresent, true, "", "", ""},
	{"mark, out of the class", markNames, chen, chenPresent, false, "", "attendanceUpdate", ""},
	{"mark of before the join", markNames, chen, chenPresent, true, "marked before", "attendanceUpdate", ""},
	{"mark of before, out of the class", markNames, chen, chenPresent, false, "marked before", "attendanceUpdate", ""},
	{"mark over REST, in the class", markNames, chen, chenPresent, true, "marked over REST", "", ""},
	{"mark over REST, out of the class", markNames, chen, chenPresent, false, "marked over REST", "attendanceUpdate", ""},
	{"mark that the teacher confirms", markNames, asha, chenPresent, true, "marked over REST", "attendanceUpdate", ""},
	{"mark that the teacher confirms, outside", markNames, asha, chenPresent, false, "marked over REST", "attendanceUpdate", ""},
	{"mark that is refused", markNames, chen, chenExcused, true, "", "attendance:error", "attendance:error"},

	{"start", startNames, asha, labOfMath, true, "", "attendance:initiated", ""},
	{"start, out of the class", startNames, asha, labOfMath, false, "", "attendance:initiated", ""},
	{"start of what REST started", startNames, asha, labOfMath, true, "started over REST", "attendance:initiated", ""},
	{"start that is refused", startNames, chen, labOfMath, true, "", "attendance:error", "attendance:error"},

	{"end", endNames, asha, lectureOfMath, true, "", "attendance:ended", ""},
	{"end, out of the class", endNames, asha, lectureOfMath, false, "", "attendance:ended", ""},
	{"end of what REST ended", endNames, asha, lectureOfMath, true, "ended over REST", "attendance:ended", ""},
	{"end that is refused", endNames, asha, labOfMath, true, "", "attendance:error", "attendance:error"},

	{"join", joinNames, chen, chenInMath, false, "", "attendanceStarted", ""},
	{"join, in the class", joinNames, chen, chenInMath, true, "", "", ""},
	{"join that is refused", joinNames, chen, divyaInMath, false, "", "class:error", "class:error"},
	{"leave", [2]string{"leaveClass", "student:leaveClass"}, chen, chenInMath, true, "", "", ""},
}

var (
	markNames  = [2]string{"attendanceMarked", "student:markAttendance"}
	startNames = [2]string{"initiateAttendance", "teacher:startAttendance"}
	endNames   = [2]string{"endAttendance", "teacher:endAttendance"}
	joinNames  = [2]string{"joinClass", "student:joinClass"}
)

const (
	chenPresent   = `{"classId":"Math","studentId":"chen","status":"present","sessionType":"lecture"}`
	chenExcused   = `{"classId":"Math","studentId":"chen","status":"excused","sessionType":"lecture"}`
	lectureOfMath = `{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`
	labOfMath     = `{"classId":"Math","teacherId":"asha","sessionType":"lab"}`
	chenInMath    = `{"userId":"chen","classId":"Math"}`
	divyaInMath   = `{"userId":"divya","classId":"Math"}`
)

// TestActionUnderTwoNamesSendsOneMessage presses twice, and comes back and presses once more. The clock stands still in half of
// the runs: then the times of what is recorded tell nothing.
func TestActionUnderTwoNamesSendsOneMessage(t *testing.T) {
	for _, still := range []bool{false, true} {
		for _, test := range pressed {
			t.Run(fmt.Sprintf("%s, clock stands still %v", test.action, still), func(t *testing.T) {
				var ticks atomic.Int64
				s := startWith(t, modelstest.SQLite(t), models.Options{Mode: models.ModeSigned, Clock: func() time.Time {
					if !still {
						ticks.Add(1)
					}
					return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(time.Duration(ticks.Load()) * time.Millisecond)
				}})
				s.lesson()
				client := s.connect(test.by)
				enter := func() {
					if test.in {
						s.emit(client, "joinClass", fmt.Sprintf(`{"userId":%q,"classId":"Math"}`, test.by.ID.Key))
					}
				}
				if test.before == "marked before" {
					s.request(chen, "POST", "/api/classes/Math/marks", `{"sessionType":"lecture"}`)
				}
				enter()
				switch test.before {
				case "marked over REST":
					s.request(chen, "POST", "/api/classes/Math/marks", `{"sessionType":"lecture"}`)
				case "started over REST":
					s.request(asha, "POST", "/api/classes/Math/sessions", `{"sessionType":"lab"}`)
				case "ended over REST":
					s.request(asha, "POST", "/api/classes/Math/sessions/end", `{"sessionType":"lecture"}`)
				}
				press := func() string {
					var got []string
					for _, name := range test.names {
						emitted, _ := s.emit(client, name, test.data)
						for _, message := range emitted {
							got = append(got, message.event)
						}
					}
					return strings.Join(got, " ")
				}
				if got := press(); got != test.first && !(still && test.before == "marked over REST" && got == "attendanceUpdate") {
					t.Errorf("the first press sends %q, want %q", got, test.first)
				}
				if got := press(); got != test.second {
					t.Errorf("the second press sends %q, want %q", got, test.second)
				}
				if test.action == "leave" || test.names == joinNames {
					return
				}
				// What is so already has not been sent to the socket of a new connection.
				client = s.connect(test.by)
				enter()
				want := test.first
				if test.names == markNames && want == "" {
					want = "attendanceUpdate"
				}
				if got := press(); got != want {
					t.Errorf("a press after coming back sends %q, want %q", got, want)
				}
			})
		}
	}
}

// A mark that several press for in turn is confirmed to a socket once in each of its states.
func TestStateIsConfirmedOncePerSocket(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	teacher := s.connect(asha) // out of the class
	for i, step := range []struct{ student, status, want string }{
		{"chen", "present", "attendanceUpdate"},
		{"divya", "present", "attendanceUpdate"},
		{"chen", "present", ""},
		{"chen", "late", "attendanceUpdate"},
		{"chen", "present", "attendanceUpdate"}, // another state than the first: recorded later
		{"divya", "present", ""},
	} {
		data := fmt.Sprintf(`{"classId":"Math","studentId":%q,"status":%q,"sessionType":"lecture"}`, step.student, step.status)
		emitted, _ := s.emit(teacher, "attendanceMarked", data)
		got := ""
		for _, message := range emitted {
			got += message.event
		}
		if got != step.want {
			t.Errorf("step %d sends %q, want %q", i+1, got, step.want)
		}
	}
}

// However many states a socket has confirmed, it goes on getting confirmations of new ones.
func TestManyConfirmationsAreBounded(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	teacher := s.connect(asha)
	for i := range 250 {
		data := fmt.Sprintf(`{"classId":"Math","studentId":"chen","status":%q,"sessionType":"lecture"}`, []string{"late", "present"}[i%2])
		if emitted, _ := s.emit(teacher, "attendanceMarked", data); len(emitted) != 1 {
			t.Fatalf("change %d sends %v", i+1, emitted)
		}
	}
}
