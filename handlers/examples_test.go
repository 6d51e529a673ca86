package handlers_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

var update = flag.Bool("update", false, "write the files of examples anew")

// example is a body of the OpenAPI document: JSON as it is, everything else as a JSON text.
func example(t *testing.T, media, body string) json.RawMessage {
	t.Helper()
	if strings.HasSuffix(media, "json") {
		return json.RawMessage(body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// examplesOfTerm plays the term and returns the first success of each operation and the first refusal for each reason.
func examplesOfTerm(t *testing.T) any {
	t.Helper()
	type operation struct {
		Request  json.RawMessage `json:"request,omitempty"`
		Response json.RawMessage `json:"response,omitempty"`
	}
	operations, problems := map[string]operation{}, map[string]json.RawMessage{}
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.rooms.users = connected
	described, _ := s.document()
	today := time.Now().UTC().Format(time.DateOnly)
	for _, step := range term {
		path, _, _ := strings.Cut(step.path, "?")
		request, media := s.step(step, today)
		got := s.do(request)
		sent, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
		fixed := moment.ReplaceAllStringFunc(string(got.body), func(written string) string {
			const at = "2026-09-01T08:15:00.000Z"
			if strings.Contains(written, "T") {
				return at
			}
			return "2026-09-01 08:15:00" // in a CSV file
		})
		answer := example(t, sent, strings.ReplaceAll(fixed, today, "2026-09-01"))
		if got.StatusCode >= http.StatusBadRequest {
			var refusal struct{ Reason string }
			if err := json.Unmarshal(answer, &refusal); err != nil {
				t.Fatal(err)
			}
			if _, known := problems[refusal.Reason]; !known {
				problems[refusal.Reason] = answer
			}
			continue
		}
		id := described.Paths[routeOf(t, s, step.method, path)][strings.ToLower(step.method)].OperationID
		if _, known := operations[id]; known {
			continue
		}
		var of operation
		if step.body != "" {
			of.Request = example(t, media, step.body)
		}
		if len(got.body) > 0 {
			of.Response = answer
		}
		operations[id] = of
	}
	return map[string]any{"operations": operations, "problems": problems}
}

// checkExamples fails if a file of examples is not what the server has sent just now, or writes it anew with -update. Test is the
// beginning of the test's name.
func checkExamples(t *testing.T, file, test string, sent any) {
	t.Helper()
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sent); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the server sends now: run go test ./handlers -run %s -update\nit sends\n%s", file, test, &want)
	}
}

func TestOpenAPIExamplesAreAnswersOfTheServer(t *testing.T) {
	checkExamples(t, "examples.json", "TestOpenAPIExamples", examplesOfTerm(t))
}

func TestOpenAPIHasAnExampleForEachBody(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	described, _ := s.document()
	ids := map[string]bool{}
	for path, operations := range described.Paths {
		for method, operation := range operations {
			if operation.OperationID == "" || ids[operation.OperationID] {
				t.Errorf("%s %s: operationId %q is empty or not the only one", method, path, operation.OperationID)
			}
			ids[operation.OperationID] = true
			for status, response := range operation.Responses {
				for media, body := range response.Content {
					if body.Example == nil {
						t.Errorf("%s %s: %s %s has no example", method, path, status, media)
					}
				}
			}
			if operation.RequestBody == nil {
				continue
			}
			for media, body := range operation.RequestBody.Content {
				if body.Example == nil {
					t.Errorf("%s %s: the request in %s has no example", method, path, media)
				}
			}
		}
	}
	if len(described.Components.Responses.Problem.Content["application/problem+json"].Examples) < 3 {
		t.Error("problems have too few examples")
	}
}
