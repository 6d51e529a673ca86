package handlers

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"github.com/neuracampus/attendance/models"
)

// fields reads the keys of an event's first argument and notes what is wrong, so that a read function says in a few
// lines what its event takes. Keys must match exactly; keys that are not read are ignored, because frontends in use
// send extra ones. All missing keys are reported together, otherwise the first mistake.
type fields struct {
	values  objectMembers
	missing []string
	wrong   error

	described *[]describedKey // not nil: the read function is run to say what it reads (keysOf)
}

// describedKey is a key that an event reads.
type describedKey struct {
	name     string
	value    reflect.Type
	optional bool
}

// keysOf returns the keys that a read function reads.
func keysOf(read func(*fields)) (keys []describedKey) {
	read(&fields{described: &keys})
	return keys
}

func (f *fields) describe(key string, value reflect.Type, optional bool) {
	if f.described != nil {
		*f.described = append(*f.described, describedKey{key, value, optional})
	}
}

// readFields takes the JSON array of an event's arguments, which is valid. No argument, or null, is the same as an empty object.
func readFields(raw json.RawMessage) *fields {
	f := &fields{}
	if hasMore(raw, maxArguments) {
		f.fail("An event may have at most %d arguments", maxArguments)
		return f
	}
	first := firstMember(raw)
	if isNull(first) {
		return f
	}
	if hasMore(first, maxKeys) {
		f.fail("The data of this event may have at most %d keys", maxKeys)
		return f
	}
	var ok bool
	if f.values, ok = readObject(first); !ok {
		f.fail("The data of this event must be one object")
	}
	return f
}

func isNull(value json.RawMessage) bool {
	return len(value) == 0 || bytes.Equal(bytes.TrimSpace(value), []byte("null"))
}

func (f *fields) fail(format string, args ...any) {
	f.refuse(invalid(reasonParameter, format, args...))
}

func (f *fields) refuse(err error) {
	if f.wrong == nil {
		f.wrong = err
	}
}

// err returns what is wrong, nil when nothing is.
func (f *fields) err() error {
	if f.wrong == nil && len(f.missing) > 0 {
		return invalid(reasonMissing, "Missing required parameters: %s", strings.Join(f.missing, ", "))
	}
	return f.wrong
}

// value returns a key's value; null, "" and absence are all the same to it, as they are in JavaScript's !value.
func (f *fields) value(key string) (json.RawMessage, bool) {
	value, _ := f.values.get(key)
	return value, !isNull(value) && string(value) != `""`
}

func (f *fields) required(key string) (json.RawMessage, bool) {
	value, ok := f.value(key)
	if !ok {
		f.missing = append(f.missing, key)
	}
	return value, ok
}

// id reads a required id.
func (f *fields) id(key string) models.ID {
	f.describe(key, reflect.TypeFor[models.ID](), false)
	value, ok := f.required(key)
	if !ok {
		return models.ID{}
	}
	id, err := readID(value)
	if err != nil {
		f.refuse(badID(err, key, "an integer or a text of 1 to 64 characters"))
	}
	return id
}

// badID says why the value of a key is no id.
func badID(err error, key, want string) error {
	if errors.Is(err, models.ErrInvisibleInID) {
		return invalid(reasonOf(err), "%s has invisible characters in it; type it again", key)
	}
	return invalid(reasonOf(models.ErrInvalidID), "%s must be %s", key, want)
}

// text reads a required text.
func (f *fields) text(key string) string { return word[string](f, key) }

// optionalText reads a text that may be missing.
func (f *fields) optionalText(key string) string { return optionalWord[string](f, key) }

// word reads a required text that has a type of its own. Which words it has, models says.
func word[T ~string](f *fields, key string) T {
	f.describe(key, reflect.TypeFor[T](), false)
	value, ok := f.required(key)
	if !ok {
		return ""
	}
	return T(f.string(key, value))
}

// optionalWord reads one that may be missing.
func optionalWord[T ~string](f *fields, key string) T {
	f.describe(key, reflect.TypeFor[T](), true)
	value, ok := f.value(key)
	if !ok {
		return ""
	}
	return T(f.string(key, value))
}

func (f *fields) string(key string, value json.RawMessage) string {
	text, ok := readText(value)
	if !ok {
		f.fail("%s must be a text", key)
	}
	return text
}

// frequency reads a number or a list of numbers; models says which are good ones.
func (f *fields) frequency(key string) tones {
	f.describe(key, reflect.TypeFor[tones](), true)
	value, ok := f.value(key)
	if !ok {
		return nil
	}
	list, ok := readTones(value)
	if !ok {
		f.fail("%s must be a number or a list of numbers", key)
	}
	return list
}

// timestamp reads a timestamp that may be missing.
func (f *fields) timestamp(key string) *models.Timestamp {
	f.describe(key, reflect.TypeFor[models.Timestamp](), true)
	value, ok := f.value(key)
	if !ok {
		return nil
	}
	moment, err := models.ParseTimestamp(f.string(key, value))
	if err != nil {
		f.refuse(err)
	}
	return &moment
}

// proof reads a proof.
func (f *fields) proof(key string) *models.Proof {
	f.describe(key, reflect.TypeFor[models.Proof](), true)
	value, ok := f.value(key)
	if !ok {
		return nil
	}
	proof := new(models.Proof)
	if json.Unmarshal(value, proof) != nil {
		f.refuse(models.ErrInvalidProof)
	}
	return proof
}

// minutes reads the time of a rule. Other than elsewhere, null is not the same as absence: it takes the rule away.
func (f *fields) minutes(key string) *models.Minutes {
	f.describe(key, reflect.TypeFor[*models.Minutes](), true)
	value, given := f.values.get(key)
	if !given {
		return nil
	}
	minutes := new(models.Minutes)
	if err := minutes.UnmarshalJSON(bytes.TrimSpace(value)); err != nil {
		f.refuse(badMinutes(err, key))
	}
	return minutes
}

// badMinutes says why the value of a key is not the time of a rule.
func badMinutes(err error, key string) error {
	return invalid(reasonOf(err), "%s must be a whole number of minutes from 1 to 600, or null", key)
}

// tones are frequencies in Hz.
type tones []float64

// readTones takes one number for a list of one.
func readTones(value json.RawMessage) (tones, bool) {
	var one float64
	if json.Unmarshal(value, &one) == nil {
		return tones{one}, true
	}
	// Pointers, because encoding/json takes a null in a list of numbers for a zero.
	var list []*float64
	if hasMore(value, maxTones) || json.Unmarshal(value, &list) != nil {
		return nil, false
	}
	numbers := make(tones, len(list))
	for i, number := range list {
		if number == nil {
			return nil, false
		}
		numbers[i] = *number
	}
	return numbers, true
}
