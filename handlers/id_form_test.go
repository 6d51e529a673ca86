package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// idKeys are the keys below which an answer or event has an id of a class or a person.
var idKeys = []string{"id", "classId", "teacherId", "studentId", "userId", "recordedBy", "changedBy"}

// wrongForms returns the ids in a JSON text that are not numbers (or texts, if number is false).
func wrongForms(t *testing.T, text string, number bool) (wrong []string) {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var walk func(value any)
	walk = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				walk(element)
			}
		case map[string]any:
			_, isSession := value["sessionType"]
			for key, element := range value {
				_, isNumber := element.(float64)
				if slices.Contains(idKeys, key) && isNumber != number && (!isSession || key != "id") {
					wrong = append(wrong, fmt.Sprintf("%s: %v", key, element))
				}
				walk(element)
			}
		}
	}
	walk(value)
	return wrong
}

// idForms are the class 5, its student 7 and its teacher 9, whose ids are stored in one form and sent in another.
type idForms struct {
	*server
	stored, sent bool // as numbers
	sockets      map[models.Role]*socket
}

func id(key string, number bool) models.ID { return models.ID{Key: key, Number: number} }

func (p *idForms) actor(role models.Role) models.Actor {
	if role == models.RoleTeacher {
		return models.Actor{ID: id("9", p.stored), Role: role}
	}
	return models.Actor{ID: id("7", p.stored), Role: role}
}

// data puts the ids in the form that is sent in the place of C, S and T.
func (p *idForms) data(template string) string {
	text := func(key string) string {
		text, _ := json.Marshal(id(key, p.sent))
		return ":" + string(text)
	}
	return strings.NewReplacer(":C", text("5"), ":S", text("7"), ":T", text("9")).Replace(template)
}

// check sends one row and looks at everything that comes of it.
func (p *idForms) check(t *testing.T, role models.Role, name, template string) {
	t.Helper()
	others := []sent{}
	if method, path, isRequest := strings.Cut(name, " "); isRequest {
		answer := p.request(p.actor(role), method, path, p.data(template))
		if answer.StatusCode >= http.StatusBadRequest {
			t.Fatalf("%s: %d %s", name, answer.StatusCode, answer.body)
		}
		if len(answer.body) > 0 {
			others = append(others, sent{"answer", string(answer.body)})
		}
	} else {
		emitted, reply := p.emit(p.sockets[role], name, p.data(template))
		if !reply.done() {
			t.Fatalf("%s: %v", name, reply)
		}
		for _, event := range emitted {
			form := p.sent
			switch event.event {
			case "attendanceData":
				continue // its records are those of others
			case "attendanceStarted":
				form = p.stored // as the rest of the class receives it
			}
			if wrong := wrongForms(t, event.payload, form); wrong != nil {
				t.Errorf("%s gets its sender %s with %q", name, event.event, wrong)
			}
		}
		text, _ := json.Marshal(reply)
		if wrong := wrongForms(t, string(text), p.sent); wrong != nil && name != "fetchAttendance" {
			t.Errorf("%s is acknowledged with %q", name, wrong)
		}
	}
	for _, event := range append(others, p.rooms.taken()...) {
		if wrong := wrongForms(t, event.payload, p.stored); wrong != nil {
			t.Errorf("%s by a %s gives the others %s with %q", name, role, event.event, wrong)
		}
	}
}

// The class is 5, its student 7, its teacher 9. Everybody reads these ids in the form in which they were stored first, whatever
// form a client sends; the direct answer to that client has its own.
func TestIDsAreSentInFormOfClassAndRoster(t *testing.T) {
	const teacher, student = models.RoleTeacher, models.RoleStudent
	rows := []struct {
		role models.Role
		name string // of an event, or the method and path of a request
		data string // C, S and T stand for the ids in the form that is sent
	}{
		{teacher, "identify", `{"userId":T,"role":"teacher"}`},
		{teacher, "joinClass", `{"userId":T,"classId":C}`},
		{student, "identify", `{"userId":S,"role":"student"}`},
		{student, "joinClass", `{"userId":S,"classId":C}`},
		{teacher, "initiateAttendance", `{"classId":C,"teacherId":T,"sessionType":"lecture"}`},
		{teacher, "initiateAttendance", `{"classId":C,"teacherId":T,"sessionType":"lecture"}`},
		{student, "attendanceMarked", `{"classId":C,"studentId":S,"sessionType":"lecture"}`},
		{student, "attendanceMarked", `{"classId":C,"studentId":S,"sessionType":"lecture"}`},
		{teacher, "attendanceMarked", `{"classId":C,"studentId":S,"sessionType":"lecture","status":"late"}`},
		{teacher, "fetchAttendance", `{"classId":C,"date":"2026-03-02","sessionType":"lecture"}`},
		{teacher, "GET /api/classes", ""},
		{teacher, "GET /api/classes/5", ""},
		{teacher, "GET /api/classes/5/presence", ""},
		{teacher, "GET /api/classes/5/roster", ""},
		{teacher, "POST /api/classes/5/roster", `{"students":[{"id":S,"name":"Seven"}]}`},
		{teacher, "POST /api/classes/5/sessions", `{"sessionType":"lab"}`},
		{teacher, "POST /api/classes/5/marks", `{"sessionType":"lab","studentId":S,"status":"present"}`},
		{student, "POST /api/classes/5/marks", `{"sessionType":"lab"}`},
		{teacher, "POST /api/classes/5/sessions/end", `{"sessionType":"lab"}`},
		{teacher, "GET /api/classes/5/sessions", ""},
		{teacher, "GET /api/sessions/1", ""},
		{teacher, "PUT /api/sessions/1/marks/7", `{"status":"excused","reason":"ill"}`},
		{teacher, "GET /api/sessions/1/changes", ""},
		{teacher, "GET /api/classes/5/statistics/students", ""},
		{student, "GET /api/classes/5/history", ""},
		{teacher, "POST /api/classes/5/sessions", `{"sessionType":"lab"}`},
		{teacher, "endAttendance", `{"classId":C,"teacherId":T,"sessionType":"lecture"}`},
		{student, "leaveClass", `{"userId":S,"classId":C}`},
		{student, "joinClass", `{"userId":S,"classId":C}`},
		// Removed and back: the form stays the first.
		{teacher, "DELETE /api/classes/5/roster/7", ""},
		{student, "leaveClass", `{"userId":S,"classId":C}`},
		{student, "joinClass", `{"userId":S,"classId":C}`},
		{teacher, "GET /api/classes/5/roster", ""},
	}
	forms := map[bool]string{true: "number", false: "text"}
	for _, stored := range []bool{true, false} {
		for _, sent := range []bool{true, false} {
			t.Run("stored as "+forms[stored]+" and sent as "+forms[sent], func(t *testing.T) {
				modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
					s := start(t, db, models.ModeOpen)
					p := &idForms{s, stored, sent, map[models.Role]*socket{teacher: {}, student: {}}}
					class := id("5", stored)
					_, err := s.store.CreateClass(t.Context(), p.actor(teacher), class, "")
					if err == nil {
						_, err = s.store.AddToRoster(t.Context(), p.actor(teacher), class, []models.Student{{ID: p.actor(student).ID, Name: "Seven"}})
					}
					if err != nil {
						t.Fatal(err)
					}
					s.rooms.users = []string{"student:7", "teacher:9"}
					for _, row := range rows {
						p.check(t, row.role, row.name, row.data)
					}
					p.checkResumption(t)
				})
			})
		}
	}
}

// checkResumption looks at what a client gets that resumes: no class was sent, so its own form counts.
func (p *idForms) checkResumption(t *testing.T) {
	t.Helper()
	client := p.sockets[models.RoleStudent]
	p.emit(client, "leaveClass", p.data(`{"userId":S,"classId":C}`))
	client.resume = []string{"class:5"}
	p.rooms.taken()
	emitted, _ := p.emit(client, "identify", p.data(`{"userId":S,"role":"student"}`))
	if len(emitted) != 1 || emitted[0].event != "attendanceStarted" {
		t.Errorf("resuming sends %v", emitted)
	}
	for _, event := range append(emitted, p.rooms.taken()...) {
		if wrong := wrongForms(t, event.payload, p.stored); wrong != nil {
			t.Errorf("resuming sends %s with %q", event.event, wrong)
		}
	}
}

// An id that no address can hold cannot be made, by whatever way; where one exists already, it goes on working.
func TestIDsThatNoURLHoldsAreRefused(t *testing.T) {
	const refusal = "An id must not be . or .., because no address can hold it"
	for _, id := range []string{".", ".."} {
		for _, row := range []struct {
			actor      models.Actor
			name, data string
		}{
			{boris, "joinClass", `{"userId":"boris","classId":"ID"}`},
			{chen, "joinClass", `{"userId":"chen","classId":"ID"}`},
			{nobody, "joinClass", `{"userId":"ID","classId":"Math"}`},
			{nobody, "attendanceMarked", `{"classId":"Math","studentId":"ID","sessionType":"lecture"}`},
			{boris, "POST /api/classes", `{"id":"ID"}`},
			{asha, "POST /api/classes/Math/roster", `{"students":[{"id":"ID"}]}`},
			{asha, "PUT /api/classes/Math/roster", `{"students":[{"id":"ID"}]}`},
			{asha, "POST /api/classes/Math/roster/import", "id,name\nID,Name\n"},
		} {
			t.Run(row.name+" "+id, func(t *testing.T) {
				s := start(t, modelstest.SQLite(t), models.ModeOpen)
				s.lesson()
				data := strings.ReplaceAll(row.data, "ID", id)
				if method, path, isRequest := strings.Cut(row.name, " "); isRequest {
					s.request(row.actor, method, path, data).want(t, http.StatusBadRequest, refusal)
				} else if _, reply := s.emit(s.connect(row.actor), row.name, data); !reply.refused(refusal) {
					t.Errorf("%v", reply)
				}
			})
		}
	}
}
