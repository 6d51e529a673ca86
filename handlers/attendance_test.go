package handlers_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// An answer costs its user as much as it is long, and is encoded once for the event and the acknowledgement.
func TestFetchCostsInProportionToRecords(t *testing.T) {
	for students, cost := range map[int]int{0: 0, 99: 0, 100: 1, 450: 4} {
		t.Run(fmt.Sprint(students), func(t *testing.T) {
			s := start(t, modelstest.SQLite(t), models.ModeSigned)
			if _, err := s.store.CreateClass(t.Context(), asha, class, ""); err != nil {
				t.Fatal(err)
			}
			var listed []models.Student
			for i := range students {
				listed = append(listed, models.Student{ID: models.ID{Key: fmt.Sprint("s", i)}})
			}
			if _, err := s.store.AddToRoster(t.Context(), asha, class, listed); err != nil {
				t.Fatal(err)
			}
			started, err := s.store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: class, SessionType: "lecture"})
			if err != nil {
				t.Fatal(err)
			}
			client := s.connect(asha)
			arguments := fmt.Sprintf(`[{"classId":"Math","date":%q,"sessionType":"lecture"}]`, started.Session.Day)
			reply := s.events["fetchAttendance"].Handle(t.Context(), client, json.RawMessage(arguments))
			acknowledgement, _ := reply.(json.RawMessage)
			event, _ := client.answer.(json.RawMessage)
			if len(event) == 0 || len(acknowledgement) == 0 || &event[0] != &acknowledgement[0] {
				t.Errorf("the event is a %T and the acknowledgement a %T, not the same bytes", client.answer, reply)
			}
			if client.spent != cost {
				t.Errorf("%d records cost %d, want %d", students, client.spent, cost)
			}
		})
	}
}

// To identify costs as much as it resumes, also classes that are no more.
func TestIdentifyCostsInProportionToClasses(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	for _, classes := range [][]string{nil, {"Math"}, {"Math", "none", "nor this one"}} {
		client := s.connect(asha)
		for _, class := range classes {
			client.resume = append(client.resume, handlers.RoomOf(models.ID{Key: class}))
		}
		if _, ack := s.emit(client, "identify", `{"userId":"asha","role":"teacher"}`); !ack.done() || client.spent != len(classes) {
			t.Errorf("%d classes cost %d: %v", len(classes), client.spent, ack)
		}
	}
}

func TestFetchWhileAnswersWaitIsRefused(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	client := s.connect(asha)
	client.busy = true
	emitted, _ := s.emit(client, "fetchAttendance", `{"classId":"Math","date":"2026-01-05","sessionType":"lecture"}`)
	if len(emitted) != 1 || emitted[0].event != "attendanceData" || !strings.Contains(emitted[0].payload, `"success":false`) ||
		!strings.Contains(emitted[0].payload, "please wait a moment and try again") {
		t.Errorf("sent %v", emitted)
	}
}
