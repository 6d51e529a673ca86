package handlers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
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

// maxLineErrors is how many mistakes are told at once; whoever has more has another problem.
const maxLineErrors = 50

func (e lineErrors) Error() string {
	if len(e) == 1 {
		return fmt.Sprintf("Nothing was imported: line %d: %s", e[0].Line, e[0].Message)
	}
	return fmt.Sprintf("Nothing was imported: there are mistakes in %d lines", len(e))
}

const byteOrderMark = "\ufeff"

// readRosterCSV reads students from a CSV file as Excel and others write it: with a byte order mark or without, with
// Excel's line sep=; or without, separated by commas, semicolons or tabs, with lines ending as on any system. The columns
// are id and name, or what a header line says. All mistakes are reported, by line.
func readRosterCSV(file []byte) ([]importedStudent, error) {
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return nil, invalid("The file is not in UTF-8; in Excel, save it as “CSV UTF-8”")
	}
	text := strings.TrimPrefix(string(file), byteOrderMark)
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	reader := rosterReader{columns: -1}
	if first, rest, _ := strings.Cut(text, "\n"); len(first) == len("sep=;") && strings.HasPrefix(first, "sep=") && first[4] < utf8.RuneSelf {
		reader.separator, reader.skipped, text = rune(first[4]), 1, rest
	} else {
		reader.separator = separatorOf(text)
	}
	return reader.read(text)
}

// separatorOf guesses from the first line that has anything in it: what is there most often outside of quotes.
func separatorOf(text string) rune {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	counts := map[rune]int{}
	quoted := false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[r]++
		}
	}
	return slices.MaxFunc([]rune{'\t', ';', ','}, func(a, b rune) int { return counts[a] - counts[b] })
}

type rosterReader struct {
	separator rune
	skipped   int // lines before the ones that are read

	columns  int // how many each line may have, -1 before the first line
	idColumn int
	name     int // column, -1: there is none

	students []importedStudent
	seen     map[string]int // id to line
	mistakes lineErrors
}

func (r *rosterReader) read(text string) ([]importedStudent, error) {
	if !slices.Contains([]rune{',', ';', '\t', '|'}, r.separator) {
		return nil, invalid("Columns must be separated by commas, semicolons or tabs")
	}
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = r.separator, -1
	r.students, r.seen = []importedStudent{}, map[string]int{}
	for len(r.mistakes) < maxLineErrors {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			r.wrong(broken.StartLine, "There is a quote too many or too few")
			continue
		}
		number, _ := lines.FieldPos(0)
		r.line(number, cells)
	}
	switch {
	case len(r.mistakes) > 0:
		return nil, r.mistakes
	case len(r.students) == 0:
		return nil, invalid("There are no students in the file")
	}
	return r.students, nil
}

func (r *rosterReader) wrong(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, lineError{line + r.skipped, fmt.Sprintf(format, args...)})
}

func (r *rosterReader) line(number int, cells []string) {
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	if strings.Join(cells, "") == "" {
		return // Excel leaves such lines behind
	}
	if r.columns < 0 && r.header(cells) {
		return
	}
	if len(cells) > r.columns {
		r.wrong(number, "There are %d columns instead of %d; a header line that names id and name allows others beside them", len(cells), r.columns)
		return
	}
	student := importedStudent{Line: number + r.skipped}
	if r.name >= 0 && r.name < len(cells) {
		student.Name = withoutGuard(cells[r.name])
	}
	if r.idColumn < len(cells) {
		student.ID.Key = withoutGuard(cells[r.idColumn])
	}
	switch before, twice := r.seen[student.ID.Key]; {
	case student.ID.Key == "":
		r.wrong(number, "The id is missing")
	case rounded.MatchString(student.ID.Key):
		r.wrong(number, "%s is what Excel makes of a long number; format the column as text and type the id again", student.ID.Key)
	case twice:
		r.wrong(number, "The id %s is in line %d already", student.ID.Key, before)
	default:
		if err := (models.Student{ID: student.ID, Name: student.Name}).Check(); err != nil {
			r.wrong(number, "%s", err)
			return
		}
		r.seen[student.ID.Key] = student.Line
		r.students = append(r.students, student)
	}
}

// rounded is a long number after Excel: its last digits are lost.
var rounded = regexp.MustCompile(`^[0-9][.,][0-9]+[eE]\+[0-9]+$`)

// The names by which a header line calls the two columns, in lower case and without anything but letters.
var (
	idHeaders   = []string{"id", "studentid", "userid", "student", "rollno", "rollnumber", "registrationno", "registrationnumber"}
	nameHeaders = []string{"name", "studentname", "fullname"}
)

// header learns from the first line which column is which, and tells whether it is a header at all.
func (r *rosterReader) header(cells []string) bool {
	find := func(names []string) int {
		return slices.IndexFunc(cells, func(cell string) bool { return slices.Contains(names, letters(cell)) })
	}
	if id := find(idHeaders); id >= 0 {
		r.columns, r.idColumn, r.name = len(cells), id, find(nameHeaders)
		return true
	}
	r.columns, r.idColumn, r.name = 2, 0, 1
	return false
}

func letters(cell string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(cell))
}
