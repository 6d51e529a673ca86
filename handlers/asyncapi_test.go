package handlers_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// eventDocument is the AsyncAPI document as these tests need it.
type eventDocument struct {
	AsyncAPI string
	Channels struct {
		Attendance struct {
			Messages map[string]struct {
				Ref string `json:"$ref"`
			}
		}
	}
	Operations map[string]struct{ Action string }
	Components struct {
		Messages map[string]struct {
			Name     string
			Payload  map[string]any
			Examples []struct{ Payload json.RawMessage }
		}
	}
}

// eventSchemas has the document of open mode, and the schema of each of its messages.
var eventSchemas = sync.OnceValues(func() (described eventDocument, of map[string]*jsonschema.Schema) {
	body := handlers.EventDocument(models.ModeOpen)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = json.Unmarshal(body, &described)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	if err == nil {
		err = compiler.AddResource("asyncapi.json", value)
	}
	if err != nil {
		panic(err)
	}
	of = map[string]*jsonschema.Schema{}
	for key, message := range described.Components.Messages {
		of[message.Name] = compiler.MustCompile("asyncapi.json#/components/messages/" + key + "/payload")
	}
	return described, of
})

// misfit says why a payload is not what the AsyncAPI document says of the message, nil if it is.
func misfit(message string, payload []byte) error {
	_, of := eventSchemas()
	if of[message] == nil {
		return errors.New("the AsyncAPI document has no message " + message)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		return err
	}
	return of[message].Validate(value)
}

// replyOf returns the name of the message that acknowledges an event.
func replyOf(event string, done bool) string {
	plain := map[string]string{
		"student:joinClass": "joinClass", "student:leaveClass": "leaveClass", "student:markAttendance": "attendanceMarked",
		"teacher:startAttendance": "initiateAttendance", "teacher:endAttendance": "endAttendance",
	}
	if name, alias := plain[event]; alias {
		event = name
	}
	switch {
	case done:
		return event + ".done"
	case event == "fetchAttendance":
		return "fetchAttendance.refused"
	}
	return "refused"
}

func TestEventDocumentIsServedInBothModes(t *testing.T) {
	for _, mode := range []models.Mode{models.ModeOpen, models.ModeSigned} {
		got := start(t, modelstest.SQLite(t), mode).request(nobody, "GET", "/api/asyncapi.json", "")
		got.want(t, http.StatusOK, `"asyncapi": "3.0.0"`)
		if !bytes.Equal(got.body, handlers.EventDocument(mode)) {
			t.Errorf("%v: the server answers another document than EventDocument", mode)
		}
		if secured := strings.Contains(string(got.body), "securitySchemes"); secured != (mode == models.ModeSigned) {
			t.Errorf("%v: the document asks for a token: %v", mode, secured)
		}
	}
}

func TestEventMessageHasExampleThatFitsItsSchema(t *testing.T) {
	described, _ := eventSchemas()
	if len(described.Channels.Attendance.Messages) != len(described.Components.Messages) {
		t.Errorf("the channel has %d messages, the components %d", len(described.Channels.Attendance.Messages), len(described.Components.Messages))
	}
	for _, message := range described.Components.Messages {
		if len(message.Examples) != 1 || string(message.Examples[0].Payload) == "null" {
			t.Errorf("%s has no example", message.Name)
			continue
		}
		if err := misfit(message.Name, message.Examples[0].Payload); err != nil {
			t.Errorf("the example of %s: %v", message.Name, err)
		}
	}
}

// The lesson whose messages are the examples. What a client sends is an example under the event's name if it is the first that succeeds.
var lesson = []struct {
	by    string
	event string
	data  string
}{
	{"teacher", "identify", `{"userId":"teacher-1","role":"teacher"}`},
	{"teacher", "joinClass", `{"userId":"teacher-1","classId":"demo"}`},
	{"teacher", "fetchAttendanceCode", `{"classId":"demo","sessionType":"lecture"}`},
	{"teacher", "initiateAttendance", `{"classId":"demo","teacherId":"teacher-1","sessionType":"lecture","frequency":[1200,1800],"proof":"code","lateAfter":10,"endsAfter":30}`},
	{"teacher", "fetchAttendanceCode", `{"classId":"demo","sessionType":"lecture"}`},
	{"student", "identify", `{"userId":"student-1","role":"student"}`},
	{"student", "leaveClass", `{"userId":"student-2","classId":"demo"}`},
	{"student", "joinClass", `{"userId":"student-1","classId":"demo"}`},
	{"student", "attendanceMarked", `{"classId":"demo","studentId":"student-1","studentName":"Asha Rao","status":"present","sessionType":"lecture","code":"CODE","deviceId":"5f2d7c1e-8a44-4b0e-9d0c-3b8a1f6e2c77"}`},
	{"classmate", "identify", `{"userId":"student-2","role":"student"}`},
	{"classmate", "joinClass", `{"userId":"student-2","classId":"demo"}`},
	{"classmate", "attendanceMarked", `{"classId":"demo","studentId":"student-2","studentName":"Bo Lindqvist","sessionType":"lecture","code":"CODE","deviceId":"5f2d7c1e-8a44-4b0e-9d0c-3b8a1f6e2c77"}`},
	{"teacher", "fetchAttendance", `{"classId":"demo","date":"TODAY","sessionType":"lecture","since":"1970-01-01T00:00:00.000Z"}`},
	{"teacher", "fetchAttendance", `{"classId":"demo","date":"yesterday","sessionType":"lecture"}`},
	{"teacher", "endAttendance", `{"classId":"demo","teacherId":"teacher-1","sessionType":"lecture"}`},
	{"student", "leaveClass", `{"userId":"student-1","classId":"demo"}`},
}

// refusedToken is what a client in signed mode gets. tests/clients/asyncapi.test.mjs compares it with what the server sends.
const refusedToken = `{"message":"unauthorized","data":{"reason":"token_expired"}}`

type clientExample struct {
	Sent         json.RawMessage `json:"sent"`
	Acknowledged json.RawMessage `json:"acknowledged"`
}

type eventExamples struct {
	Client      map[string]clientExample   `json:"client"`
	Server      map[string]json.RawMessage `json:"server"`
	Refused     json.RawMessage            `json:"refused"`
	RefusedData json.RawMessage            `json:"refusedData"`
}

var (
	shownCode = regexp.MustCompile(`"code":"\w+"`)
	validFor  = regexp.MustCompile(`"validFor":\d+`)
)

// examplesOfLesson plays the lesson and returns what went over the wire. Times and the code are the same in every run.
func examplesOfLesson(t *testing.T) any {
	t.Helper()
	s := start(t, modelstest.SQLite(t), models.ModeOpen)
	today, code := time.Now().UTC().Format(time.DateOnly), ""
	fixed := func(text string) json.RawMessage {
		text = moment.ReplaceAllString(text, "2026-03-02T09:00:00.000Z")
		text = validFor.ReplaceAllString(shownCode.ReplaceAllString(text, `"code":"7KQ2MX"`), `"validFor":8250`)
		return json.RawMessage(strings.ReplaceAll(text, today, "2026-03-02"))
	}
	made := eventExamples{Client: map[string]clientExample{}, Server: map[string]json.RawMessage{"connect_error": json.RawMessage(refusedToken)}}
	clients := map[string]*socket{"teacher": {}, "student": {}, "classmate": {}}
	for _, step := range lesson {
		data := strings.NewReplacer("TODAY", today, "CODE", code).Replace(step.data)
		emitted, reply := s.emit(clients[step.by], step.event, data)
		for _, message := range append(emitted, s.rooms.taken()...) {
			event := message.event[strings.LastIndex(message.event, " ")+1:] // without whom it is for
			if _, known := made.Server[event]; !known {
				made.Server[event] = fixed(message.payload)
			}
			if event == "attendance:code" {
				code = strings.Split(shownCode.FindString(message.payload), `"`)[3]
			}
		}
		acknowledged := fixed(clients[step.by].acknowledged)
		switch {
		case reply.done():
			if _, known := made.Client[step.event]; !known {
				made.Client[step.event] = clientExample{fixed(data), acknowledged}
			}
		case step.event == "fetchAttendance":
			made.RefusedData = acknowledged
		case made.Refused == nil:
			made.Refused = acknowledged
		}
	}
	return made
}

func TestEventExamplesAreMessagesOfALesson(t *testing.T) {
	checkExamples(t, "eventexamples.json", "TestEventExamples", examplesOfLesson(t))
}
