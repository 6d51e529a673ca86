package handlers

import (
	"slices"
	"strings"
	"unicode"
)

// findHeader returns the index of the line that names the columns, -1 if there is none. Above it may be titles.
func findHeader(records []fileLine, choice columnChoice) (int, error) {
	if choice.header != nil {
		at := slices.IndexFunc(records, func(rec fileLine) bool { return rec.line == *choice.header })
		if *choice.header != 0 && at < 0 {
			return -1, invalid(reasonFile, "There is no header in line %d, which is empty or not in the file", *choice.header)
		}
		return at, nil
	}
	head := records[:min(len(records), headLines)]
	at := slices.IndexFunc(head, func(rec fileLine) bool { return namesChosen(rec.cells, choice) || isHeader(rec.cells) })
	if at < 0 {
		return -1, nil
	}
	for _, above := range records[:at] {
		if !isTitle(above, records[at]) {
			return at, invalid(reasonFile, "Line %d stands above the header in line %d and does not look like a title; remove it, or say which line is the header (headerLine)", above.line, records[at].line)
		}
	}
	return at, nil
}

// isTitle tells whether a line above a header is none of the students.
func isTitle(rec, header fileLine) bool {
	return rec.filled() < header.filled() || strings.HasSuffix(rec.cells[firstFilled(rec)], ":")
}

// namesChosen tells whether a line has a column that the caller calls by its header.
func namesChosen(cells []string, choice columnChoice) bool {
	return slices.ContainsFunc(slices.Concat(choice.names, []string{choice.id}), func(wanted string) bool {
		if wanted == "" || allDigits(wanted) {
			return false
		}
		_, err := columnNamed(wanted, cells)
		return err == nil
	})
}

// meaningsOf returns the columns of a line by what their words mean.
func meaningsOf(cells []string) (columns [meanings][]int) {
	for i, cell := range cells {
		if entry := headerWords[wordKey(cell)]; entry.known {
			columns[entry.means] = append(columns[entry.means], i)
		}
	}
	return columns
}

// isHeader tells whether a line names columns: an id, with a name or at least without a cell that is a number; or a name,
// in a line without any digit.
func isHeader(cells []string) bool {
	found := meaningsOf(cells)
	ids := len(found[meansNumber]) + len(found[meansID]) + len(found[meansLogin]) + len(found[meansEmail]) + len(found[meansStudent])
	names := len(found[meansFullName]) + len(found[meansName]) + len(found[meansFirstName]) + len(found[meansLastName])
	switch {
	case ids > 0:
		return names > 0 || !slices.ContainsFunc(cells, allDigits)
	case names > 0:
		return !slices.ContainsFunc(cells, func(cell string) bool { return !noDigits(cell) })
	}
	return false
}

// columnsOf chooses the columns of a header. The id is -1 if no column is one; two that are equally good are refused.
func columnsOf(cells []string) (rosterColumns, error) {
	found := meaningsOf(cells)
	chosen := rosterColumns{id: -1, names: namesOf(cells, found)}
	for _, candidates := range [][]int{found[meansNumber], found[meansID], found[meansLogin], found[meansEmail]} {
		if len(candidates) > 1 {
			return chosen, invalid(reasonFile, "More than one column may be the id: %s; say which one is (idColumn)", quoted(pick(cells, candidates)))
		}
		if len(candidates) == 1 {
			chosen.id = candidates[0]
			break
		}
	}
	if len(found[meansStudent]) > 0 {
		switch {
		case chosen.id < 0:
			chosen.id = found[meansStudent][0]
		case chosen.names == nil:
			chosen.names = found[meansStudent][:1]
		}
	}
	return chosen, nil
}

func pick(cells []string, columns []int) []string {
	return mapped(columns, func(column int) string { return cells[column] })
}

// namesOf chooses the columns of the name. “Name” beside a first name is the last name, and the other way round.
func namesOf(cells []string, found [meanings][]int) []int {
	all, plain, first, last := found[meansFullName], found[meansName], found[meansFirstName], found[meansLastName]
	switch {
	case len(all) > 0:
		return all[:1]
	case len(first) > 0 && len(last) > 0 && headerWords[wordKey(cells[last[0]])].familyFirst:
		return []int{last[0], first[0]}
	case len(first) > 0 && len(last) > 0:
		return []int{first[0], last[0]}
	case len(first) > 0 && len(plain) > 0:
		return []int{first[0], plain[0]}
	case len(last) > 0 && len(plain) > 0:
		return []int{plain[0], last[0]}
	}
	for _, one := range [][]int{plain, first, last} {
		if len(one) > 0 {
			return one[:1]
		}
	}
	return nil
}

// unlikeData returns the index of the last of the first lines that are no students, in a file whose header nobody knows:
// titles, then a line with an id without digits where all ids below have some, or with a name where all names below are
// numbers, or whose id is several words and none below is. It returns -1 if every line may be a student.
func unlikeData(records []fileLine, columns rosterColumns) int {
	at := 0
	for at < len(records)-1 && columns.width > 1 && records[at].filled() == 1 && len(records[at+1].cells) > 1 && strings.Contains(columns.idOf(records[at]), " ") {
		at++
	}
	below := slices.DeleteFunc(slices.Clone(records[at+1:]), func(rec fileLine) bool { return isTotal(rec.cells) })
	if len(below) == 0 {
		return -1
	}
	differs := func(cell func(fileLine) string, is func(string) bool) bool {
		return is(cell(records[at])) && !slices.ContainsFunc(below, func(rec fileLine) bool { return is(cell(rec)) })
	}
	if differs(columns.idOf, noDigits) || differs(columns.nameOf, noNumber) || differs(columns.idOf, severalWords) {
		return at
	}
	return -1
}

// swapped tells whether no id has a digit and every name is a number.
func swapped(records []fileLine, columns rosterColumns) bool {
	return !slices.ContainsFunc(records, func(rec fileLine) bool {
		return !noDigits(columns.idOf(rec)) || !allDigits(columns.nameOf(rec))
	})
}

// noDigits is also true for what is empty: a header may leave a column without a word.
func noDigits(text string) bool { return !strings.ContainsFunc(text, unicode.IsDigit) }

func noNumber(text string) bool { return !allDigits(text) }

func severalWords(text string) bool { return strings.Contains(text, " ") && noDigits(text) }

func allDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) })
}
