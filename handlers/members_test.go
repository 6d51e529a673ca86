package handlers

import (
	"bytes"
	"encoding/json"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/neuracampus/attendance/models"
)

// manyMembers are what a client can send of many small members, or of one large one. Each is about as large as its body may be.
var manyMembers = []struct {
	name    string
	text    func() string // made when its test runs: all of them take megabytes
	decode  func(text string) error
	refusal string
}{
	{"keys of an event", func() string { return `[{"a":1` + keys(1<<20) + `}]` }, decodeEvent, "The data of this event may have at most 100 keys"},
	{"arguments of an event", func() string { return "[1" + strings.Repeat(",1", 1<<19) + "]" }, decodeEvent, "An event may have at most 100 arguments"},
	{"tones of an event", func() string {
		return `[{"classId":1,"teacherId":1,"sessionType":"lab","frequency":[1` + strings.Repeat(",1", 1<<19) + "]}]"
	}, decodeEvent, "frequency must be"},
	{"keys of a body", func() string { return `{"students":[]` + keys(8<<20) + "}" }, decodeRoster, "The body may have at most 100 keys"},
	{"students of a body", func() string { return `{"students":[1` + strings.Repeat(",1", 4<<20) + "]}" }, decodeRoster, "A roster has at most 40000 students"},
	{"keys of a student", func() string { return `{"students":[{"id":1` + keys(8<<20) + "}]}" }, decodeRoster, "students[0] may have at most 100 keys"},
	{"lines of a file", func() string { return strings.Repeat("a\n", 4<<20) }, decodeFile, "A roster has at most 40000 students"},
	{"cells of a file", func() string { return "id,name\n" + strings.Repeat(",", 8<<20) }, decodeFile, "There are more than 2000000 cells in the file"},
	{"quoted cells of a file", func() string { return "id,name\n1" + strings.Repeat(`,""`, 8<<20/3) }, decodeFile, "There are more than 2000000 cells in the file"},
	{"one cell of a file", func() string { return "id\n" + strings.Repeat("x ", 4<<20) }, decodeFile, "Nothing was imported: line 2: The line is too long"},
	{"header of a file", func() string { return strings.Repeat("id,", 8<<20/3) }, decodeFile, "There are more than 2000000 cells in the file"},
}

// keys returns the keys of about so many bytes of JSON.
func keys(size int) string {
	var text strings.Builder
	for i := 0; text.Len() < size; i++ {
		text.WriteString(`,"` + strconv.Itoa(i) + `":1`)
	}
	return text.String()
}

func decodeEvent(text string) error {
	f := readFields([]byte(text))
	readInitiate(f)
	return f.err()
}

func decodeRoster(text string) error {
	var in changeRosterRequest
	return decodeObject([]byte(text), reflect.ValueOf(&in.Body).Elem(), "")
}

func decodeFile(text string) error { return readRosterCSV([]byte(text), columnChoice{}).err }

func TestManyMembersAreRefusedInLittleMemory(t *testing.T) {
	for _, test := range manyMembers {
		t.Run(test.name, func(t *testing.T) {
			text := test.text()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := test.decode(text)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.HasPrefix(err.Error(), test.refusal) {
				t.Errorf("%v, want %q", err, test.refusal)
			}
			// Copies of the text, among them the growing buffer for one line of a file, and 40,000 lines.
			if bytes := after.TotalAlloc - before.TotalAlloc; bytes > uint64(10*len(text)+10<<20) {
				t.Errorf("%d kB were allocated for %d kB", bytes>>10, len(text)>>10)
			}
		})
	}
}

func TestMembersUpToLimitAreAccepted(t *testing.T) {
	for name, text := range map[string]string{
		"keys of an event":      `[{"classId":1,"teacherId":1,"sessionType":"lab"` + strings.Repeat(`,"a":[{},"}",{"b":"\",\""}]`, maxKeys-3) + `}]`,
		"arguments of an event": `[{"classId":1,"teacherId":1,"sessionType":"lab"}` + strings.Repeat(`,"\\"`, maxArguments-1) + `]`,
	} {
		if err := decodeEvent(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	students := strings.Repeat(`,{"id":1}`, models.MaxRoster)
	if err := decodeRoster(`{"students":[` + students[1:] + `]}`); err != nil {
		t.Errorf("students of a body: %v", err)
	}
}

// FuzzMembers compares what is read of JSON with what encoding/json reads.
func FuzzMembers(f *testing.F) {
	for _, seed := range []string{
		`[]`, `{}`, `[1,2,3]`, `{"a":[1,2,3],"b":"\"," }`, `["\\",",",[",",{}]]`, `{"a,":{"b":1,"c":[2,3]},"d":"}"}`, ` { "a" : 1 , "a" : 2 } `,
		`{"\u0061:":"\ud83d\ude00","":null}`, `[ [ ] , { } ]`, `"[1,2]"`, `null`, `1`,
	} {
		f.Add([]byte(seed), 2)
	}
	f.Fuzz(func(t *testing.T, raw []byte, limit int) {
		var list []json.RawMessage
		var keyed map[string]json.RawMessage
		read, isObject := readObject(raw) // it must not panic
		more := hasMore(raw, limit)
		switch {
		case !json.Valid(raw) || !utf8.Valid(raw):
		case json.Unmarshal(raw, &list) == nil && list != nil:
			if limit > 0 && limit <= 1000 && more != (len(list) > limit) {
				t.Errorf("%s has %d members, more than %d: %v", raw, len(list), limit, more)
			}
			if want := append(list, nil)[0]; !bytes.Equal(firstMember(raw), want) {
				t.Errorf("the first member of %s is %s, want %s", raw, firstMember(raw), want)
			}
		case json.Unmarshal(raw, &keyed) == nil && keyed != nil:
			for key, want := range keyed {
				if value, ok := read.get(key); !ok || !bytes.Equal(value, want) {
					t.Errorf("%q of %s is %s, want %s", key, raw, value, want)
				}
				var text string
				isText := want[0] == '"' && json.Unmarshal(want, &text) == nil
				if got, ok := readText(want); ok != isText || got != text {
					t.Errorf("the text of %s is %q %v, want %q %v", want, got, ok, text, isText)
				}
			}
		case isObject:
			t.Errorf("%s was read as an object", raw)
		}
	})
}
