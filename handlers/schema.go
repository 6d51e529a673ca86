package handlers

import (
	"reflect"

	"github.com/neuracampus/attendance/models"
)

// schemas are the JSON schemas of structs, by the struct's name.
type schemas map[string]object

var ways = []models.Way{models.WaySocket, models.WayREST, models.WayCorrection, models.WayInitiate}

// written are the types whose JSON is not what their Go kind suggests, or that have a closed list of values.
var written = map[reflect.Type]object{
	reflect.TypeFor[models.ID](): {
		"type": []string{"string", "integer"}, "minLength": 1, "maxLength": 64, "description": "A text of 1 to 64 characters, or an integer",
	},
	reflect.TypeFor[models.Timestamp](): {
		"type": "string", "format": "date-time", "pattern": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
	},
	reflect.TypeFor[models.Status]():     {"enum": []models.Status{models.Present, models.Late, models.Absent, models.Excused}},
	reflect.TypeFor[models.State]():      {"enum": []models.State{models.StateActive, models.StateCompleted}},
	reflect.TypeFor[phase]():             {"enum": []models.State{models.StateInitial, models.StateActive, models.StateCompleted}},
	reflect.TypeFor[models.Role]():       {"enum": []models.Role{models.RoleTeacher, models.RoleStudent, models.RoleAdmin}},
	reflect.TypeFor[models.Way]():        {"enum": ways},
	reflect.TypeFor[models.Visibility](): {"enum": []models.Visibility{models.VisibilityClass, models.VisibilityOwn}},
	reflect.TypeFor[models.Proof]():      {"enum": []models.Proof{models.ProofNone, models.ProofCode}},
	reflect.TypeFor[models.FlagKind]():   {"enum": []models.FlagKind{models.FlagSharedConnection, models.FlagSharedDevice}},
	reflect.TypeFor[models.Minutes]():    minutesOrNull,
	reflect.TypeFor[*models.Minutes]():   minutesOrNull,
	reflect.TypeFor[eventReason]():       eventReasons(),
	reflect.TypeFor[tokenReason]():       {"enum": []string{"token_missing", "token_invalid", "token_expired"}},
	reflect.TypeFor[tones](): {
		"anyOf": []object{{"type": "number"}, {"type": "array", "items": object{"type": "number"}, "maxItems": 16}},
	},
}

var minutesOrNull = object{"anyOf": []object{{"type": "integer", "minimum": 1, "maximum": 600}, {"type": "null"}}}

// of returns the schema of a type; structs are put beside and referred to.
func (s schemas) of(t reflect.Type) object {
	if schema, ok := written[t]; ok {
		return schema
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Pointer:
		return object{"anyOf": []object{s.of(t.Elem()), {"type": "null"}}}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Struct:
		if _, known := s[t.Name()]; !known {
			s[t.Name()] = s.ofStruct(t)
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}
	}
	panic("no schema for " + t.String())
}

// ofStruct describes a struct with its embedded ones. There are no other keys, in requests neither.
func (s schemas) ofStruct(t reflect.Type) object {
	properties := object{}
	required := []string{}
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous {
			continue
		}
		key, optional := jsonKey(field)
		schema := s.of(field.Type)
		if about := field.Tag.Get("doc"); about != "" {
			schema = withKey(schema, "description", about)
		}
		properties[key] = schema
		if !optional {
			required = append(required, key)
		}
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// withKey returns a copy of a schema with one key more. The others may be shared.
func withKey(schema object, key string, value any) object {
	copied := object{key: value}
	for k, v := range schema {
		if k != key {
			copied[k] = v
		}
	}
	return copied
}
