package app

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models/modelstest"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/logging"
)

// debugLogger returns a logger like that of the program, at debug level.
func debugLogger(log *modelstest.Log, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	var handler slog.Handler = slog.NewTextHandler(log, options)
	if format == "json" {
		handler = slog.NewJSONHandler(log, options)
	}
	return slog.New(logging.NewContext(logging.NewRepeats(handler, time.Minute)))
}

// TestLogOfNoisyLessonHasNoSecret searches the debug log of a lesson in signed mode for all that its clients have sent.
func TestLogOfNoisyLessonHasNoSecret(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) { checkNoisyLog(t, format) })
	}
}

func checkNoisyLog(t *testing.T, format string) {
	var log modelstest.Log
	a, stop := startLogged(t, settings(t, noisySettings...), debugLogger(&log, format))
	lesson := runNoisyLesson(t, a)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	lesson.say("secret of the tokens", noisySecret)
	for _, user := range []string{"asha-teaches", "chen-learns", "divya-learns", "farid-learns"} {
		lesson.say("id of "+user, user)
	}
	for what, text := range lesson.told {
		if at := strings.Index(log.String(), text); at >= 0 {
			t.Errorf("the log has the %s: %.200s", what, log.String()[max(0, at-100):])
		}
	}
	for _, want := range []string{"engine session opened", "engine session closed", "event without a handler", "clients refused"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no line %q, so the lesson was not noisy enough", want)
		}
	}
}

// TestRequestIDIsAnsweredAndTakenIfPlain on each kind of path.
func TestRequestIDIsAnsweredAndTakenIfPlain(t *testing.T) {
	a, _ := start(t, settings(t))
	own := regexp.MustCompile(`^[0-9a-f]{16}$`)
	for _, test := range []struct {
		name  string
		sent  []string
		taken bool
	}{
		{"none", nil, false},
		{"plain", []string{"9f-A.b_1"}, true},
		{"as long as may be", []string{strings.Repeat("a", 64)}, true},
		{"too long", []string{strings.Repeat("a", 65)}, false},
		{"empty", []string{""}, false},
		{"with a space", []string{"a b"}, false},
		{"with a quotation mark", []string{`a"b`}, false},
		{"not ASCII", []string{"ä"}, false},
		{"two", []string{"a", "b"}, false},
	} {
		for path, fields := range map[string][]string{
			"/healthz": nil, "/metrics": nil, "/": nil, "/unknown": nil, "/api/classes": nil, "/api/unknown": nil,
			"/socket.io/?EIO=4&transport=polling": nil, "/socket.io/?EIO=9": nil, "/readyz": {"Origin", "https://strangers.example"},
		} {
			for _, id := range test.sent {
				fields = append(fields, "X-Request-ID", id)
			}
			_, header, _ := ask(t, http.MethodGet, a.URL()+path, fields...)
			got := header.Values("X-Request-ID")
			switch {
			case len(got) != 1:
				t.Errorf("%s: %s is answered with the ids %q", test.name, path, got)
			case test.taken && got[0] != test.sent[0]:
				t.Errorf("%s: %s is answered with the id %q instead of %q", test.name, path, got[0], test.sent[0])
			case !test.taken && !own.MatchString(got[0]):
				t.Errorf("%s: %s is answered with the id %q, which is not the server's", test.name, path, got[0])
			}
		}
	}
}

// TestLogLinesOfOneConnectionHaveItsID from the request that opens it to its end.
func TestLogLinesOfOneConnectionHaveItsID(t *testing.T) {
	var log modelstest.Log
	a, stop := startLogged(t, settings(t), debugLogger(&log, "text"))
	other := dial(t, a)
	socket := engineiotest.Dial(t, a.URL()+"/socket.io/?EIO=4&transport=websocket", "X-Request-ID", "the-request")
	socket.ExpectPrefix(t, "0")
	socket.Send(t, "40")
	socket.ExpectPrefix(t, "40")
	(&client{socket, t}).ask(`"noSuchEvent",{}`)
	socket.Send(t, "1")
	socket.ExpectClosed(t)
	other.ask(`"noSuchEvent",{}`)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	opened := regexp.MustCompile(`msg="engine session opened".* request_id=the-request connection_id=([0-9a-f]{16})`).FindStringSubmatch(log.String())
	if opened == nil {
		t.Fatalf("no line ties the request to its connection:\n%s", log.String())
	}
	for _, message := range []string{"event without a handler", "engine session closed"} {
		line := regexp.MustCompile(`msg="` + message + `".* connection_id=` + opened[1])
		if count := len(line.FindAllString(log.String(), -1)); count != 1 {
			t.Errorf("%d lines %q have the id of the connection, want 1:\n%s", count, message, log.String())
		}
	}
}

// TestFailureOfDatabaseNamesConnectionOrRequest of an event whose statement is its own, of one that shares a batch, and of a request.
func TestFailureOfDatabaseNamesConnectionOrRequest(t *testing.T) {
	database := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, database.Server)
	var log modelstest.Log
	a, stop := startLogged(t, settings(t, "DATABASE_DSN="+relay.DSN(database.Name)), debugLogger(&log, "text"))
	socket := engineiotest.Dial(t, a.URL()+"/socket.io/?EIO=4&transport=websocket", "X-Request-ID", "the-handshake")
	socket.ExpectPrefix(t, "0")
	socket.Send(t, "40")
	socket.ExpectPrefix(t, "40")
	teacher := &client{socket, t}
	for _, event := range []string{
		`"identify",{"userId":"asha","role":"teacher"}`,
		`"joinClass",{"userId":"asha","classId":"logged"}`,
		`"initiateAttendance",{"classId":"logged","teacherId":"asha","sessionType":"lab"}`,
	} {
		if answer := teacher.ask(event); !strings.Contains(answer, `"success":true`) {
			t.Fatalf("%s is answered %s", event, answer)
		}
	}
	relay.AtStatement(func(string) modelstest.Fault { return 1021 }) // the disk is full
	for _, event := range []string{
		`"attendanceMarked",{"classId":"logged","studentId":"chen","studentName":"Chen","sessionType":"lab"}`,
		`"endAttendance",{"classId":"logged","teacherId":"asha","sessionType":"lab"}`,
		`"joinClass",{"userId":"asha","classId":"another"}`,
	} {
		if answer := teacher.ask(event); !strings.Contains(answer, `"success":false`) {
			t.Errorf("%s is answered %s", event, answer)
		}
	}
	if status, _, body := ask(t, http.MethodGet, a.URL()+"/api/classes", "X-User", "asha", "X-Request-ID", "the-request"); status != http.StatusServiceUnavailable {
		t.Errorf("a request is answered %d %s", status, body)
	}
	relay.AtStatement(nil)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	opened := regexp.MustCompile(`request_id=the-handshake connection_id=([0-9a-f]{16})`).FindStringSubmatch(log.String())
	if opened == nil {
		t.Fatalf("no line ties the request to its connection:\n%s", log.String())
	}
	for operation, id := range map[string]string{
		"record marks": "connection_id=" + opened[1], "end attendance": "connection_id=" + opened[1],
		"join a class": "connection_id=" + opened[1], "list classes": "request_id=the-request",
	} {
		if !regexp.MustCompile(`msg="the database is not available" operation="` + operation + `".* ` + id).MatchString(log.String()) {
			t.Errorf("no line of the operation %q has %s:\n%s", operation, id, log.String())
		}
	}
}
