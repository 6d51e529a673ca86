package handlers

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/neuracampus/attendance/models"
)

// object is a JSON object of the OpenAPI document.
type object map[string]any

// Document returns the OpenAPI document of a mode, in JSON.
func Document(mode models.Mode) []byte { return newDocument((&Handlers{}).routes(), mode) }

var groupDescriptions = map[string]string{
	groupClasses:  "Classes, their names and who is connected",
	groupRosters:  "The students of a class",
	groupSessions: "Attendance of one class on one day: start it, end it, read it",
	groupMarks:    "Statuses of students in a session, and who changed them",
	groupReports:  "Statistics and CSV files",
	groupPrivacy:  "What is stored about a student",
}

// newDocument describes the routes in OpenAPI 3.1, from the very types that requests are decoded into and answers are
// made of.
func newDocument(routes []route, mode models.Mode) []byte {
	schemas := schemas{}
	paths := object{}
	var groups []object
	for i, r := range routes {
		if i == 0 || r.group != routes[i-1].group {
			groups = append(groups, object{"name": r.group, "description": groupDescriptions[r.group]})
		}
		path, known := paths[documentPath(r.path)].(object)
		if !known {
			path = object{}
			paths[documentPath(r.path)] = path
		}
		path[strings.ToLower(r.method)] = describe(r, schemas)
	}
	problemSchema := schemas.of(reflect.TypeFor[problem]())
	schemes, required := security(mode)
	document := object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "NeuraCampus attendance",
			"version":     "1",
			"license":     object{"name": "MIT", "identifier": "MIT"},
			"description": "Classes, rosters, attendance and its reports. What a user may not see is answered as if it did not exist. Ids compare as texts: 5 is \"5\"; answers give an id in the form in which it first came.",
		},
		"servers":  []object{{"url": "/api"}},
		"tags":     groups,
		"paths":    paths,
		"security": required,
		"components": object{
			"schemas":         schemas,
			"securitySchemes": schemes,
			"responses": object{"Problem": object{
				"description": "What is wrong, in one sentence",
				"content":     object{mediaProblem: object{"schema": problemSchema, "examples": examples().problems()}},
			}},
		},
	}
	body, err := json.MarshalIndent(document, "", " ")
	if err != nil {
		panic(err) // maps and texts
	}
	return body
}

// documentPath writes a path's parameters as OpenAPI does.
func documentPath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if name, ok := strings.CutPrefix(segment, ":"); ok {
			segments[i] = "{" + name + "}"
		}
	}
	return strings.Join(segments, "/")
}

func security(mode models.Mode) (schemes object, required []object) {
	if mode == models.ModeSigned {
		return object{"token": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}, []object{{"token": []string{}}}
	}
	header := func(name, about string) object {
		return object{"type": "apiKey", "in": "header", "name": name, "description": about}
	}
	return object{
		"user": header("X-User", "Your id, percent-encoded. The server believes it: it runs in open mode."),
		"role": header("X-Role", "teacher (also without this header) or student"),
	}, []object{{"user": []string{}}, {"user": []string{}, "role": []string{}}}
}

func describe(r route, schemas schemas) object {
	example := examples().Operations[r.id]
	success := object{"description": http.StatusText(r.status)}
	switch r.out {
	case reflect.TypeFor[noContent]():
	case reflect.TypeFor[csvFile]():
		success["content"] = content(mediaCSV, object{"type": "string"}, example.Response)
	default:
		success["content"] = content(mediaJSON, schemas.of(r.out), example.Response)
	}
	refusal := object{"$ref": "#/components/responses/Problem"}
	operation := object{
		"operationId": r.id,
		"summary":     r.summary,
		"tags":        []string{r.group},
		"responses":   object{strconv.Itoa(r.status): success, "4XX": refusal, "5XX": refusal},
	}
	var parameters []object
	for _, field := range reflect.VisibleFields(r.in) {
		about := field.Tag.Get("doc")
		if name, ok := field.Tag.Lookup("path"); ok {
			schema := object{"type": "integer"}
			if field.Type == reflect.TypeFor[models.ID]() {
				schema = object{"type": "string", "minLength": 1, "maxLength": 64}
			}
			parameters = append(parameters, parameter("path", name, about, true, schema))
		}
		if name, ok := field.Tag.Lookup("query"); ok {
			parameters = append(parameters, parameter("query", name, about, false, querySchema(field.Type)))
		}
		if kind, ok := field.Tag.Lookup("body"); ok {
			schema := object{"type": "string"}
			if kind == mediaJSON {
				schema = schemas.of(field.Type)
			}
			operation["requestBody"] = object{
				"required": field.Tag.Get("optional") != "true", "description": about, "content": content(kind, schema, example.Request),
			}
		}
	}
	if parameters != nil {
		operation["parameters"] = parameters
	}
	return operation
}

func content(media string, schema object, example json.RawMessage) object {
	described := object{"schema": schema}
	if example != nil {
		described["example"] = example
	}
	return object{media: described}
}

func parameter(in, name, about string, required bool, schema object) object {
	p := object{"in": in, "name": name, "required": required, "schema": schema}
	if about != "" {
		p["description"] = about
	}
	return p
}

func querySchema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[bool]():
		return object{"type": "boolean"}
	case reflect.TypeFor[[]string]():
		return object{"type": "array", "items": object{"type": "string"}}
	case reflect.TypeFor[*int]():
		return object{"type": "integer", "minimum": 0}
	case reflect.TypeFor[int64]():
		return object{"type": "integer", "minimum": 1}
	case reflect.TypeFor[models.Way]():
		return written[t]
	case reflect.TypeFor[*float64]():
		return object{"type": "number", "minimum": 0, "maximum": 1}
	}
	return object{"type": "string"}
}
