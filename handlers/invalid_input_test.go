package handlers_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// required are the parameters that each event must have, in the order in which a refusal lists them.
var required = map[string][]string{
	"identify":           {"userId", "role"},
	"joinClass":          {"userId", "classId"},
	"leaveClass":         {"userId", "classId"},
	"initiateAttendance": {"classId", "teacherId", "sessionType"},
	"endAttendance":      {"classId", "teacherId", "sessionType"},
	"attendanceMarked":   {"classId", "studentId", "sessionType"},
	"fetchAttendance":    {"classId", "date", "sessionType"},

	"fetchAttendanceCode": {"classId", "sessionType"},
}

// TestInvalidEventGetsOneSentence sends every event with arguments that make no sense. The answer is the documented one,
// and the same connection goes on to work.
func TestInvalidEventGetsOneSentence(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	s.lesson()
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	tooDeep := strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000)
	for _, event := range s.handlers.Table() {
		name := event.Name
		if plain, ok := aliases[name]; ok {
			name = plain
		}
		missing := "Missing required parameters: " + strings.Join(required[name], ", ")
		const noObject = "The data of this event must be one object"
		// with is valid data of the event, with one value replaced.
		with := func(key, value string) string {
			var data map[string]json.RawMessage
			if err := json.Unmarshal([]byte(eventArguments[name](cell{class: class, actor: chen})), &data); err != nil {
				t.Fatal(err)
			}
			data[key] = json.RawMessage(value)
			text, err := json.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		type attempt struct{ arguments, want string }
		attempts := []attempt{
			{"", missing},
			{"null", missing},
			{"{}", missing},
			{"null,null,null", missing},
			{"5", noObject},
			{`"text"`, noObject},
			{"true", noObject},
			{"[]", noObject},
			{deep, noObject},
			{`[{"userId":"chen"}]`, noObject},
			{tooDeep, missing},
			{`{"userid":"chen","classid":"Math","ROLE":"student","__proto__":{}}`, missing}, // keys are compared exactly
		}
		for _, key := range required[name] {
			sentence := key + " must be an integer or a text of 1 to 64 characters"
			bad := []string{`{}`, `[]`, `true`, `1.5`, `1e3`, `9007199254740993`, `"` + strings.Repeat("x", 65) + `"`, `"a\u0000b"`, `"\ud800"`, `{"$ne":null}`}
			if !strings.HasSuffix(key, "Id") {
				sentence = key + " must be a text"
				bad = []string{`{}`, `[]`, `true`, `5`, `{"$ne":null}`}
			}
			if strings.HasSuffix(key, "Id") {
				attempts = append(attempts, attempt{with(key, `"a\u200bb"`), key + " has invisible characters in it; type it again"})
			}
			for _, value := range bad {
				attempts = append(attempts, attempt{with(key, value), sentence})
			}
			for _, value := range []string{`null`, `""`} {
				attempts = append(attempts, attempt{with(key, value), "Missing required parameters: " + key})
			}
		}
		t.Run(event.Name, func(t *testing.T) {
			for _, try := range attempts {
				client := s.connect(chen)
				s.rooms.taken()
				emitted, ack := s.emit(client, event.Name, try.arguments)
				wantError(t, event.Name, emitted, try.want)
				if !ack.refused(try.want) {
					t.Errorf("%.80s: the acknowledgement is %v, want %q", try.arguments, ack, try.want)
				}
				s.quiet(fmt.Sprintf("%.80s", try.arguments))
				if _, ack := s.emit(client, "identify", `{"userId":"chen","role":"student","extra":[1,{"a":null}]},"more"`); !ack.done() {
					t.Errorf("after %.80s the connection does not work any more: %v", try.arguments, ack)
				}
			}
		})
	}
	if text := s.log.String(); text != "" {
		t.Errorf("bad input is no reason to log: %s", text)
	}
}

// TestRefusedFetchRepeatsItsArguments also where half of it makes no sense.
func TestRefusedFetchRepeatsItsArguments(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	client := s.connect(elif)
	const empty = `"data":{"active":"initial","records":[]}}`
	for data, want := range map[string]string{
		`{"classId":7,"date":"2026-01-01","sessionType":"lab"}`: `attendanceData {"success":false,"exists":false,"classId":7,"date":"2026-01-01","sessionType":"lab","message":"Class not found",` + empty,
		`{"classId":{},"date":5}`:                               `attendanceData {"success":false,"exists":false,"classId":null,"date":null,"sessionType":null,"message":"classId must be an integer or a text of 1 to 64 characters",` + empty,
	} {
		if emitted, _ := s.emit(client, "fetchAttendance", data); plain(emitted) != want {
			t.Errorf("%s: got %s", data, plain(emitted))
		}
	}
}

func TestInvalidRequestGetsProblem(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	for _, test := range []struct {
		mistake      string
		method, path string
		body         string
		status       int
		detail       string
	}{
		{"no body", "POST", "/api/classes", " ", 400, "The body must be JSON in UTF-8"},
		{"no JSON", "POST", "/api/classes", "{", 400, "The body must be JSON in UTF-8"},
		{"two values", "POST", "/api/classes", "{}{}", 400, "The body must be JSON in UTF-8"},
		{"no UTF-8", "POST", "/api/classes", "{\"id\":\"\xff\"}", 400, "The body must be JSON in UTF-8"},
		{"too deep", "POST", "/api/classes", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), 400, "The body must be JSON in UTF-8"},
		{"a list", "POST", "/api/classes", "[]", 400, "The body must be an object"},
		{"null", "POST", "/api/classes", "null", 400, "The body must be an object"},
		{"nothing in it", "PUT", "/api/sessions/1/marks/chen", "{}", 400, "Missing required parameters: status, reason"},
		{"an unknown key", "POST", "/api/classes", `{"id":1,"title":"x"}`, 400, `There is no parameter "title"`},
		{"a key in capitals", "POST", "/api/classes", `{"ID":1}`, 400, "Missing required parameters: id"},
		{"a bad id", "POST", "/api/classes", `{"id":1.5}`, 400, "id must be an integer or a text of 1 to 64 characters"},
		{"a name that is none", "POST", "/api/classes", `{"id":1,"name":[]}`, 400, "name must be a text"},
		{"a proof that there is not", "PATCH", "/api/classes/Math", `{"proof":"photo"}`, 400, "proof must be none or code"},
		{"a proof that is no text", "PATCH", "/api/classes/Math", `{"proof":5}`, 400, "proof must be none or code"},
		{"late after part of a minute", "PATCH", "/api/classes/Math", `{"lateAfter":1.5}`, 400, "lateAfter must be a whole number of minutes from 1 to 600, or null"},
		{"late at once", "PATCH", "/api/classes/Math", `{"lateAfter":0}`, 400, "lateAfter must be a whole number of minutes from 1 to 600, or null"},
		{"an end in text", "PATCH", "/api/classes/Math", `{"endsAfter":"30"}`, 400, "endsAfter must be a whole number of minutes from 1 to 600, or null"},
		{"a session that ends too late", "POST", "/api/classes/Math/sessions", `{"sessionType":"lab","endsAfter":601}`, 400, "endsAfter must be a whole number of minutes from 1 to 600, or null"},
		{"a long name", "PATCH", "/api/classes/Math", `{"name":"` + strings.Repeat("x", 201) + `"}`, 400, "A name must be a text of at most 200 characters"},
		{"a text for a truth", "PUT", "/api/classes/Math/archived", `{"archived":"yes"}`, 400, "archived must be true or false"},
		{"no list", "PUT", "/api/classes/Math/roster", `{"students":{}}`, 400, "students must be a list"},
		{"no student", "PUT", "/api/classes/Math/roster", `{"students":[5]}`, 400, "students[0] must be an object"},
		{"no id", "PUT", "/api/classes/Math/roster", `{"students":[{"id":"a"},{"name":"x"}]}`, 400, "Missing required parameters: students[1].id"},
		{"a name that is none, of a student", "PUT", "/api/classes/Math/roster", `{"students":[{"id":"a"},{"name":7,"id":"b"}]}`, 400, "students[1].name must be a text (id b)"},
		{"an unknown key of a student", "PUT", "/api/classes/Math/roster", `{"students":[{"id":"a"},{"id":7,"mail":"x"}]}`, 400, `There is no parameter "students[1].mail" (id 7)`},
		{"a long name of a student", "PUT", "/api/classes/Math/roster", `{"students":[{"id":"a"},{"id":"b","name":"` + strings.Repeat("x", 201) + `"}]}`, 400, "students[1], id b: A name must be a text of at most 200 characters"},
		{"a long name of a student to be added", "POST", "/api/classes/Math/roster", `{"students":[{"id":7,"name":"a\nb"}]}`, 400, "students[0], id 7: A name must be a text of at most 200 characters"},
		{"a bad id of a student", "PUT", "/api/classes/Math/roster", `{"students":[{"id":"a"},{"id":true,"name":"Bo"}]}`, 400, "students[1].id must be an integer or a text of 1 to 64 characters"},
		{"a student twice", "PUT", "/api/classes/Math/roster", `{"students":[{"id":5},{"id":"5"}]}`, 400, "The student 5 is listed twice"},
		{"an id that is too long", "GET", "/api/classes/" + strings.Repeat("x", 65), "", 400, "classId must be an id of 1 to 64 characters"},
		{"a path with invisible characters", "GET", "/api/classes/M%E2%80%8Bath", "", 400, "classId has invisible characters in it; type it again"},
		{"a query with invisible characters", "GET", "/api/sessions/1/changes?studentId=c%C2%ADhen", "", 400, "studentId has invisible characters in it; type it again"},
		{"a body with invisible characters", "POST", "/api/classes", `{"id":"M\u202eath"}`, 400, "id has invisible characters in it; type it again"},
		{"an id that is no text", "GET", "/api/classes/%ff", "", 400, "classId must be an id of 1 to 64 characters"},
		{"a session that is no number", "GET", "/api/sessions/one", "", 404, "Session not found"},
		{"a session out of range", "GET", "/api/sessions/99999999999999999999", "", 404, "Session not found"},
		{"no day", "GET", "/api/classes/Math/sessions?from=tomorrow", "", 400, "Invalid date format"},
		{"days in disorder", "GET", "/api/classes/Math/export?from=2026-02-02&to=2026-01-01", "", 400, "The first date must not be after the last date"},
		{"a rate over 1", "GET", "/api/classes/Math/statistics/students?below=75", "", 400, "below must be a number from 0 to 1"},
		{"a rate that is none", "GET", "/api/classes/Math/statistics/students?below=NaN", "", 400, "below must be a number from 0 to 1"},
		{"an odd truth", "POST", "/api/classes/Math/roster/import?dryRun=1", "id\n5", 400, "dryRun must be true or false"},
		{"a student that is none", "GET", "/api/sessions/1/changes?studentId=%00", "", 400, "studentId must be an id of 1 to 64 characters"},
		{"a page without changes", "GET", "/api/sessions/1/changes?limit=0", "", 400, "limit must be a number above 0"},
		{"a page of less than none", "GET", "/api/sessions/1/changes?limit=-1", "", 400, "limit must be a number above 0"},
		{"a page over the limit", "GET", "/api/sessions/1/changes?limit=5001", "", 400, "limit must be a number from 1 to 5000"},
		{"a page of 2^32 + 1", "GET", "/api/sessions/1/changes?limit=4294967297", "", 400, "limit must be a number from 1 to 5000"},
		{"a page out of range", "GET", "/api/sessions/1/changes?limit=99999999999999999999", "", 400, "limit must be a number above 0"},
		{"a cursor that is none", "GET", "/api/sessions/1/changes?after=x", "", 400, "after must be a number above 0"},
		{"a cursor before the first", "GET", "/api/sessions/1/changes?after=-1", "", 400, "after must be a number above 0"},
		{"a bad type", "POST", "/api/classes/Math/sessions", `{"sessionType":"a b"}`, 400, models.ErrInvalidSessionType.Error()},
		{"bad tones", "POST", "/api/classes/Math/sessions", `{"sessionType":"lab","frequency":["x"]}`, 400, "frequency must be a number or a list of numbers"},
		{"no session", "POST", "/api/classes/Math/marks", `{"sessionType":"lab"}`, 403, "Students can only mark"},
		{"a device that is no text", "POST", "/api/classes/Math/marks", `{"sessionType":"lecture","studentId":"chen","deviceId":5}`, 400, "deviceId must be a text"},
		{"a device with a long id", "POST", "/api/classes/Math/marks", `{"sessionType":"lecture","studentId":"chen","deviceId":"` + strings.Repeat("x", 65) + `"}`, 400, "deviceId must be a text of at most 64 characters without control characters"},
		{"a flag that is no number", "DELETE", "/api/sessions/1/flags/one", `{"reason":"x"}`, 404, "Flag not found"},
		{"no reason of a dismissal", "DELETE", "/api/sessions/1/flags/1", `{}`, 400, "Missing required parameters: reason"},
		{"no reason", "PUT", "/api/sessions/1/marks/chen", `{"status":"late","reason":""}`, 400, "A correction needs a reason"},
		{"no student on the roster", "PUT", "/api/sessions/1/marks/elif", `{"status":"late","reason":"x"}`, 404, "This student is not on the roster of the class"},
		{"an active session", "PUT", "/api/classes/Math/archived", `{"archived":true}`, 409, "End the active attendance session first"},
		{"a path that is none", "GET", "/api/classrooms", "", 404, "There is nothing at this address"},
		{"a visibility that is none", "PATCH", "/api/classes/Math", `{"visibility":"all"}`, 400, "visibility must be class or own"},
		{"a method that is none", "PUT", "/api/classes/Math", "", 404, "There is nothing at this address"},
		{"an id that is taken", "POST", "/api/classes", `{"id":"Math"}`, 409, "A class with this id exists already"},
	} {
		t.Run(test.mistake, func(t *testing.T) {
			by := asha
			if test.mistake == "no session" {
				by = models.Actor{ID: divya.ID, Role: models.RoleStudent}
				test.body = `{"sessionType":"lab","studentId":"chen"}`
			}
			got := s.request(by, test.method, test.path, test.body)
			got.want(t, test.status, "")
			wantProblem(t, got, test.detail)
		})
	}
}

func wantProblem(t *testing.T, got answer, detail string) {
	t.Helper()
	p := got.object(t)
	text, _ := p["detail"].(string)
	if !strings.HasPrefix(text, detail) || p["status"] != float64(got.StatusCode) || p["title"] != http.StatusText(got.StatusCode) ||
		p["type"] != "about:blank" || got.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("got %d %s %s, want %q", got.StatusCode, got.Header.Get("Content-Type"), got.body, detail)
	}
}

func TestRequestWithoutValidUserGets401(t *testing.T) {
	for _, test := range []struct {
		who    string
		mode   models.Mode
		header map[string]string
		detail string // empty: welcome
	}{
		{"nobody, open", models.ModeOpen, nil, "Say who you are: send the header X-User"},
		{"a teacher without a role", models.ModeOpen, map[string]string{"X-User": "asha"}, ""},
		{"somebody with another alphabet", models.ModeOpen, map[string]string{"X-User": "%E0%A4%85%E0%A4%B6%E0%A4%BE"}, ""},
		{"half an escape", models.ModeOpen, map[string]string{"X-User": "%e"}, "The header X-User must be an id"},
		{"no UTF-8", models.ModeOpen, map[string]string{"X-User": "%ff"}, "The header X-User must be an id"},
		{"too long an id", models.ModeOpen, map[string]string{"X-User": strings.Repeat("x", 65)}, "The header X-User must be an id"},
		{"an unknown role", models.ModeOpen, map[string]string{"X-User": "asha", "X-Role": "admin"}, "The header X-Role must be teacher or student"},
		{"a cookie, open", models.ModeOpen, map[string]string{"Cookie": "accessToken=teacher:asha"}, "Say who you are"},

		{"nobody, signed", models.ModeSigned, nil, "Send a token that is valid"},
		{"a good token", models.ModeSigned, map[string]string{"Authorization": "Bearer teacher:asha"}, ""},
		{"a bad token", models.ModeSigned, map[string]string{"Authorization": "Bearer x"}, "Send a token that is valid"},
		{"a header of open mode", models.ModeSigned, map[string]string{"X-User": "asha"}, "Send a token that is valid"},
		{"a cookie, signed", models.ModeSigned, map[string]string{"Cookie": "accessToken=teacher:asha"}, "Send a token that is valid"},
	} {
		t.Run(test.who, func(t *testing.T) {
			s := start(t, modelstest.SQLite(t), test.mode)
			request := s.newRequest(nobody, "GET", "/api/classes", nil)
			for name, value := range test.header {
				request.Header.Set(name, value)
			}
			got := s.do(request)
			if test.detail == "" {
				got.want(t, http.StatusOK, `{"classes":[]}`)
				return
			}
			got.want(t, http.StatusUnauthorized, "")
			wantProblem(t, got, test.detail)
			if challenge := got.Header.Get("WWW-Authenticate"); (challenge == "Bearer") != (test.mode == models.ModeSigned) {
				t.Errorf("WWW-Authenticate is %q", challenge)
			}
			if strings.Contains(string(got.body), "signature") {
				t.Errorf("it says why: %s", got.body)
			}
		})
	}
}

func TestBodyOverLimitIsRefused(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	got := s.request(asha, "PATCH", "/api/classes/Math", `{"name":"`+strings.Repeat("x", 1<<20)+`"}`)
	got.want(t, http.StatusRequestEntityTooLarge, "")
	wantProblem(t, got, "The body may have at most 1 MB")
	got = s.request(asha, "PUT", "/api/classes/Math/roster", strings.Repeat(" ", 8<<20)+"{}")
	got.want(t, http.StatusRequestEntityTooLarge, "")
	wantProblem(t, got, "The body may have at most 8 MB")

	request := s.newRequest(asha, "PATCH", "/api/classes/Math", strings.NewReader(`{"name":"x"}`))
	request.Header.Set("Content-Type", "text/plain") // what a page of another site can send without being asked
	got = s.do(request)
	got.want(t, http.StatusUnsupportedMediaType, "")
	wantProblem(t, got, "The body must be JSON")
}

// TestBodyThatBreaksOffIsRefused does not hold on to anything: goleak looks after the tests.
func TestBodyThatBreaksOffIsRefused(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "POST /api/classes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer teacher:asha\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"id\":")
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(connection)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	if len(text) > 0 && !strings.Contains(string(text), "The body could not be read") {
		t.Errorf("got %s", text)
	}
}

// TestIDWithInvisibleEndsIsSameStudent has a client write the id of a student on the roster with invisible characters.
func TestIDWithInvisibleEndsIsSameStudent(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	s.lesson()
	client := s.connect(chen)
	_, ack := s.emit(client, "attendanceMarked", `{"classId":"Math\u200b","studentId":"\u00adchen","studentName":"Ch\u202een","sessionType":"lecture"}`)
	if !ack.done() {
		t.Fatalf("the acknowledgement is %v", ack)
	}
	roster := s.request(asha, "GET", "/api/classes/%E2%80%8BMath/roster", "")
	if text := string(roster.body); strings.Count(text, `"chen"`) != 1 || strings.Contains(text, "\u200b") || strings.Contains(text, "\u00ad") {
		t.Errorf("the roster is %s", text)
	}
	put := s.request(asha, "POST", "/api/classes/Math/roster", `{"students":[{"id":"new\u200d","name":"\u2067Ne\u00adw\u2069"}]}`)
	put.want(t, http.StatusOK, "")
	if text := string(s.request(asha, "GET", "/api/classes/Math/roster", "").body); !strings.Contains(text, `{"id":"new","name":"New",`) {
		t.Errorf("the roster is %s", text)
	}
}
