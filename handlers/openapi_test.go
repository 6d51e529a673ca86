package handlers_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// document is the OpenAPI document as this test needs it.
type document struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Tags        []string
		Parameters  []struct {
			Name, In string
			Required bool
		}
		RequestBody *struct {
			Content map[string]struct{ Example any }
		}
		Responses map[string]struct {
			Content map[string]struct{ Example any }
		}
	}
	Components struct {
		Responses struct {
			Problem struct {
				Content map[string]struct{ Examples map[string]any }
			}
		}
	}
}

func (s *server) document() (document, *jsonschema.Compiler) {
	s.t.Helper()
	got := s.request(nobody, "GET", "/api/openapi.json", "")
	got.want(s.t, http.StatusOK, "")
	var described document
	if err := json.Unmarshal(got.body, &described); err != nil {
		s.t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
	if err != nil {
		s.t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("openapi.json", value); err != nil {
		s.t.Fatal(err)
	}
	return described, compiler
}

// step returns the request of a step of the term, and the type of its body.
func (s *server) step(step request, today string) (_ *http.Request, media string) {
	s.t.Helper()
	media = "application/json"
	if path, _, _ := strings.Cut(step.path, "?"); strings.HasSuffix(path, "/import") {
		media = "text/csv"
	}
	request := s.newRequest(step.by, step.method, strings.ReplaceAll(step.path, "TODAY", today), strings.NewReader(step.body))
	request.Header.Set("Content-Type", media)
	return request, media
}

// pointer escapes a key for a JSON pointer in an address.
var pointer = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")

func TestOpenAPIListsExactlyTheRoutes(t *testing.T) {
	for _, mode := range []models.Mode{models.ModeOpen, models.ModeSigned} {
		s := start(t, modelstest.SQLite(t), mode)
		described, _ := s.document()
		var listed, served []string
		for path, operations := range described.Paths {
			for method, operation := range operations {
				listed = append(listed, strings.ToUpper(method)+" /api"+path)
				if operation.Summary == "" || len(operation.Tags) != 1 {
					t.Errorf("%s %s has no summary or group", method, path)
				}
				for _, parameter := range operation.Parameters {
					if parameter.In == "path" && !strings.Contains(path, "{"+parameter.Name+"}") {
						t.Errorf("%s %s has no parameter %s", method, path, parameter.Name)
					}
				}
			}
		}
		for _, route := range s.engine.Routes() {
			// The document describes neither itself nor the other one.
			if path, ok := strings.CutPrefix(route.Path, "/api/"); ok && path != "openapi.json" && path != "asyncapi.json" {
				served = append(served, route.Method+" "+documented(route.Path))
			}
		}
		slices.Sort(listed)
		slices.Sort(served)
		if !slices.Equal(listed, served) || described.OpenAPI != "3.1.0" {
			t.Errorf("the document (OpenAPI %s) has\n%s\nbut the server\n%s", described.OpenAPI, strings.Join(listed, "\n"), strings.Join(served, "\n"))
		}
	}
}

// TestOpenAPIDescribesRequestsAndAnswers sends the requests of a term, with everything that is refused there. Requests and
// answers must be what the document says, and every route must have been tried.
func TestOpenAPIDescribesRequestsAndAnswers(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.rooms.users = connected
	_, compiler := s.document()
	today := time.Now().UTC().Format(time.DateOnly)
	tried := map[string]bool{}
	for _, step := range term {
		path, _, _ := strings.Cut(step.path, "?")
		route := routeOf(t, s, step.method, path)
		at := "openapi.json#/paths/" + pointer.Replace(route) + "/" + strings.ToLower(step.method)

		request, media := s.step(step, today)
		got := s.do(request)
		if step.body != "" && media == "application/json" {
			validate(t, compiler, at+"/requestBody/content/"+pointer.Replace(media)+"/schema", []byte(step.body))
		}
		sent, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
		switch {
		case got.StatusCode >= http.StatusBadRequest:
			validate(t, compiler, "openapi.json#/components/responses/Problem/content/"+pointer.Replace(sent)+"/schema", got.body)
			continue
		case sent == "application/json":
			validate(t, compiler, at+"/responses/"+got.Status[:3]+"/content/"+pointer.Replace(sent)+"/schema", got.body)
		}
		tried[step.method+" /api"+route] = true
	}
	for _, route := range s.handlers.Routes() {
		if !tried[documented(route)] {
			t.Errorf("%s was not tried", route)
		}
	}
}

// documented writes parameters as {name}.
func documented(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if name, ok := strings.CutPrefix(segment, ":"); ok {
			segments[i] = "{" + name + "}"
		}
	}
	return strings.Join(segments, "/")
}

// routeOf finds the document's path for a request's.
func routeOf(t *testing.T, s *server, method, path string) string {
	t.Helper()
	sent := strings.Split(path, "/")
	for _, route := range s.handlers.Routes() {
		pattern, ok := strings.CutPrefix(route, method+" ")
		segments := strings.Split(pattern, "/")
		if !ok || len(segments) != len(sent) {
			continue
		}
		fits := true
		for i, segment := range segments {
			fits = fits && (strings.HasPrefix(segment, ":") || segment == sent[i])
		}
		if fits {
			return strings.TrimPrefix(documented(pattern), "/api")
		}
	}
	t.Fatalf("there is no route for %s %s", method, path)
	return ""
}

func validate(t *testing.T, compiler *jsonschema.Compiler, schema string, body []byte) {
	t.Helper()
	compiled, err := compiler.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if err := compiled.Validate(value); err != nil {
		t.Errorf("%s is not what %s says: %v", body, schema, err)
	}
}
