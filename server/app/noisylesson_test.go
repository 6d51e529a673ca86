package app

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/identity"
)

const noisySecret = "0123456789abcdef0123456789abcdef"

// noisySettings are those of a server for a noisyLesson.
var noisySettings = []string{"JWT_SECRET=" + noisySecret, "CODE_PERIOD=60s", "EVENT_RATE=50", "EVENT_BURST=60"}

// noisyLesson is a lesson in signed mode in which clients do what they may and much that they may not.
type noisyLesson struct {
	t   *testing.T
	app *App
	// told is every text of a client that must not be logged nor be in a label, by what it is.
	told map[string]string
}

func (l *noisyLesson) say(what, text string) string {
	l.told[what] = text
	return text
}

// token returns a token of a user, which must not be logged.
func (l *noisyLesson) token(user, role string, lifetime time.Duration) string {
	l.t.Helper()
	token, err := identity.Sign([]byte(noisySecret), user, role, "", "", lifetime)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.say(fmt.Sprintf("token %d of %s", len(l.told), user), token)
}

// connect returns a client of a user, whose token comes in the CONNECT packet.
func (l *noisyLesson) connect(user, role string) *client {
	l.t.Helper()
	socket, handshake := engineiotest.Connect(l.t, l.app.URL()+"/socket.io/", 4)
	l.say("sid of "+user, handshake.SID)
	socket.Send(l.t, `40{"token":"`+l.token(user, role, time.Hour)+`"}`)
	socket.ExpectPrefix(l.t, "40")
	return &client{socket, l.t}
}

// refused connects with these header fields and this CONNECT packet, which the server refuses.
func (l *noisyLesson) refused(query, packet string, fields ...string) {
	l.t.Helper()
	socket := engineiotest.Dial(l.t, l.app.URL()+"/socket.io/?EIO=4&transport=websocket"+query, fields...)
	socket.ExpectPrefix(l.t, "0")
	socket.Send(l.t, packet)
	socket.ExpectPrefix(l.t, "44")
}

// rest sends a request with a body and returns the answer.
func (l *noisyLesson) rest(method, path, token, body string, fields ...string) (int, string) {
	l.t.Helper()
	fields = append(fields, "Authorization", "Bearer "+token, "Content-Type", "application/json")
	answer := engineiotest.Do(l.t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, method, l.app.URL()+path, body, fields...)
	return answer.Status, answer.Body
}

// runNoisyLesson runs one.
func runNoisyLesson(t *testing.T, a *App) *noisyLesson {
	t.Helper()
	l := &noisyLesson{t: t, app: a, told: map[string]string{}}
	teacher := l.token("asha-teaches", "teacher", time.Hour)
	name := l.say("name of a student", "Chen Xiaoming")
	for path, body := range map[string]string{
		"/api/classes":             `{"id":"Zoology","name":"` + l.say("name of a class", "Animals of the Night") + `"}`,
		"/api/classes/Zoo/nothing": `{"payload":"` + l.say("body of a request to nowhere", "nowhere-body") + `"}`,
	} {
		l.rest(http.MethodPost, path, teacher, body)
	}
	if status, body := l.rest(http.MethodPut, "/api/classes/Zoology/roster", teacher,
		`{"students":[{"id":"chen-learns","name":"`+name+`"},{"id":"divya-learns","name":"Divya"},{"id":"elif-learns","name":"Elif"}]}`); status != http.StatusOK {
		t.Fatalf("roster: %d %s", status, body)
	}
	l.badConnections()
	l.badTransports()
	l.session()
	l.badEvents()
	l.badRequests(teacher)
	return l
}

// session is a session with a code, from its start to its end.
func (l *noisyLesson) session() {
	teacher, chen, divya := l.connect("asha-teaches", "teacher"), l.connect("chen-learns", "student"), l.connect("divya-learns", "student")
	for user, c := range map[string]*client{"asha-teaches": teacher, "chen-learns": chen, "divya-learns": divya} {
		c.wants(`"joinClass",{"userId":"`+user+`","classId":"Zoology"}`, `"success":true`)
	}
	teacher.wants(`"initiateAttendance",{"classId":"Zoology","teacherId":"asha-teaches","sessionType":"lecture","proof":"code"}`, `"success":true`)
	var shown struct{ Code string }
	answer := teacher.wants(`"fetchAttendanceCode",{"classId":"Zoology","sessionType":"lecture"}`, `"success":true`)
	if err := json.Unmarshal([]byte(strings.Trim(answer, "[]")), &shown); err != nil {
		l.t.Fatal(err)
	}
	l.say("code", shown.Code)
	device := l.say("id of a device", "device-of-chen-and-divya")
	mark := func(student, code string) string {
		return `"attendanceMarked",{"classId":"Zoology","studentId":"` + student + `","sessionType":"lecture","code":"` + code + `","deviceId":"` + device + `"}`
	}
	chen.wants(mark("chen-learns", ""), `"reason":"code_required"`)
	for _, guess := range []string{"GUESS2", "GUESS3", "GUESS4", "GUESS5", "GUESS6"} {
		divya.wants(mark("divya-learns", l.say("wrong code "+guess, guess)), `"reason":"code_wrong"`)
	}
	divya.wants(mark("divya-learns", shown.Code), `"reason":"code_throttled"`)
	chen.wants(mark("chen-learns", shown.Code), `"success":true`)
	chen.wants(mark("chen-learns", shown.Code), `"success":true`)
	chen.wants(mark("divya-learns", shown.Code), `"reason":"not_your_mark"`)
	elif := l.connect("elif-learns", "student")
	elif.wants(`"joinClass",{"userId":"elif-learns","classId":"Zoology"}`, `"success":true`)
	elif.wants(mark("elif-learns", shown.Code), `"success":true`)
	teacher.wants(`"fetchAttendance",{"classId":"Zoology","date":"`+l.app.store.Now().String()+`","sessionType":"lecture"}`, `"success":true`)
	chen.wants(`"endAttendance",{"classId":"Zoology","teacherId":"chen-learns","sessionType":"lecture"}`, `"reason":"only_teachers"`)
	teacher.wants(`"endAttendance",{"classId":"Zoology","teacherId":"asha-teaches","sessionType":"lecture"}`, `"success":true`)
	chen.wants(`"leaveClass",{"userId":"chen-learns","classId":"Zoology"}`, `"success":true`)
}

// badConnections are refused for their tokens, in each place where a token may be.
func (l *noisyLesson) badConnections() {
	l.refused("", `40{"token":"`+l.say("nonsense token", "nonsense.token.sent")+`"}`)
	l.refused("", `40{"token":"`+l.token("late-learns", "student", -time.Hour)+`"}`)
	l.refused("", "40")
	l.refused("&token="+l.say("token in the query", "query.token.sent"), "40")
	l.refused("", "40", "Cookie", "accessToken="+l.say("cookie", "cookie.token.sent")+"; session="+l.say("other cookie", "other-cookie-sent"))
	l.refused("", "40", "Authorization", "Bearer "+l.say("token in the header", "header.token.sent"))
}

// badTransports are requests that break Engine.IO, and an upgrade that does not.
func (l *noisyLesson) badTransports() {
	client := engineiotest.NewHTTPClient(l.t)
	base := l.app.URL() + "/socket.io/"
	for _, query := range []string{
		"?EIO=4&transport=" + l.say("unknown transport", "carrier-pigeon"), "?EIO=" + l.say("unknown revision", "revision-99") + "&transport=polling",
		"?EIO=4&transport=polling&sid=" + l.say("unknown sid", "sid-that-is-unknown"),
	} {
		engineiotest.Do(l.t, client, http.MethodGet, base+query, "")
	}
	engineiotest.Do(l.t, client, http.MethodGet, base+"?EIO=4&transport=polling", "", "Origin", "https://strangers.example")
	upgraded := engineiotest.Open(l.t, client, base, 4)
	upgraded.Post(l.t, `40{"token":"`+l.token("elif-learns", "student", time.Hour)+`"}`)
	upgraded.GetUntil(l.t, func(r engineiotest.Response) bool { return strings.HasPrefix(r.Body, "40") })
	probe := engineiotest.Dial(l.t, upgraded.WebSocketURL())
	probe.Send(l.t, "2probe")
	probe.ExpectText(l.t, "3probe")
	probe.Send(l.t, "5", `421["fetchAttendance",{}]`)
	probe.ExpectPrefix(l.t, `42["attendanceData"`)
	failed := engineiotest.Open(l.t, client, base, 3)
	engineiotest.Dial(l.t, failed.WebSocketURL()).Send(l.t, "2"+l.say("wrong probe", "wrong-probe-sent"))
	broken := engineiotest.Open(l.t, client, base, 4)
	broken.Post(l.t, l.say("broken packet", "x-broken-packet-sent"))
}

// badEvents are events that no handler takes or that are refused.
func (l *noisyLesson) badEvents() {
	c := l.connect("farid-learns", "student")
	secret := l.say("payload", "payload-of-an-event")
	for _, event := range []string{
		`"` + l.say("unknown event", "event.of.a.client") + `",{"secret":"` + secret + `"}`,
		`"joinClass","` + secret + `"`,
		`"joinClass",{"userId":"farid-learns","classId":"` + strings.Repeat(secret, 10) + `"}`,
		`"joinClass",{"userId":"somebody","classId":"Zoology"}`,
		`"joinClass",{"userId":"farid-learns","classId":"Zoology"}`,
		`"identify",{"userId":"somebody","role":"teacher"}`,
		`"attendanceMarked",{"classId":"Zoology","studentId":"farid-learns","studentName":"` + secret + `","sessionType":"lecture"}`,
		`"fetchAttendance",{"classId":"Zoology","date":"` + secret + `","sessionType":"lecture"}`,
	} {
		c.wants(event, `"success":false`)
	}
	for range 100 { // more than EVENT_BURST, so the last of them wait
		c.Send(l.t, `42["joinClass",{}]`)
	}
	c.ask(`"joinClass",{}`)
	c.Send(l.t, "4"+l.say("packet that is none", "9-packet-sent"))
	c.ExpectClosed(l.t)
}

// badRequests are REST requests that are refused.
func (l *noisyLesson) badRequests(teacher string) {
	l.rest(http.MethodGet, "/api/classes?token="+l.say("token in an address", "address.token.sent"), l.say("bearer", "bearer.token.sent"), "")
	l.rest(http.MethodPost, "/api/classes", teacher, `{"id":`+l.say("broken JSON", "broken-json-sent"))
	l.rest(http.MethodPost, "/api/classes/Zoology/roster/import", teacher, l.say("broken CSV", "broken;csv;sent"), "Content-Type", "text/csv")
	l.rest(http.MethodPost, "/api/classes/Zoology/marks", l.token("chen-learns", "student", time.Hour), `{"sessionType":"lecture","code":"`+l.say("code over REST", "RESTCD")+`"}`)
	l.rest(http.MethodGet, "/api/classes", teacher, "", "X-Request-ID", l.say("request id with a space", "request id sent"))
}

func (c *client) wants(event, part string) string {
	c.t.Helper()
	answer := c.ask(event)
	if !strings.Contains(answer, part) {
		c.t.Fatalf("%s was answered %s, want %s", event, answer, part)
	}
	return answer
}

// scrape returns the metrics of a server.
func scrape(t *testing.T, a *App) string {
	t.Helper()
	response, err := http.Get(a.URL() + metricsPath)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s: %v", response.StatusCode, body, err)
	}
	return string(body)
}
