package app

import (
	"strings"
	"testing"
)

// TestSenderGetsEventsBeforeAcknowledgement has a line for each event that sends its sender others, in the order in which one teacher
// emits them.
func TestSenderGetsEventsBeforeAcknowledgement(t *testing.T) {
	a, _ := start(t, settings(t))
	other := dial(t, a)
	teacher := dial(t, a)
	const session = `{"classId":"c","teacherId":"t","sessionType":"lecture"}`
	for _, event := range []string{`"identify",{"userId":"t","role":"teacher"}`, `"joinClass",{"userId":"t","classId":"c"}`, `"initiateAttendance",` + session} {
		other.ask(event)
	}
	for _, test := range []struct{ event, want string }{
		{`"identify",{"userId":"t","role":"teacher"}`, ""},
		{`"joinClass",{"userId":"t","classId":"c"}`, "attendanceStarted"},
		{`"attendanceMarked",{"classId":"c","studentId":"s","studentName":"S","status":"late","sessionType":"lecture"}`, "attendance:error"},
		{`"endAttendance",` + session, "attendanceEnded attendance:ended"},
		{`"initiateAttendance",` + session, "attendanceStarted attendance:initiated"},
		{`"fetchAttendance",{"classId":"c","date":"2026-03-02","sessionType":"lecture"}`, "attendanceData"},
		{`"leaveClass",{"userId":"x","classId":"c"}`, "class:error"},
		{"lost connection", ""},
		{`"identify",{"userId":"t","role":"teacher"}`, "attendanceEnded attendanceStarted"},
	} {
		if test.event == "lost connection" {
			_ = teacher.Close()
			waitFor(t, func() bool { return a.hub.Sockets() == 1 })
			other.ask(`"endAttendance",` + session)
			other.ask(`"initiateAttendance",{"classId":"c","teacherId":"t","sessionType":"lab"}`)
			teacher = dial(t, a)
			continue
		}
		before, answer := teacher.askInOrder(test.event)
		var names []string
		for _, event := range before {
			name, _, _ := strings.Cut(strings.TrimPrefix(event, `42["`), `"`)
			names = append(names, name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: before the acknowledgement %s came %q, want %q", test.event, answer, got, test.want)
		}
	}
}
