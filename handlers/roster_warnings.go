package handlers

import (
	"fmt"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/neuracampus/attendance/models"
)

// maxWarnings is how many warnings an answer has at most.
const maxWarnings = 50

// warnOfSkippedLines says which lines of a file were taken for titles and totals.
func warnOfSkippedLines(records []fileLine, columns rosterColumns, totals []fileLine) []string {
	var warnings []string
	for i := range columns.header {
		warnings = append(warnings, fmt.Sprintf("Line %d was left out as a title: “%s”", records[i].line, shown(records[i].cells[firstFilled(records[i])])))
	}
	for _, rec := range totals {
		warnings = append(warnings, fmt.Sprintf("Line %d was left out as a total: “%s”", rec.line, shown(rec.cells[firstFilled(rec)])))
	}
	return warnings
}

// warnOfUnlikelyIDs says which ids of a file may not be meant as they are.
func warnOfUnlikelyIDs(students []importedStudent) []string {
	var warnings []string
	for _, student := range students {
		if why := doubt(student.ID.Key); why != "" {
			warnings = append(warnings, fmt.Sprintf("Line %d: %s", student.Line, why))
		}
	}
	return warnings
}

// comparableForm is what ids have in common that differ only in case, in how letters and accents are put together, or in width.
func comparableForm(id models.ID) string {
	return norm.NFC.String(cases.Fold().String(norm.NFKC.String(id.Key)))
}

// warnOfSimilarIDs warns of ids that differ from another one, which is in the same list or on the roster already, only so that
// people hardly see it. Where says where in the list a student is.
func warnOfSimilarIDs(students []models.Student, roster []models.Enrolment, where func(int) string) []string {
	const differs = "%s: the id “%s” differs from “%s” %s only in capital and small letters or in how letters are composed"
	listed := make(map[string]bool, len(students))
	before := make(map[string]models.ID, len(students)+len(roster))
	places := make(map[string]string, len(students)+len(roster))
	for _, student := range students {
		listed[student.ID.Key] = true
	}
	for _, enrolment := range roster {
		if !listed[enrolment.StudentID.Key] {
			key := comparableForm(enrolment.StudentID)
			before[key], places[key] = enrolment.StudentID, "on the roster"
		}
	}
	var warnings []string
	for i, student := range students {
		key := comparableForm(student.ID)
		if other, found := before[key]; found && !other.Is(student.ID) {
			warnings = append(warnings, fmt.Sprintf(differs, where(i), student.ID, other, places[key]))
		} else {
			before[key], places[key] = student.ID, "in "+where(i)
		}
	}
	return warnings
}

// limitWarnings leaves out warnings beyond the limit, and says how many.
func limitWarnings(warnings []string) []string {
	if more := len(warnings) - maxWarnings; more > 0 {
		return append(warnings[:maxWarnings:maxWarnings], fmt.Sprintf("There are %d more warnings", more))
	}
	return append([]string{}, warnings...)
}
