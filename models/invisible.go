package models

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// neededInNames are invisible characters that change how the letters beside them are written: the joiners of Persian and
// the scripts of India, the vowel separator of Mongolian, and the variation selectors of Japanese names and of emoji.
var neededInNames = []*unicode.RangeTable{unicode.Join_Control, unicode.Variation_Selector, runes(0x180E)}

// joiningScripts are those in which a joiner between two letters belongs to the spelling of a word.
var joiningScripts = []*unicode.RangeTable{
	unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati,
	unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Khmer, unicode.Myanmar,
}

func runes(r rune) *unicode.RangeTable {
	return &unicode.RangeTable{R32: []unicode.Range32{{Lo: uint32(r), Hi: uint32(r), Stride: 1}}}
}

// invisible tells whether r is not shown: the format characters (general category Cf) and those that Unicode calls
// Default_Ignorable_Code_Point (section 5.21), without the Arabic number signs, which are Cf and printed.
func invisible(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// UnseenAtEnds are the characters that are invisible at an end of an id, and so are no part of it. A plain space is no such character:
// it is compared as it is, as it always was.
func UnseenAtEnds(r rune) bool {
	const blankBraille = 0x2800
	return r >= 0x80 && (invisible(r) || unicode.Is(unicode.Z, r) || r == blankBraille)
}

// VisibleName returns name without the characters that make it look like another name: direction overrides, marks and
// isolates, zero-width spaces, byte order marks, soft hyphens, tags. Joiners and variation selectors stay.
func VisibleName(name string) string {
	if !utf8.ValidString(name) {
		return name // it is refused as it is
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) && !unicode.In(r, neededInNames...) {
			return -1
		}
		return r
	}, name)
}

// visibleID returns an id without what cannot be seen at its ends, and whether all the rest can be seen.
func visibleID(id string) (string, bool) {
	id = strings.TrimFunc(id, UnseenAtEnds)
	before := rune(0)
	for _, r := range id {
		spelled := unicode.Is(unicode.Join_Control, r) && unicode.In(before, joiningScripts...)
		if invisible(r) && !spelled && !extendsEmoji(before, r) {
			return id, false
		}
		before = r
	}
	return id, true
}

// extendsEmoji tells whether r joins the picture before it to the next one, or has it drawn in colour (Unicode emoji, UTS 51).
func extendsEmoji(before, r rune) bool {
	const joiner, inColour = 0x200D, 0xFE0F
	return (r == joiner || r == inColour) && (unicode.In(before, unicode.So, unicode.Sk) || before == inColour)
}
