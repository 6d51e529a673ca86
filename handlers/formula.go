package handlers

import (
	"strings"
	"unicode/utf8"
)

// formulaStarts are the characters by which spreadsheets take the text of a cell for a formula; the last four are the
// wide forms of the first four.
const formulaStarts = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

// cellEnds are the characters after which a new cell begins in some spreadsheet, depending on the language that it is
// set to. Quotes do not help: they only count at the beginning of a cell, and that is elsewhere then.
const cellEnds = ",;|\t\r\n"

const formulaEscape = "'"

// escapeFormula puts an apostrophe before what a spreadsheet would otherwise run, wherever it splits the text: names and ids
// come from anybody.
func escapeFormula(cell string) string {
	var out strings.Builder
	begins := true
	for i, r := range cell {
		if begins && startsFormula(cell[i:]) {
			out.WriteString(formulaEscape)
		}
		out.WriteRune(r)
		begins = strings.ContainsRune(cellEnds, r)
	}
	return out.String()
}

// unescapeFormula undoes escapeFormula, so that what was exported can be imported.
func unescapeFormula(cell string) string {
	var out strings.Builder
	begins := true
	for i, r := range cell {
		if !begins || string(r) != formulaEscape || !startsFormula(cell[i+len(formulaEscape):]) {
			out.WriteRune(r)
		}
		begins = strings.ContainsRune(cellEnds, r)
	}
	return out.String()
}

// startsFormula tells whether a spreadsheet may run text. Some drop spaces and quotes first. Apostrophes are
// passed over, so that a text that begins with one of its own differs from an escaped one.
func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, formulaEscape+" \u00a0\u3000\""))
	return strings.ContainsRune(formulaStarts, first)
}
