package handlers

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/neuracampus/attendance/models"
)

// lineError is what is wrong with one line of an imported file.
type lineError struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// lineErrors refuses an imported file.
type lineErrors []lineError

// maxLineErrors is how many mistakes are reported at once; a file with more has another problem.
const maxLineErrors = 50

func (e lineErrors) Error() string {
	if len(e) == 1 {
		return fmt.Sprintf("Nothing was imported: line %d: %s", e[0].Line, e[0].Message)
	}
	return fmt.Sprintf("Nothing was imported: there are mistakes in %d lines", len(e))
}

// separators are what may stand between cells. Where several would do, the first one counts: a name has a comma in it
// more often than a bar. The last four are the commas and semicolons of Chinese, Japanese and Arabic keyboards.
var separators = []rune{'\t', ';', '|', ',', '，', '；', '،', '؛'}

// joined is an id and a name in one cell, with something between them that separates no cells. An id of that form would have a
// digit behind it as well, to tell one student from the next.
var joined = regexp.MustCompile(`^\p{Nd}+\s*[:^~]\s*[\p{L}\p{M}][\p{L}\p{M}' .-]+$`)

// fileLine is a line of a file that has something in it.
type fileLine struct {
	line  int
	cells []string
}

// filled counts the cells that have something in them.
func (r fileLine) filled() (n int) {
	for _, cell := range r.cells {
		if cell != "" {
			n++
		}
	}
	return n
}

// rosterFile is what was found in an imported file: students if err is nil.
type rosterFile struct {
	table    rosterTable
	students []importedStudent
	warnings []string
	err      error
}

// readRosterCSV reads students from a CSV file as Excel and others write it: in any encoding that can be recognised, with
// Excel's line sep=; or without, separated by commas, semicolons, tabs or bars, with lines ending as on any system. The
// columns are those that choice names, or those that a header line names in words of the dictionary, or id and name. All
// mistakes are reported, by line.
func readRosterCSV(file []byte, choice columnChoice) rosterFile {
	text, err := rosterText(file)
	if err != nil {
		return rosterFile{err: err}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	reader := rosterReader{seen: map[string]int{}}
	separator := separatorOf(text)
	if first, rest, _ := strings.Cut(text, "\n"); utf8.RuneCountInString(first) == len("sep=;") && strings.HasPrefix(first, "sep=") {
		separator, _ = utf8.DecodeRuneInString(first[len("sep="):])
		reader.skipped, text = 1, rest
	}
	if !slices.Contains(separators, separator) {
		return rosterFile{err: invalid(reasonFile, "Columns must be separated by commas, semicolons, tabs or bars")}
	}
	if strings.Count(text, string(separator)) > maxCells {
		return rosterFile{err: invalid(reasonFile, "There are more than %d cells in the file; remove the columns that are not needed", maxCells)}
	}
	records := reader.split(text, separator)
	if len(records) > maxRecords {
		return rosterFile{err: errRosterTooLong}
	}
	columns, err := findColumns(records, choice)
	read := rosterFile{table: tableOf(records, columns), err: err}
	if err == nil {
		read.students, read.err = reader.students(records, columns)
	}
	if read.err == nil {
		read.warnings = append(warnOfSkippedLines(records, columns, reader.totals), warnOfUnlikelyIDs(read.students)...)
	}
	return read
}

// A file that passes these limits is decoded to no more than some ten times its size.
const (
	maxRecords = models.MaxRoster + 1000 // lines that are not empty, the header and the totals among them
	maxCells   = 50 * models.MaxRoster
	maxLine    = 64 << 10 // bytes
)

var errRosterTooLong = invalid("roster_too_long", "A roster has at most %d students", models.MaxRoster)

// headLines is how many lines may stand above the students, the header among them.
const headLines = 20

// separatorOf returns the likely separator: what separates the words of a header, or else what is in most of the first lines outside of quotes.
func separatorOf(text string) rune {
	lines := strings.FieldsFunc(text[:min(len(text), headBytes)], func(r rune) bool { return r == '\n' })
	lines = lines[:min(len(lines), headLines)]
	score := func(separator rune) (n int) {
		for _, line := range lines {
			cells := cellsOf(line, separator)
			if len(cells) > 1 {
				n++
			}
			if len(cells) > 1 && isHeader(cells) {
				n += headLines
			}
		}
		return n
	}
	return slices.MaxFunc(separators, func(a, b rune) int { return score(a) - score(b) })
}

// cellsOf splits one line where separator is outside of quotes.
func cellsOf(line string, separator rune) []string {
	quoted := false
	return strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == separator && !quoted
	})
}

type rosterReader struct {
	skipped  int // lines before the ones that are read
	seen     map[string]int
	totals   []fileLine
	mistakes lineErrors
}

func (r *rosterReader) wrong(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, lineError{line, fmt.Sprintf(format, args...)})
}

// split returns the lines that have something in them, up to one more than maxRecords; what is not CSV becomes a mistake.
func (r *rosterReader) split(text string, separator rune) []fileLine {
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = separator, -1
	var records []fileLine
	for len(r.mistakes) < maxLineErrors && len(records) <= maxRecords {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			r.wrong(broken.StartLine+r.skipped, "There is a quote too many or too few")
			continue
		}
		number, _ := lines.FieldPos(0)
		if sizeOf(cells) > maxLine {
			r.wrong(number+r.skipped, "The line is too long")
			continue
		}
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(cell)
		}
		for len(cells) > 0 && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1] // Excel leaves them behind, and whole lines of them
		}
		if len(cells) > 0 && !isRule(cells) {
			records = append(records, fileLine{number + r.skipped, cells})
		}
	}
	return records
}

func sizeOf(cells []string) (bytes int) {
	for _, cell := range cells {
		bytes += len(cell)
	}
	return bytes
}

// isRule tells whether a line is one that is drawn, as between the header and the rows of a table in Markdown or on a terminal.
func isRule(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool {
		return cell != "" && (strings.Trim(cell, "-=+:") != "" || !strings.Contains(cell, "--") && !strings.Contains(cell, "=="))
	})
}

// students reads the lines below the header.
func (r *rosterReader) students(records []fileLine, columns rosterColumns) ([]importedStudent, error) {
	students := []importedStudent{}
	body := records[columns.header+1:]
	spaced := slices.ContainsFunc(body, func(rec fileLine) bool { return rec.filled() > 1 && strings.Contains(columns.idOf(rec), " ") })
	end := len(body) // of the students; what follows adds up
	for end > 0 && isTotal(body[end-1].cells) {
		end--
	}
	for i, rec := range body {
		if len(r.mistakes) >= maxLineErrors {
			break
		}
		beside := i >= end || i == 0 && columns.header >= 0 // where lines that add up may stand
		id := columns.idOf(rec)
		switch {
		case len(rec.cells) > columns.width:
			r.wrong(rec.line, "There are %d columns instead of %d; a header line that names id and name allows others beside them", len(rec.cells), columns.width)
		case beside && isTotal(rec.cells) && (id == "" || id == rec.cells[firstFilled(rec)] || id == fmt.Sprint(len(students))):
			r.totals = append(r.totals, rec)
		case isTotal(rec.cells):
			r.wrong(rec.line, "This looks like a total and not like a student; remove the line")
		case id == "":
			r.wrong(rec.line, "The id is missing")
		case columns.width > 1 && rec.filled() == 1 && strings.Contains(id, " ") && !spaced:
			r.wrong(rec.line, "This looks like a title or a remark and not like a student; remove the line, or give the student a name")
		case rec.filled() == 1 && joined.MatchString(id):
			r.wrong(rec.line, "This looks like an id and a name in one cell; put a comma, a semicolon, a tab or a bar between them")
		case damage(id) != "":
			r.wrong(rec.line, "%s is %s; format the column as text and type the id again", id, damage(id))
		default:
			if student, ok := r.student(rec, columns); ok {
				students = append(students, student)
			}
		}
	}
	switch {
	case len(r.mistakes) > 0:
		slices.SortStableFunc(r.mistakes, func(a, b lineError) int { return a.Line - b.Line })
		return nil, r.mistakes
	case len(students) == 0:
		return nil, invalid(reasonFile, "There are no students in the file")
	case len(students) > models.MaxRoster:
		return nil, errRosterTooLong
	}
	return students, nil
}

func (r *rosterReader) student(rec fileLine, columns rosterColumns) (importedStudent, bool) {
	id, err := models.TextID(unescapeFormula(plainText(columns.idOf(rec))))
	student := models.Student{ID: id, Name: columns.nameOf(rec)}
	if err == nil {
		err = student.Check()
	}
	if err != nil {
		r.wrong(rec.line, "%s", err)
		return importedStudent{}, false
	}
	if before, twice := r.seen[id.Key]; twice {
		r.wrong(rec.line, "The id %s is in line %d already", id.Key, before)
		return importedStudent{}, false
	}
	r.seen[id.Key] = rec.line
	return importedStudent{Line: rec.line, ID: id, Name: student.Name}, true
}

// plainText undoes ="0017", by which programs keep a spreadsheet from making a number of an id.
func plainText(cell string) string {
	if inner, found := strings.CutPrefix(cell, `="`); found && strings.HasSuffix(inner, `"`) {
		return strings.TrimSpace(strings.TrimSuffix(inner, `"`))
	}
	return cell
}

func firstFilled(rec fileLine) int {
	return slices.IndexFunc(rec.cells, func(cell string) bool { return cell != "" })
}

// isTotal tells whether a line adds up what is above it: a word for that, perhaps with a number, and numbers beside it.
func isTotal(cells []string) bool {
	first := slices.IndexFunc(cells, func(cell string) bool { return cell != "" })
	if first < 0 {
		return false
	}
	word := strings.TrimFunc(cells[first], func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) })
	if entry := headerWords[wordKey(word)]; !entry.known || entry.means != meansTotal {
		return false
	}
	return !slices.ContainsFunc(cells[first+1:], func(cell string) bool { return strings.ContainsFunc(cell, unicode.IsLetter) })
}
