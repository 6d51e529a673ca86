package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestBrokenRuleIsRefusedWithSentence has the rules of the protocol, each with the event that breaks it and the sentence that comes back: in the
// error event that the protocol has for it, and in the acknowledgement.
func TestBrokenRuleIsRefusedWithSentence(t *testing.T) {
	today := time.Now().UTC().Format(time.DateOnly)
	for _, test := range []struct {
		rule  string
		by    models.Actor
		event string
		data  string
		open  string // the refusal
		also  string // in signed mode, where it differs
	}{
		{"a role is teacher or student", asha, "identify", `{"userId":"asha","role":"admin"}`, "role must be teacher or student", ""},
		{"identify says who and as what", asha, "identify", `{}`, "Missing required parameters: userId, role", ""},
		{"a token is not contradicted", asha, "identify", `{"userId":"boris","role":"teacher"}`, "", "This connection is signed in as somebody else"},
		{"nor is its role", asha, "identify", `{"userId":"asha","role":"student"}`, "", "This connection is signed in as somebody else"},

		{"nobody joins for another", chen, "joinClass", `{"userId":"divya","classId":"Math"}`, "userId must be your own", ""},
		{"nobody leaves for another", chen, "leaveClass", `{"userId":"divya","classId":"Math"}`, "userId must be your own", ""},
		{"joining needs a class", chen, "joinClass", `{"userId":"chen"}`, "Missing required parameters: classId", ""},
		{"leaving needs a class", chen, "leaveClass", `{"userId":"chen"}`, "Missing required parameters: classId", ""},
		{"who is not on the roster does not get in", elif, "joinClass", `{"userId":"elif","classId":"Math"}`, "", "Class not found"},
		{"another's class is not there", boris, "joinClass", `{"userId":"boris","classId":"Math"}`, "", "Class not found"},
		{"ids compare exactly", chen, "joinClass", `{"userId":"chen","classId":"math"}`, "", "Class not found"},
		{"an archived class is not entered", chen, "joinClass", `{"userId":"chen","classId":"Archived"}`, "This class is archived", ""},

		{"initiating says what", asha, "initiateAttendance", `{"frequency":[]}`, "Missing required parameters: classId, teacherId, sessionType", ""},
		{"students do not initiate", chen, "initiateAttendance", `{"classId":"Math","teacherId":"chen","sessionType":"lab"}`, "Only teachers can initiate attendance", ""},
		{"only the class's own teacher initiates", boris, "initiateAttendance", `{"classId":"Math","teacherId":"boris","sessionType":"lab"}`, "Not authorized to manage this class", "Class not found"},
		{"nobody initiates in another's name", asha, "initiateAttendance", `{"classId":"Math","teacherId":"boris","sessionType":"lab"}`, "Not authorized to manage this class", ""},
		{"what does not exist is not initiated", asha, "initiateAttendance", `{"classId":"none","teacherId":"asha","sessionType":"lab"}`, "Class not found", ""},
		{"an archived class has no new sessions", asha, "initiateAttendance", `{"classId":"Archived","teacherId":"asha","sessionType":"lab"}`, "This class is archived", ""},
		{"a session type is a word", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"a lab"}`, models.ErrInvalidSessionType.Error(), ""},
		{"a tone can be heard", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","frequency":-1}`, models.ErrInvalidFrequency.Error(), ""},
		{"no tone is above 24 kHz", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","frequency":[18000,24001]}`, models.ErrInvalidFrequency.Error(), ""},
		{"there are at most 16 tones", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","frequency":[` + strings.Repeat("1,", 16) + `1]}`, models.ErrInvalidFrequency.Error(), ""},
		{"tones are numbers", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","frequency":[1,null]}`, "frequency must be a number or a list of numbers", ""},

		{"there are two proofs", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","proof":"photo"}`, "proof must be none or code", ""},
		{"late after whole minutes", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","lateAfter":0.5}`, "lateAfter must be a whole number of minutes from 1 to 600, or null", ""},
		{"an end within ten hours", asha, "initiateAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab","endsAfter":601}`, "endsAfter must be a whole number of minutes from 1 to 600, or null", ""},

		{"ending says what", asha, "endAttendance", `{"classId":"Math"}`, "Missing required parameters: teacherId, sessionType", ""},
		{"students do not end", chen, "endAttendance", `{"classId":"Math","teacherId":"chen","sessionType":"lecture"}`, "Only teachers can end attendance sessions", ""},
		{"only the class's own teacher ends", boris, "endAttendance", `{"classId":"Math","teacherId":"boris","sessionType":"lecture"}`, "Not authorized to manage this class", "Class not found"},
		{"nobody ends in another's name", asha, "endAttendance", `{"classId":"Math","teacherId":"boris","sessionType":"lecture"}`, "Not authorized to manage this class", ""},
		{"what was not started does not end", asha, "endAttendance", `{"classId":"Math","teacherId":"asha","sessionType":"lab"}`, "No active attendance session for this class and session type", ""},

		{"a mark says for whom and where", chen, "attendanceMarked", `{"studentName":"Chen"}`, "Missing required parameters: classId, studentId, sessionType", ""},
		{"a mark needs an active session", chen, "attendanceMarked", `{"classId":"Math","studentId":"chen","sessionType":"lab"}`, "No active attendance session for this class and session type", ""},
		{"students mark only themselves", chen, "attendanceMarked", `{"classId":"Math","studentId":"divya","sessionType":"lecture"}`, "Students can only mark their own attendance", ""},
		{"students do not excuse themselves", chen, "attendanceMarked", `{"classId":"Math","studentId":"chen","status":"excused","sessionType":"lecture"}`, "Only the teacher can excuse a student", ""},
		{"a status is one of four", chen, "attendanceMarked", `{"classId":"Math","studentId":"chen","status":"Present","sessionType":"lecture"}`, "status must be present, late, absent or excused", ""},
		{"a teacher marks who is on the roster", asha, "attendanceMarked", `{"classId":"Math","studentId":"elif","sessionType":"lecture"}`, "This student is not on the roster of the class", ""},
		{"only the class's own teacher marks others", boris, "attendanceMarked", `{"classId":"Math","studentId":"chen","sessionType":"lecture"}`, "Not authorized to manage this class", "Class not found"},
		{"what the teacher set stays", divya, "attendanceMarked", `{"classId":"Math","studentId":"divya","sessionType":"lecture"}`, "The teacher has set this mark, so only the teacher can change it", ""},
		{"a name has at most 200 characters", chen, "attendanceMarked", `{"classId":"Math","studentId":"chen","studentName":"` + strings.Repeat("n", 201) + `","sessionType":"lecture"}`, models.ErrInvalidName.Error(), ""},

		{"fetching says what", asha, "fetchAttendance", `{}`, "Missing required parameters: classId, date, sessionType", ""},
		{"members fetch", elif, "fetchAttendance", `{"classId":"Math","date":"` + today + `","sessionType":"lecture"}`, "Class not found", ""},
		{"a date is a date", asha, "fetchAttendance", `{"classId":"Math","date":"yesterday","sessionType":"lecture"}`, "Invalid date format", ""},
		{"a day exists", asha, "fetchAttendance", `{"classId":"Math","date":"2026-02-30","sessionType":"lecture"}`, "Invalid date format", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			for _, mode := range []models.Mode{models.ModeOpen, models.ModeSigned} {
				want := test.open
				if mode == models.ModeSigned && test.also != "" {
					want = test.also
				}
				if want == "" {
					continue // no rule of open mode
				}
				// The rules themselves are tried on every database in models.
				s := start(t, modelstest.SQLite(t), mode)
				s.lesson()
				s.ruledOut()
				client := s.connect(test.by)
				s.rooms.taken()
				emitted, ack := s.emit(client, test.event, test.data)
				if !ack.refused(want) {
					t.Errorf("mode %d: the acknowledgement is %v, want %q", mode, ack, want)
				}
				wantError(t, test.event, emitted, want)
				s.quiet(test.rule)
			}
		})
	}
}

// ruledOut makes an archived class, and lets the teacher set Divya's mark.
func (s *server) ruledOut() {
	s.t.Helper()
	archived := models.ID{Key: "Archived"}
	_, err := s.store.CreateClass(s.t.Context(), asha, archived, "")
	if err == nil {
		_, err = s.store.AddToRoster(s.t.Context(), asha, archived, []models.Student{{ID: chen.ID}})
	}
	if err == nil {
		_, err = s.store.ArchiveClass(s.t.Context(), asha, archived, true)
	}
	if err == nil {
		_, err = s.store.Record(s.t.Context(), asha, models.MarkRequest{ClassID: class, StudentID: divya.ID, Status: models.Excused, SessionType: "lecture"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// refusedWith is the event that answers a refusal.
func refusedWith(event string) string {
	switch {
	case event == "fetchAttendance":
		return "attendanceData"
	case strings.HasSuffix(event, "joinClass") || strings.HasSuffix(event, "leaveClass"):
		return "class:error"
	}
	return "attendance:error"
}

// wantError checks that exactly one event came back, the right one, with this sentence.
func wantError(t testing.TB, event string, emitted []sent, want string) {
	t.Helper()
	var reply struct {
		Success *bool
		Message string
	}
	if len(emitted) != 1 || emitted[0].event != refusedWith(event) || json.Unmarshal([]byte(emitted[0].payload), &reply) != nil || reply.Message != want {
		t.Errorf("%s: the client got %v, want one %s with %q", event, emitted, refusedWith(event), want)
	}
	if event == "fetchAttendance" && (reply.Success == nil || *reply.Success) {
		t.Errorf("%s: the client got %v, want success: false", event, emitted)
	}
}

// step is one event with everything that it must cause.
type step struct {
	client    *socket
	event     string
	data      string
	emitted   string // to the client, timestamps as T
	broadcast string // to the class
	ack       string
}

func (s *server) follow(t *testing.T, steps []step) {
	t.Helper()
	s.rooms.taken()
	for i, step := range steps {
		emitted, ack := s.emit(step.client, step.event, step.data)
		broadcast := s.rooms.taken()
		text, err := json.Marshal(ack)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []struct{ what, got, want string }{
			{"the client gets", plain(emitted), step.emitted},
			{"the class gets", plain(broadcast), step.broadcast},
			{"the acknowledgement is", withoutTimes(string(text)), step.ack},
		} {
			if part.got != part.want {
				t.Errorf("step %d, %s: %s\n  %s, want\n  %s", i+1, step.event, part.what, part.got, part.want)
			}
		}
	}
}

func plain(events []sent) string {
	var parts []string
	for _, event := range events {
		parts = append(parts, event.event+" "+withoutTimes(event.payload))
	}
	return strings.Join(parts, "; ")
}

// TestLessonUnderBothNamesSendsEverythingOnce has every event with its payloads in full, sent twice over as the frontend in use does.
func TestLessonUnderBothNamesSendsEverythingOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		s.roster()
		today := time.Now().UTC().Format(time.DateOnly)
		teacher, student, late := s.connect(asha), s.connect(chen), s.connect(divya)
		member := func(who string) string { return fmt.Sprintf(`{"userId":%q,"classId":"Math"}`, who) }
		const (
			session   = `{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`
			tuned     = `{"classId":"Math","teacherId":"asha","sessionType":"lecture","frequency":18000}`
			mark      = `{"classId":"Math","studentId":"chen","studentName":"Chen","status":"late","sessionType":"lecture"}`
			joined    = `{"classId":"Math","message":"You are in the class","success":true,"userId":`
			started   = `attendanceStarted {"classId":"Math","teacherId":"asha","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture is open"}`
			restarted = `attendanceStarted {"classId":"Math","teacherId":"asha","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture is open","frequency":[18000]}`
			updated   = `attendanceUpdate {"classId":"Math","studentId":"chen","studentName":"Chen","status":"late","sessionType":"lecture","timestamp":"T"}`
			marked    = `{"classId":"Math","message":"Recorded as late","sessionType":"lecture","status":"late","studentId":"chen","studentName":"Chen","success":true,"timestamp":"T"}`
			records   = `[{"studentId":"chen","studentName":"Chen","status":"late","recordedAt":"T","recordedBy":"chen"},{"studentId":"divya","studentName":"Divya","status":"absent","recordedAt":"T","recordedBy":"asha"}]`
		)
		confirmation := func(event, message string) (emitted, ack string) {
			return fmt.Sprintf(`attendance:%s {"success":true,"classId":"Math","sessionType":"lecture","message":%q}`, event, message),
				fmt.Sprintf(`{"classId":"Math","message":%q,"sessionType":"lecture","success":true}`, message)
		}
		opened, openedAck := confirmation("initiated", "Attendance for lecture is open")
		_, openAlreadyAck := confirmation("initiated", "Attendance for lecture was open already")
		ended, endedAck := confirmation("ended", "Attendance for lecture has ended")
		_, endedAlreadyAck := confirmation("ended", "Attendance for lecture had ended already")
		s.follow(t, []step{
			{teacher, "identify", `{"userId":"asha","role":"teacher"}`, "", "", `{"message":"You are identified as a teacher","role":"teacher","success":true,"userId":"asha"}`},
			{teacher, "joinClass", member("asha"), "", `userJoined {"userId":"asha","message":"The teacher joined the class"}`, joined + `"asha"}`},
			{student, "joinClass", member("chen"), "", `userJoined {"userId":"chen","message":"Chen joined the class"}`, joined + `"chen"}`},
			{student, "student:joinClass", member("chen"), "", "", joined + `"chen"}`},

			{teacher, "initiateAttendance", session, opened, started, openedAck},
			{teacher, "teacher:startAttendance", session, "", "", openAlreadyAck},
			{teacher, "initiateAttendance", tuned, opened, restarted, openedAck},
			{teacher, "initiateAttendance", session, "", "", openAlreadyAck},

			{late, "joinClass", member("divya"), restarted, `userJoined {"userId":"divya","message":"Divya joined the class"}`, joined + `"divya"}`},
			{late, "joinClass", member("divya"), "", "", joined + `"divya"}`},

			{student, "attendanceMarked", mark, "", updated, marked},
			{student, "student:markAttendance", mark, "", "", marked},

			{teacher, "endAttendance", session, ended, `attendanceEnded {"classId":"Math","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture has ended"}`, endedAck},
			{teacher, "teacher:endAttendance", session, "", "", endedAlreadyAck},

			{
				student, "fetchAttendance", `{"classId":"Math","date":"` + today + `","sessionType":"lecture"}`,
				`attendanceData {"success":true,"exists":true,"classId":"Math","date":"` + today + `","sessionType":"lecture","message":"2 records","data":{"active":"completed","records":` + records + `}}`, "",
				`{"classId":"Math","data":{"active":"completed","records":[{"recordedAt":"T","recordedBy":"chen","status":"late","studentId":"chen","studentName":"Chen"},{"recordedAt":"T","recordedBy":"asha","status":"absent","studentId":"divya","studentName":"Divya"}]},"date":"` + today + `","exists":true,"message":"2 records","sessionType":"lecture","success":true}`,
			},
			{
				student, "fetchAttendance", `{"classId":"Math","date":"2020-01-01","sessionType":"lab"}`,
				`attendanceData {"success":true,"exists":false,"classId":"Math","date":"2020-01-01","sessionType":"lab","message":"Nothing is recorded for this class, day and session type","data":{"active":"initial","records":[]}}`, "",
				`{"classId":"Math","data":{"active":"initial","records":[]},"date":"2020-01-01","exists":false,"message":"Nothing is recorded for this class, day and session type","sessionType":"lab","success":true}`,
			},

			{student, "leaveClass", member("chen"), "", `userLeft {"userId":"chen","message":"Chen left the class"}`, `{"classId":"Math","message":"You have left the class","success":true,"userId":"chen"}`},
			{student, "student:leaveClass", member("chen"), "", "", `{"classId":"Math","message":"You have left the class","success":true,"userId":"chen"}`},
		})
	})
}
