package handlers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/neuracampus/attendance/models"
)

// columnChoice is what a caller says about the columns of a file. A column is called by its header, or by its number from
// 1 on. Empty or nil: the file decides.
type columnChoice struct {
	id     string
	names  []string // joined in this order; "0" alone: there are no names
	header *int     // its line, 0: there is none
}

// rosterColumns says where the students of a file are.
type rosterColumns struct {
	header int // its index among the lines that have something in them, -1: there is none
	width  int // how many columns a line may have
	id     int
	names  []int // in the order in which they are joined
}

// idOf returns the text of the id of a line, without what cannot be seen at its ends.
func (c rosterColumns) idOf(rec fileLine) string {
	if c.id >= len(rec.cells) {
		return ""
	}
	return strings.TrimFunc(rec.cells[c.id], func(r rune) bool { return unicode.IsSpace(r) || models.UnseenAtEnds(r) })
}

// nameOf joins the names of a line: with a space, but without one in Chinese, Japanese and Korean.
func (c rosterColumns) nameOf(rec fileLine) string {
	var parts []string
	for _, column := range c.names {
		if column < len(rec.cells) {
			if part := strings.TrimSpace(models.VisibleName(unescapeFormula(rec.cells[column]))); part != "" {
				parts = append(parts, part)
			}
		}
	}
	if len(parts) == 2 && eastAsian(parts[0]) && eastAsian(parts[1]) {
		return strings.Join(parts, "")
	}
	return strings.Join(parts, " ")
}

func eastAsian(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	})
}

// rosterTable shows how a file was read.
type rosterTable struct {
	HeaderLine  int        `json:"headerLine" doc:"0: there is none"`
	IDColumn    int        `json:"idColumn" doc:"From 1 on; 0: none was found"`
	NameColumns []int      `json:"nameColumns" doc:"From 1 on, in the order in which they are joined"`
	Rows        []tableRow `json:"rows" doc:"The first lines that have something in them, long cells cut"`
}

type tableRow struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"`
}

// The part of a file that is shown.
const (
	shownRows    = 8
	shownColumns = 30
	shownLetters = 60
)

func tableOf(records []fileLine, columns rosterColumns) rosterTable {
	table := rosterTable{IDColumn: columns.id + 1, NameColumns: []int{}, Rows: []tableRow{}}
	if columns.header >= 0 && columns.header < len(records) {
		table.HeaderLine = records[columns.header].line
	}
	for _, column := range columns.names {
		table.NameColumns = append(table.NameColumns, column+1)
	}
	for _, rec := range records[:min(len(records), max(shownRows, columns.header+1+shownRows))] {
		table.Rows = append(table.Rows, tableRow{rec.line, mapped(rec.cells[:min(len(rec.cells), shownColumns)], shown)})
	}
	return table
}

// shown cuts a text that is quoted to people.
func shown(text string) string {
	if letters := []rune(text); len(letters) > shownLetters {
		return string(letters[:shownLetters]) + "…"
	}
	return text
}

// findColumns decides which columns are the id and the name. On an error, what is returned says how far it got.
func findColumns(records []fileLine, choice columnChoice) (rosterColumns, error) {
	columns := rosterColumns{header: -1, id: -1, width: 2}
	if len(records) == 0 {
		return columns, nil
	}
	header, err := findHeader(records, choice)
	if columns.header = header; err != nil {
		return columns, err
	}
	cells := widest(records)
	likely := rosterColumns{id: 0, names: []int{1}[:min(1, len(cells)-1)]}
	if header >= 0 {
		cells = records[header].cells
		likely, err = columnsOf(cells)
	}
	if header >= 0 || choice.id != "" {
		columns.width = len(cells)
	}
	if columns.id, err = chosenID(choice, cells, likely, err, records, header); err != nil {
		return columns, err
	}
	if header < 0 && columns.id == 1 && len(cells) == 2 {
		likely.names = []int{0} // the other column
	}
	if columns.names, err = chosenNames(choice, cells, likely, columns.id); err != nil {
		return columns, err
	}
	if header < 0 && choice.header == nil {
		return checkedHeaderless(records, columns, choice)
	}
	return columns, nil
}

// checkedHeaderless refuses a file without a known header if its first line does not look like a student, or its columns
// as if they were the other way round.
func checkedHeaderless(records []fileLine, columns rosterColumns, choice columnChoice) (rosterColumns, error) {
	if at := unlikeData(records, columns); at >= 0 {
		refused := rosterColumns{header: at, id: -1}
		return refused, noIDColumn(records[at], "it looks like a header, but ")
	}
	if choice.id == "" && swapped(records, columns) {
		return columns, invalid(reasonFile, "The first column looks like names and the second one like ids; say which is which (idColumn, nameColumn)")
	}
	return columns, nil
}

func chosenID(choice columnChoice, cells []string, likely rosterColumns, unclear error, records []fileLine, header int) (int, error) {
	switch {
	case choice.id != "":
		return columnNamed(choice.id, cells)
	case unclear != nil:
		return -1, unclear
	case likely.id < 0:
		return -1, noIDColumn(records[header], "")
	}
	return likely.id, nil
}

func chosenNames(choice columnChoice, cells []string, likely rosterColumns, id int) ([]int, error) {
	if len(choice.names) == 0 {
		return slices.DeleteFunc(likely.names, func(column int) bool { return column == id }), nil
	}
	if slices.Equal(choice.names, []string{"0"}) {
		return nil, nil
	}
	var names []int
	for _, name := range choice.names {
		column, err := columnNamed(name, cells)
		if err != nil {
			return nil, err
		}
		names = append(names, column)
	}
	return names, nil
}

// widest returns numbers for headers, as many as the longest line needs.
func widest(records []fileLine) []string {
	n := 0
	for _, rec := range records {
		n = max(n, len(rec.cells))
	}
	return make([]string, n)
}

// columnNamed finds a column by its number or by its header.
func columnNamed(wanted string, cells []string) (int, error) {
	if n, err := strconv.Atoi(wanted); err == nil {
		if n < 1 || n > len(cells) {
			return -1, invalid(reasonFile, "There is no column %d; the file has %d", n, len(cells))
		}
		return n - 1, nil
	}
	column := slices.IndexFunc(cells, func(cell string) bool {
		return cell != "" && (cell == wanted || wordKey(cell) == wordKey(wanted) && wordKey(wanted) != "")
	})
	if column < 0 {
		return -1, invalid(reasonFile, "There is no column “%s”; the file has %s", shown(wanted), quoted(cells))
	}
	return column, nil
}

// noIDColumn lists what a header has instead of an id.
func noIDColumn(header fileLine, why string) error {
	return invalid(reasonFile, "Line %d has %s; %sno column is known as the id. Name the columns id and name, or say which they are (idColumn, nameColumn); if the line is a student, say headerLine=0",
		header.line, quoted(header.cells), why)
}

// quoted lists columns for people.
func quoted(cells []string) string {
	const most = 10
	var list []string
	for i, cell := range cells {
		if i == most {
			return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", len(cells)-most)
		}
		if cell == "" {
			cell = fmt.Sprintf("column %d", i+1)
		} else {
			cell = "“" + shown(cell) + "”"
		}
		list = append(list, cell)
	}
	return strings.Join(list, ", ")
}
