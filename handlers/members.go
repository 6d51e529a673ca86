package handlers

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
	"unicode/utf8"

	"github.com/neuracampus/attendance/models"
)

// Limits on what a client puts into one JSON value. Without them a megabyte of small members would take many times its size in memory
// and a thousand times as long to decode as an event of the usual size.
const (
	maxKeys      = 100 // of an object
	maxArguments = 100 // of an event
	maxTones     = 1000
)

// member is a member of a JSON object.
type member struct {
	key   string
	value json.RawMessage
}

// objectMembers are the members of a JSON object. There are few, so a search takes less time than a map would take to make.
type objectMembers []member

// readObject returns the members of a valid JSON value, and false if it is no object.
func readObject(raw json.RawMessage) (objectMembers, bool) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	read := make(objectMembers, 0, 8)
	for key, value := range members(raw) {
		name, _ := readText(key)
		read = append(read, member{name, value})
	}
	return read, true
}

// get returns the value of a key and whether the object has the key. Of several values it is the last, as in JavaScript.
func (o objectMembers) get(key string) (json.RawMessage, bool) {
	for _, m := range slices.Backward(o) {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// members yields the members of a valid JSON object or array in order, those of an object with their keys in quotation marks. It does
// not look inside the members. encoding/json would go three calls deeper for each, for which the stacks of most goroutines are too small
// (docs/performance.md).
func members(raw []byte) iter.Seq2[[]byte, json.RawMessage] {
	return func(yield func(key []byte, value json.RawMessage) bool) {
		var key []byte
		depth, begin, quoted := 0, 0, false
		for i := 0; i < len(raw); i++ {
			switch c := raw[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{', c == '[':
				if depth++; depth == 1 {
					begin = i + 1
				}
			case depth == 1 && c == ':':
				key, begin = bytes.TrimSpace(raw[begin:i]), i+1
			case depth == 1 && c == ',':
				if !yield(key, bytes.TrimSpace(raw[begin:i])) {
					return
				}
				begin = i + 1
			case c == '}', c == ']':
				if depth--; depth == 0 {
					if last := bytes.TrimSpace(raw[begin:i]); len(last) > 0 {
						yield(key, last)
					}
					return
				}
			}
		}
	}
}

// hasMore reports whether a valid JSON object or array has more members than limit.
func hasMore(raw []byte, limit int) bool {
	if len(raw) < 2*limit { // a member has a character and a comma at the least
		return false
	}
	count := 0
	for range members(raw) {
		if count++; count > limit {
			return true
		}
	}
	return false
}

// firstMember returns the first member of a valid JSON object or array, nil if there is none.
func firstMember(raw []byte) json.RawMessage {
	for _, value := range members(raw) {
		return value
	}
	return nil
}

// readText returns a valid JSON string's text, and false if the value is no string or not in UTF-8. encoding/json would replace invalid
// UTF-8 and let the text through.
func readText(value []byte) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' || !utf8.Valid(value) {
		return "", false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	return text, json.Unmarshal(value, &text) == nil
}

// readID returns the id that a valid JSON value is. It is the same as ID's UnmarshalJSON, without encoding/json for most texts.
func readID(value []byte) (id models.ID, err error) {
	if text, ok := readText(value); ok {
		return models.TextID(text)
	}
	return id, id.UnmarshalJSON(value)
}
