package models_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestMarkRunsOnlyStatementsItNeeds compares what the database is sent for a mark of each kind.
func TestMarkRunsOnlyStatementsItNeeds(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	db.DSN = relay.DSN(db.Name)
	store := db.Open(t, models.Options{Mode: models.ModeSigned})
	students := classroom(t, store, mathClass, 6)
	session := today(t, store, "lecture").Records[0].SessionID
	must(store.Record(t.Context(), students[5], models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}))(t) // opens the connection
	const (
		plainReads  = "START TRANSACTION; UPDATE classes; SELECT classes; SELECT enrolments"
		plainWrites = "INSERT marks; INSERT changes; COMMIT"
	)
	connection := []models.MarkedStudent{{SessionID: session, StudentID: students[0].ID}}
	for _, test := range []struct {
		name string
		who  models.Actor
		req  models.MarkRequest
		want []string // a round trip each
	}{
		{"without a device", students[0], models.MarkRequest{}, []string{plainReads, plainWrites}},
		{
			"over a connection that marked the same student", students[1],
			models.MarkRequest{Connection: []models.MarkedStudent{{SessionID: session, StudentID: students[1].ID}}},
			[]string{plainReads, plainWrites},
		},
		{
			"by a teacher with a device", asha,
			models.MarkRequest{StudentID: students[1].ID, DeviceID: "1", Connection: connection},
			[]string{plainReads + "; SELECT class_teachers", plainWrites},
		},
		{
			"with a device", students[2],
			models.MarkRequest{DeviceID: "1"},
			[]string{plainReads + "; SELECT sessions", strings.Replace(plainWrites, "COMMIT", "INSERT mark_devices; COMMIT", 1)},
		},
		{
			"with another student's device", students[3],
			models.MarkRequest{DeviceID: "1"},
			[]string{
				plainReads + "; SELECT sessions", "SELECT class_teachers; SELECT flags",
				strings.Replace(plainWrites, "COMMIT", "INSERT mark_devices; INSERT flags; INSERT flag_students; COMMIT", 1),
			},
		},
		{
			"over another student's connection", students[4],
			models.MarkRequest{Connection: connection},
			[]string{plainReads, "SELECT class_teachers; SELECT flags", strings.Replace(plainWrites, "COMMIT", "INSERT flags; INSERT flag_students; COMMIT", 1)},
		},
	} {
		var mu sync.Mutex
		var sent []string
		relay.AtStatement(func(text string) modelstest.Fault {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, summarized(text))
			return modelstest.Pass
		})
		test.req.ClassID, test.req.SessionType = mathClass, "lecture"
		must(store.Record(t.Context(), test.who, test.req))(t)
		relay.AtStatement(nil)
		mu.Lock()
		if !slices.Equal(sent, test.want) {
			t.Errorf("a mark %s:\n%s\nwant\n%s", test.name, strings.Join(sent, "\n"), strings.Join(test.want, "\n"))
		}
		mu.Unlock()
	}
}

// summarized returns statements as their verbs and first tables.
func summarized(text string) string {
	tables := []string{"classes", "sessions", "enrolments", "class_teachers", "marks", "changes", "mark_devices", "flags", "flag_students"}
	var short []string
	for statement := range strings.SplitSeq(text, "; ") {
		words := strings.Fields(statement)
		summary := words[0]
		for i, word := range words {
			if i > 0 && slices.Contains(tables, word) && (words[i-1] == "FROM" || words[i-1] == "INTO" || words[i-1] == "UPDATE") {
				summary += " " + word
			}
		}
		if summary == "START" {
			summary = statement
		}
		short = append(short, summary)
	}
	return strings.Join(short, "; ")
}
