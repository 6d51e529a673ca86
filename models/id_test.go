package models_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

func TestIDsAreTextsOrIntegers(t *testing.T) {
	for input, want := range map[string]string{ // the key; "" is refused
		`"a"`:                     "a",
		`"5"`:                     "5",
		`5`:                       "5",
		`-0`:                      "0",
		`9007199254740991`:        "9007199254740991",
		`"देवांशी 🙂"`:             "देवांशी 🙂",
		`"\u00e9"`:                "é",
		`" "`:                     " ",
		`"` + long(64, "🙂") + `"`: long(64, "🙂"),
		`"` + long(65, "a") + `"`: "",
		`""`:                      "",
		`"a\u0000"`:               "",
		`"a\nb"`:                  "",
		`"a\u0085"`:               "",
		"\"\xff\"":                "",
		`9007199254740992`:        "",
		`-9007199254740992`:       "",
		`1.0`:                     "",
		`1e3`:                     "",
		`null`:                    "",
		`"\ud800"`:                "",
		`true`:                    "",
		`[]`:                      "",
		`{}`:                      "",
		`99999999999999999999999`: "",
	} {
		var id models.ID
		err := id.UnmarshalJSON([]byte(input))
		if id.Key != want || (want == "") != errors.Is(err, models.ErrInvalidID) || id.Number == strings.HasPrefix(input, `"`) && want != "" {
			t.Errorf("%s is %+v, %v; want %q", input, id, err, want)
		}
	}
}

func long(n int, s string) string { return strings.Repeat(s, n) }

func FuzzID(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u200b17\u00ad"`, `"1\u200b7"`, `5`, `-0`, `"\ud800"`, `"🙂"`, "\"\xff\"", `1e3`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var id, again models.ID
		if id.UnmarshalJSON(data) != nil {
			if !id.IsZero() {
				t.Errorf("refused, but %+v", id)
			}
			return
		}
		encoded, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(encoded, &again); err != nil || again != id {
			t.Errorf("%s became %+v, then %s, then %+v, %v", data, id, encoded, again, err)
		}
		if id.Number && bytes.Contains(encoded, []byte(`"`)) {
			t.Errorf("a number came back as %s", encoded)
		}
	})
}

func TestTimestampJSONMatchesJavaScript(t *testing.T) {
	for at, want := range map[models.Timestamp]string{
		1:             `"1970-01-01T00:00:00.001Z"`,
		1772368200120: `"2026-03-01T12:30:00.120Z"`,
		0:             `null`,
	} {
		if got, err := json.Marshal(at); err != nil || string(got) != want {
			t.Errorf("%d is %s, %v; want %s", at, got, err, want)
		}
	}
}
