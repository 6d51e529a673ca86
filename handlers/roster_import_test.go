package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestImportDoesWhatDryRunAnswered: one line for each file, with what both answer and the roster afterwards.
func TestImportDoesWhatDryRunAnswered(t *testing.T) {
	var tooMany strings.Builder
	for i := range models.MaxRoster + 1 {
		fmt.Fprintln(&tooMany, "n", i)
	}
	for _, test := range []struct {
		name, query, file string
		status            int
		answer            string // a part of both answers
		roster            string // a part of the roster afterwards
	}{
		{"swapped", "", "Student,Roll No\nMira Solberg,11\n", 200, `"students":[{"line":2,"id":"11","name":"Mira Solberg"}],"table":{"headerLine":1,"idColumn":2,"nameColumns":[1],`, `{"id":"11","name":"Mira Solberg",`},
		{"chosen", "&idColumn=Bar&nameColumn=Foo&nameColumn=Baz", "Foo,Bar,Baz\nMira,11,Solberg\n", 200, `"table":{"headerLine":1,"idColumn":2,"nameColumns":[1,3],`, `{"id":"11","name":"Mira Solberg",`},
		{"replaced", "&replace=true", "11,Mira\n", 200, `"added":1,"renamed":0,"removed":2,"unchanged":0`, `{"students":[{"id":"11",`},
		{"unknown", "", "Foo,Bar\nMira,11\n", 400, `"detail":"Line 1 has “Foo”, “Bar”; it looks like a header,`, `"chen"`},
		{"unknown, with what was read", "", "Foo,Bar\nMira,11\n", 400, `"table":{"headerLine":1,"idColumn":0,"nameColumns":[],"rows":[{"line":1,"cells":["Foo","Bar"]},{"line":2,"cells":["Mira","11"]}]}`, `"chen"`},
		{"mistakes, with what was read", "", "id,name\n1E+11,Mira\n", 400, `"errors":[{"line":2,"message":"1E+11 is what Excel makes of a long number; format the column as text and type the id again"}],"table":{"headerLine":1,"idColumn":1,"nameColumns":[2],`, `"chen"`},
		{"no file", "", "PK\x03\x04", 400, `"detail":"The file is a workbook of Excel or another spreadsheet and no CSV file; in Excel, save it as “CSV UTF-8”","reason":"invalid_file"}`, `"chen"`},
		{"a bad line", "&headerLine=-1", "id\n1\n", 400, `"detail":"headerLine must be a number from 0 on"`, `"chen"`},
		{"an id in capitals", "", "id,name\nChen,Other\n", 200, `"warnings":["line 2: the id “Chen” differs from “chen” on the roster only in capital and small letters or in how letters are composed"]`, `{"id":"Chen","name":"Other",`},
		{"ids that look alike", "", "id,name\nU\u0308,A\n\u00fc,B\n１７,C\n17,D\n", 200, `"line 5: the id “17” differs from “１７” in line 4 only`, `{"id":"17",`},
		{"no other who is replaced", "&replace=true", "id,name\nChen,Other\n", 200, `"warnings":[]`, `{"id":"Chen","name":"Other",`},
		{"one too many", "", "id\n" + tooMany.String(), 400, `"detail":"A roster has at most 40000 students"`, `"chen"`},
		{"one too many, to replace the roster", "&replace=true", "id\n" + tooMany.String(), 400, `"detail":"A roster has at most 40000 students"`, `"chen"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, modelstest.SQLite(t), models.ModeSigned)
			s.lesson()
			before := string(s.request(asha, "GET", "/api/classes/Math/roster", "").body)
			dry := s.request(asha, "POST", "/api/classes/Math/roster/import?dryRun=true"+test.query, test.file)
			if after := string(s.request(asha, "GET", "/api/classes/Math/roster", "").body); after != before {
				t.Errorf("the dry run made of %s %s", before, after)
			}
			took := s.request(asha, "POST", "/api/classes/Math/roster/import?dryRun=false"+test.query, test.file)
			dry.want(t, test.status, test.answer)
			if said, did := strings.Replace(string(dry.body), `"dryRun":true`, `"dryRun":false`, 1), string(took.body); said != did || dry.StatusCode != took.StatusCode {
				t.Errorf("the dry run said %.300s\nthe import says  %.300s", said, did)
			}
			s.request(asha, "GET", "/api/classes/Math/roster", "").want(t, 200, test.roster)
		})
	}
}

// TestRosterListWarnsOfSimilarIDs also where they come as JSON.
func TestRosterListWarnsOfSimilarIDs(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	for method, want := range map[string][]string{
		"POST": {"students[0]: the id “Chen” differs from “chen” on the roster only in capital and small letters or in how letters are composed", "students[2]: the id “AB” differs from “ab” in students[1] only in capital and small letters or in how letters are composed"},
		"PUT":  {"students[2]: the id “AB” differs from “ab” in students[1] only in capital and small letters or in how letters are composed"},
	} {
		got := s.request(asha, method, "/api/classes/Math/roster", `{"students":[{"id":"Chen"},{"id":"ab"},{"id":"AB"}]}`)
		got.want(t, http.StatusOK, "")
		var reply struct{ Warnings []string }
		if err := json.Unmarshal(got.body, &reply); err != nil || strings.Join(reply.Warnings, "|") != strings.Join(want, "|") {
			t.Errorf("%s: got %s, want %q", method, got.body, want)
		}
		s.request(asha, "PUT", "/api/classes/Math/roster", `{"students":[{"id":"chen"}]}`).want(t, http.StatusOK, `{"added":`)
	}
}
