package models_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// TestIDInvisibleCharactersTrimmedOrRefused: one line for each character that is not shown.
func TestIDInvisibleCharactersTrimmedOrRefused(t *testing.T) {
	for _, test := range []struct {
		character string
		hidden    bool // refused between two letters
	}{
		{"\u200b", true},     // zero-width space
		{"\u200c", true},     // zero-width non-joiner
		{"\u200d", true},     // zero-width joiner
		{"\u00ad", true},     // soft hyphen
		{"\u200e", true},     // left-to-right mark
		{"\u200f", true},     // right-to-left mark
		{"\u061c", true},     // Arabic letter mark
		{"\u202a", true},     // left-to-right embedding
		{"\u202e", true},     // right-to-left override
		{"\u2066", true},     // left-to-right isolate
		{"\u2069", true},     // pop directional isolate
		{"\u2060", true},     // word joiner
		{"\ufeff", true},     // byte order mark
		{"\ufe0f", true},     // variation selector
		{"\u180e", true},     // Mongolian vowel separator
		{"\u034f", true},     // combining grapheme joiner
		{"\u3164", true},     // Hangul filler
		{"\ufff9", true},     // interlinear annotation
		{"\U000e0041", true}, // tag A
		{"\u00a0", false},    // no-break space: visible between two letters
		{"\u3000", false},    // ideographic space
		{"\u2028", false},    // line separator
		{"\u2800", false},    // blank of Braille
	} {
		name := strconv.QuoteToASCII(test.character)
		for _, id := range []string{test.character + "17", "17" + test.character, test.character + test.character + "17" + test.character} {
			if got, err := models.TextID(id); err != nil || got.Key != "17" {
				t.Errorf("%s at an end: %+v, %v", name, got, err)
			}
		}
		var fromJSON models.ID
		if err := fromJSON.UnmarshalJSON([]byte(strconv.Quote("17" + test.character))); err == nil && fromJSON.Key != "17" {
			t.Errorf("%s in JSON: %+v", name, fromJSON)
		}
		if got, err := models.TextID("1" + test.character + "7"); errors.Is(err, models.ErrInvisibleInID) != test.hidden {
			t.Errorf("%s inside: %+v, %v", name, got, err)
		}
		if got, err := models.TextID(test.character); !errors.Is(err, models.ErrInvalidID) {
			t.Errorf("%s alone: %+v, %v", name, got, err)
		}
	}
}

func TestVisibleIDIsKept(t *testing.T) {
	for _, id := range []string{
		" 17", "17 ", " ", "a b", "Ünal", "u\u0308", // as they always were: comparing is exact
		"نیم\u200cسال", "क्\u200dष", // joiners that belong to the spelling
		"\u0600\u0661", // the Arabic number sign is printed
	} {
		if got, err := models.TextID(id); err != nil || got.Key != id {
			t.Errorf("%q became %q, %v", id, got.Key, err)
		}
	}
}

// TestVisibleNameDropsInvisibleCharacters: one line for each kind of character that a name loses or keeps.
func TestVisibleNameDropsInvisibleCharacters(t *testing.T) {
	for name, want := range map[string]string{
		"Asha \u202eoaR\u202c":  "Asha oaR",
		"\u2066Asha\u2069":      "Asha",
		"\u200eAsha\u200f":      "Asha",
		"\u061cعلی":             "علی",
		"\ufeffAsha":            "Asha",
		"As\u00adha":            "Asha",
		"As\u200bha":            "Asha",
		"As\u2060ha":            "Asha",
		"Asha\U000e0041":        "Asha",
		"\u3164":                "",
		"علی\u200cرضا":          "علی\u200cرضا",
		"श्\u200dरी":            "श्\u200dरी",
		"葛\U000e0100城":          "葛\U000e0100城",
		"👩\u200d🔬 ❤\ufe0f":      "👩\u200d🔬 ❤\ufe0f",
		"\u1828\u180e\u1820":    "\u1828\u180e\u1820",
		" Asha  Rao\u00a0":      " Asha  Rao\u00a0",
		"\xff\u202e":            "\xff\u202e", // refused as it is
		"\u0600\u0661 O’Neil-Ł": "\u0600\u0661 O’Neil-Ł",
	} {
		if got := models.VisibleName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

func TestIDWithEmojiIsKept(t *testing.T) {
	for _, id := range []string{"👩🏽‍🎓👨‍👩‍👧‍👦🇮🇳", "🏳️‍🌈 7", "7 👩‍🚀"} {
		if got, err := models.TextID(id); err != nil || got.Key != id {
			t.Errorf("%q becomes %q: %v", id, got.Key, err)
		}
	}
}
