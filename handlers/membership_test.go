package handlers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

const (
	chenJoined = `userJoined {"userId":"chen","message":"A student joined the class"}`
	chenLeft   = `userLeft {"userId":"chen","message":"A student left the class"}`
	inMath     = `{"classId":"Math","message":"You are in the class","success":true,"userId":`
)

func TestOpenModeBelievesUnidentifiedClients(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeOpen)
		teacher, student := s.connect(nobody), s.connect(nobody)
		s.follow(t, []step{
			// Who joins without identify is that student, and stays it; a class comes into being with its first visitor.
			{student, "joinClass", `{"userId":"chen","classId":"Math"}`, "", chenJoined, inMath + `"chen"}`},
			{student, "joinClass", `{"userId":"divya","classId":"Math"}`, `class:error {"message":"userId must be your own"}`, "", `{"message":"userId must be your own","reason":"user_differs","success":false}`},

			// Its first teacher owns it, the second does not.
			{teacher, "identify", `{"userId":7,"role":"teacher"}`, "", "", `{"message":"You are identified as a teacher","role":"teacher","success":true,"userId":7}`},
			{teacher, "joinClass", `{"userId":7,"classId":"Math"}`, "", `userJoined {"userId":7,"message":"The teacher joined the class"}`, inMath + `7}`},
			{s.connect(boris), "initiateAttendance", `{"classId":"Math","teacherId":"boris","sessionType":"lab"}`, `attendance:error {"message":"Not authorized to manage this class"}`, "", `{"message":"Not authorized to manage this class","reason":"not_owner","success":false}`},

			// The text and the integer are one person; the class reads the form that it has.
			{
				teacher, "initiateAttendance", `{"classId":"Math","teacherId":"7","sessionType":"lab"}`,
				`attendance:initiated {"success":true,"classId":"Math","sessionType":"lab","message":"Attendance for lab is open"}`,
				`attendanceStarted {"classId":"Math","teacherId":7,"sessionType":"lab","timestamp":"T","message":"Attendance for lab is open"}`,
				`{"classId":"Math","message":"Attendance for lab is open","sessionType":"lab","success":true}`,
			},

			// Who marks without anything else is that student, too, and with a name that others read from then on. Being in no
			// class, the client is sent its mark by itself.
			{
				s.connect(nobody), "attendanceMarked", `{"classId":"Math","studentId":"divya","studentName":"Divya","sessionType":"lab"}`,
				`attendanceUpdate {"classId":"Math","studentId":"divya","studentName":"Divya","status":"present","sessionType":"lab","timestamp":"T"}`,
				`attendanceUpdate {"classId":"Math","studentId":"divya","studentName":"Divya","status":"present","sessionType":"lab","timestamp":"T"}`,
				`{"classId":"Math","message":"Recorded as present","sessionType":"lab","status":"present","studentId":"divya","studentName":"Divya","success":true,"timestamp":"T"}`,
			},
			{
				s.connect(divya), "joinClass", `{"userId":"divya","classId":"Math"}`,
				`attendanceStarted {"classId":"Math","teacherId":7,"sessionType":"lab","timestamp":"T","message":"Attendance for lab is open"}`,
				`userJoined {"userId":"divya","message":"Divya joined the class"}`, inMath + `"divya"}`,
			},
		})
	})
}

func TestIdentifyAsOtherUserLeavesRoomsFirst(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := s.connect(chen)
	const nowBoris = `{"message":"You are identified as a teacher","role":"teacher","success":true,"userId":"boris"}`
	s.follow(t, []step{
		{client, "joinClass", `{"userId":"chen","classId":"Math"}`, "", chenJoined, inMath + `"chen"}`},
		{client, "identify", `{"userId":"chen","role":"student"}`, "", "", `{"message":"You are identified as a student","role":"student","success":true,"userId":"chen"}`},
		{client, "identify", `{"userId":"boris","role":"teacher"}`, "", chenLeft, nowBoris},
	})
	if len(client.joined) > 0 || client.user != "teacher:boris" {
		t.Errorf("it is %s and in %v", client.user, client.joined)
	}
}

func TestIdentifyAfterLossResumesClasses(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		s.lesson()
		client := s.connect(chen)
		client.resume = []string{"class:Math", "class:gone"}
		s.follow(t, []step{{
			client, "identify", `{"userId":"chen","role":"student"}`,
			`attendanceStarted {"classId":"Math","teacherId":"asha","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture is open"}`,
			`userJoined {"userId":"chen","message":"Chen joined the class"}`,
			`{"message":"You are identified as a student","role":"student","success":true,"userId":"chen"}`,
		}})
		if len(client.joined) != 1 || client.joined[0] != "class:Math" {
			t.Errorf("the client is in %v", client.joined)
		}
	})
}

// A socket in as many classes as it can be stays where it is.
func TestFullSocketEntersNoOtherClass(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.roster()
	if _, err := s.store.CreateClass(t.Context(), asha, models.ID{Key: "Physics"}, ""); err != nil {
		t.Fatal(err)
	}
	client := s.connect(asha)
	s.emit(client, "joinClass", `{"userId":"asha","classId":"Math"}`)
	client.full = true
	client.resume = []string{"class:Physics"}
	const tooMany = `"message":"One connection can be in at most 100 classes; leave one of them first"`
	s.follow(t, []step{
		{client, "joinClass", `{"userId":"asha","classId":"Math"}`, "", "", inMath + `"asha"}`}, // it is there
		{client, "joinClass", `{"userId":"asha","classId":"Physics"}`, `class:error {` + tooMany + `}`, "", `{` + tooMany + `,"reason":"too_many_classes","success":false}`},
		{client, "identify", `{"userId":"asha","role":"teacher"}`, "", "", `{"message":"You are identified as a teacher","role":"teacher","success":true,"userId":"asha"}`},
	})
	if got := fmt.Sprint(client.joined); got != "[class:Math]" {
		t.Errorf("it is in %s", got)
	}
}

func TestSecondSocketOfUserSendsNoPresence(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := s.connect(chen)
	client.second = true
	s.follow(t, []step{
		{client, "joinClass", `{"userId":"chen","classId":"Math"}`, "", "", inMath + `"chen"}`},
		{client, "leaveClass", `{"userId":"chen","classId":"Math"}`, "", "", `{"classId":"Math","message":"You have left the class","success":true,"userId":"chen"}`},
	})
}

func TestBrokenConnectionSendsUserLeft(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := s.connect(chen)
	s.emit(client, "joinClass", `{"userId":"chen","classId":"Math"}`)
	s.rooms.taken()
	s.handlers.UserLeft("class:Math", client.user, client.state)
	if got := plain(s.rooms.taken()); got != chenLeft {
		t.Errorf("the class got %s", got)
	}
}

func TestPanicInEventIsInternalErrorToSenderOnly(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := s.connect(chen)
	client.breaks = true
	s.follow(t, []step{{client, "joinClass", `{"userId":"chen","classId":"Math"}`, `class:error {"message":"internal error"}`, "", `{"message":"internal error","reason":"internal_error","success":false}`}})
	if !strings.Contains(s.log.String(), "out of luck") {
		t.Errorf("the log says %s", s.log)
	}
	client.breaks = false
	s.follow(t, []step{{client, "joinClass", `{"userId":"chen","classId":"Math"}`, "", chenJoined, inMath + `"chen"}`}})
}

func TestRateLimitedEventIsRefused(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := &socket{}
	s.handlers.RefuseRateLimited(client, true)
	if got := plain(client.emitted); got != `attendance:error {"message":"Too many events; please wait a moment and try again"}` {
		t.Error(got)
	}
}

// TestOverdueSessionEndsAtInterval runs the loop until it has ended one.
func TestOverdueSessionEndsAtInterval(t *testing.T) {
	s := startWith(t, modelstest.SQLite(t), models.Options{Mode: models.ModeSigned, SessionMax: 1})
	s.lesson()
	s.rooms.taken()
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.handlers.EndOverdue(ctx, 1)
	}()
	got := s.rooms.next(t)
	cancel()
	<-stopped
	if want := `attendanceEnded {"classId":"Math","sessionType":"lecture","timestamp":"T","message":"Attendance for lecture has ended"}`; plain(got) != want {
		t.Errorf("the class got %s", plain(got))
	}
}
