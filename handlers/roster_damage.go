package handlers

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// damages are what spreadsheets make of ids, as far as no real id looks like that. A date with the year first, such as
// 2023-11-04, is an id at some universities, and so is MAR-04 in capitals: these are taken.
var damages = []struct {
	is    string
	shape *regexp.Regexp
}{
	{"what Excel makes of a long number", regexp.MustCompile(`^[-+−]?\p{Nd}+(` + decimal + `\p{Nd}*\s*[eE][-+−]?|\s*[eE][-+−])\p{Nd}+$`)},
	{"what a program makes of a whole number", regexp.MustCompile(`^\p{Nd}+` + decimal + `0+$`)},
	{"a percentage", regexp.MustCompile(`^[-+−]?\p{Nd}+(` + decimal + `\p{Nd}+)?\s*[%٪]$`)},
	{"what a spreadsheet shows where a column is too narrow", regexp.MustCompile(`^#+$`)},
	{"an error of a spreadsheet", regexp.MustCompile(`^(?i:#[¡¿]?[\p{L}_]+(/0)?[!?]|#\p{L}+/\p{L}+[!?]?|#(NV|YOK|HIÁNYZIK|GETTING_DATA|NENÍ_K_DISPOZICI|ND)|Err:\d{3})$`)},
	{"a formula", regexp.MustCompile(`^=`)},
	{"a truth value of a spreadsheet", regexp.MustCompile(`^(TRUE|FALSE|WAHR|FALSCH|VRAI|FAUX|VERDADERO|WAAR|ONWAAR|PRAWDA|FAŁSZ|ИСТИНА|ЛОЖЬ|DOĞRU|YANLIŞ)$`)},
	{"a date that a spreadsheet made of it", regexp.MustCompile(`^\d{1,2}[-/. ]{1,2}` + month + `\.?([-/. ]\d{2}(\d{2})?)?$|^` + monthFirst + `\.?[-/. ]\d{2}(\d{2})?$`)},
	{"a date that a spreadsheet made of it", regexp.MustCompile(`^(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((19|20)\d\d)?$`)},
	{"a date that a spreadsheet made of it", regexp.MustCompile(`^(0?[1-9]|[12]\d|3[01])/(0?[1-9]|[12]\d|3[01])/((19|20)\d\d|\d\d)$`)},
	{"a date that a spreadsheet made of it", regexp.MustCompile(`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]\d{1,2}:\d\d(:\d\d(\.\d+)?)?(Z| ?[AP]M)?$`)},
	{"a date that a spreadsheet made of it", regexp.MustCompile(`^(\d{4}年)?\d{1,2}月\d{1,2}日$`)},
}

const decimal = `[.,٫]`

// months are abbreviated as spreadsheets do it, in small letters or with a capital one; in capitals they may be the code of
// a course. Before a number, only those that are common there: Gen-01 is rather a course of genetics than January.
var (
	month      = abbreviated(commonMonths + " ene abr ago dic fev out gen mag giu lug ott set mrt mei maj des sty lut kwi cze lip sie wrz paź lis gru янв фев мар апр май мая июн июл авг сен окт ноя дек oca şub nis haz tem ağu eyl eki kas ara")
	monthFirst = abbreviated(commonMonths)
)

const commonMonths = "jan feb mar apr may jun jul aug sep sept oct nov dec jän mär mrz mai okt dez janv févr mars avr juin juil août déc"

func abbreviated(months string) string {
	var words []string
	for word := range strings.FieldsSeq(months) {
		first, size := utf8.DecodeRuneInString(word)
		words = append(words, "["+string(first)+string(unicode.ToUpper(first))+"]"+word[size:])
	}
	return "(" + strings.Join(words, "|") + ")"
}

// damage says what a spreadsheet did to an id, empty if nothing can be told.
func damage(id string) string {
	if id != plainText(id) {
		return ""
	}
	for _, kind := range damages {
		if kind.shape.MatchString(id) {
			return kind.is
		}
	}
	return ""
}

// doubtful are shapes that real ids have, and that spreadsheets make as well.
var doubtful = []struct {
	looks string
	shape *regexp.Regexp
}{
	{"looks like a date", regexp.MustCompile(`^(19|20)\d\d([-/.])(0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])$|^(0?[1-9]|[12]\d|3[01])[.-](0?[1-9]|1[0-2])[.-]\d\d(\d\d)?$`)},
	{"looks like a time", regexp.MustCompile(`^\d{1,2}:\d\d(:\d\d)?$`)},
	{"may have lost its last digits in a spreadsheet", regexp.MustCompile(`^\d{15}0+$`)},
}

// doubt says why an id may be none, empty if nothing speaks against it.
func doubt(id string) string {
	for _, kind := range doubtful {
		if kind.shape.MatchString(id) {
			return "The id " + strconv.Quote(id) + " " + kind.looks
		}
	}
	return ""
}
