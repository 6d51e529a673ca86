package models_test

import (
	"slices"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestBatchOfTwoClassesIsOneEventForEach has the marks of both classes in one transaction.
func TestBatchOfTwoClassesIsOneEventForEach(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		gate := newGate()
		var classes []models.ID
		store := db.Open(t, models.Options{Mode: models.ModeSigned, OnEvent: func(event models.Event) {
			gate.publish(event)
			classes = append(classes, event.ClassID)
		}})
		physics := models.ID{Key: "Physics"}
		first := classroom(t, store, mathClass, 20)
		second := classroom(t, store, physics, 20)
		classes = nil
		requests := []func() error{marking(t, store, first[0], mathClass)}
		for i := 1; i < 20; i++ {
			requests = append(requests, marking(t, store, second[i], physics), marking(t, store, first[i], mathClass))
		}
		for i, err := range gate.together(t, store, requests...) {
			if err != nil {
				t.Errorf("mark %d: %v", i, err)
			}
		}
		slices.SortFunc(classes[1:], func(a, b models.ID) int { return len(a.Key) - len(b.Key) })
		if want := []models.ID{mathClass, mathClass, physics}; !slices.Equal(classes, want) {
			t.Fatalf("events of %v, want %v", classes, want)
		}
		for i, marks := range gate.batches[1:] {
			for j, mark := range marks {
				if mark.ClassID != marks[0].ClassID || j > 0 && mark.RecordedAt < marks[j-1].RecordedAt {
					t.Errorf("event %d: mark %d is of %v at %v", i, j, mark.ClassID, mark.RecordedAt)
				}
			}
			if len(marks) != 19 {
				t.Errorf("event %d has %d marks", i, len(marks))
			}
		}
	})
}

// TestEventsOfNewerServersAreReadInPart has a line for each way in which the body of an event can grow. What this version knows is read,
// and the rest is reported.
func TestEventsOfNewerServersAreReadInPart(t *testing.T) {
	const mark = `"marks":[{"session":1,"type":"lecture","student":"chen","name":"Chen","status":"late","at":5}]`
	for _, test := range []struct {
		name, body      string
		marks, sessions int
		unknown, bad    bool
	}{
		{"known kinds", `{"class":"Math",` + mark + `,"sessions":[{"id":1,"state":"active"}]}`, 1, 1, false, false},
		{"no kind", `{"class":"Math"}`, 0, 0, false, false},
		{"unknown kind", `{"class":"Math","renamed":[{"user":"chen"}]}`, 0, 0, true, false},
		{"unknown kind beside a known one", `{"class":"Math","renamed":7,` + mark + `}`, 1, 0, true, false},
		{"unknown key of a mark", `{"class":"Math","marks":[{"student":"chen","flags":["late"]},{"student":"divya"}]}`, 2, 0, true, false},
		{"unknown key of a session", `{"class":"Math","sessions":[{"id":1,"state":"completed","rules":{"proof":"code"}}]}`, 0, 1, true, false},
		{"unknown state of a session", `{"class":"Math","sessions":[{"id":1,"state":"paused"},{"id":2,"state":"active"}]}`, 0, 1, true, false},
		{"removed users and visibility", `{"class":"Math","removed":[{"role":"student","id":"chen"}],"deleted":true,"visibility":"own"}`, 0, 0, false, false},
		{"flags", `{"class":"Math",` + mark + `,"flags":[{"session":1,"number":1,"type":"lecture","kind":"shared_device","students":["chen",5],"at":5}],"teachers":["asha"]}`, 1, 0, false, false},
		{"unknown kind of a flag", `{"class":"Math",` + mark + `,"flags":[{"session":1,"kind":"shared_seat","students":["chen"]}]}`, 1, 0, true, false},
		{"unknown key of a flag", `{"class":"Math",` + mark + `,"flags":[{"session":1,"kind":"shared_device","seat":7}]}`, 1, 0, true, false},
		{"unknown key of a removed user", `{"class":"Math","removed":[{"role":"student","id":"chen","by":"asha"}]}`, 0, 0, true, false},
		{"no class", `{"marks":[]}`, 0, 0, false, true},
		{"other type of a known kind", `{"class":"Math","marks":"all"}`, 0, 0, false, true},
		{"no JSON", `{"class":`, 0, 0, false, true},
	} {
		event, unknown, err := models.DecodeEvent([]byte(test.body))
		if len(event.Marks) != test.marks || len(event.Sessions) != test.sessions || unknown != test.unknown || (err != nil) != test.bad {
			t.Errorf("%s: %+v, unknown %v, %v", test.name, event, unknown, err)
		}
		if err == nil && event.ClassID.Key != "Math" {
			t.Errorf("%s: of class %v", test.name, event.ClassID)
		}
	}
}
