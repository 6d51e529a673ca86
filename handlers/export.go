package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// csvFile is a table that Excel opens by a double click.
type csvFile struct {
	name string
	rows [][]string
}

func (f csvFile) write(c *gin.Context) {
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name + ".csv"}))
	c.Data(http.StatusOK, mediaCSV+"; charset=utf-8", f.bytes())
}

// bytes begins with a byte order mark, without which Excel takes UTF-8 for something else.
func (f csvFile) bytes() []byte {
	var out bytes.Buffer
	out.WriteString(byteOrderMark)
	writer := csv.NewWriter(&out)
	writer.UseCRLF = true
	for _, row := range f.rows {
		_ = writer.Write(mapped(row, guarded)) // to memory
	}
	writer.Flush()
	return out.Bytes()
}

// formulaStarts are the characters by which spreadsheets take the text of a cell for a formula; the last four are the
// wide forms of the first four.
const formulaStarts = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

// cellEnds are the characters after which a new cell begins in some spreadsheet, depending on the language that it is
// set to. Quotes do not help: they only count at the beginning of a cell, and that is elsewhere then.
const cellEnds = ",;|\t\r\n"

const guard = "'"

// guarded puts an apostrophe before what a spreadsheet would otherwise run, wherever it splits the text: names and ids
// come from anybody.
func guarded(cell string) string {
	var out strings.Builder
	begins := true
	for i, r := range cell {
		if begins && startsFormula(cell[i:]) {
			out.WriteString(guard)
		}
		out.WriteRune(r)
		begins = strings.ContainsRune(cellEnds, r)
	}
	return out.String()
}

// withoutGuard undoes guarded, so that what was exported can be imported.
func withoutGuard(cell string) string {
	var out strings.Builder
	begins := true
	for i, r := range cell {
		if !begins || string(r) != guard || !startsFormula(cell[i+len(guard):]) {
			out.WriteRune(r)
		}
		begins = strings.ContainsRune(cellEnds, r)
	}
	return out.String()
}

// startsFormula tells whether a spreadsheet may run text. Some drop spaces and quotes first; guards are passed over, so
// that a text that begins with one of its own is told from a guarded one.
func startsFormula(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, guard+" \u00a0\u3000\""))
	return strings.ContainsRune(formulaStarts, first)
}

var sessionHeader = []string{"Student ID", "Name", "Status", "Recorded at (UTC)", "Recorded by"}

func (h *Handlers) exportSession(ctx context.Context, actor models.Actor, in ofSession) (csvFile, error) {
	found, marks, err := h.store.SessionRecords(ctx, actor, in.SessionID)
	if err != nil {
		return csvFile{}, err
	}
	file := csvFile{
		name: fileName("attendance", found.ClassID.Key, found.Day, found.Type),
		rows: [][]string{sessionHeader},
	}
	for _, mark := range marks {
		file.rows = append(file.rows, []string{
			mark.StudentID.Key, mark.StudentName, string(mark.Status),
			mark.RecordedAt.Time().Format("2006-01-02 15:04:05"), mark.RecordedBy.Key,
		})
	}
	return file, nil
}

func (h *Handlers) exportClass(ctx context.Context, actor models.Actor, in classRange) (csvFile, error) {
	matrix, err := h.store.Matrix(ctx, actor, in.ClassID, in.From, in.To)
	if err != nil {
		return csvFile{}, err
	}
	head := []string{"Student ID", "Name"}
	for _, session := range matrix.Sessions {
		head = append(head, session.Day+" "+session.Type)
	}
	head = append(head, "Held", "Present", "Late", "Absent", "Excused", "Rate")
	file := csvFile{name: fileName("attendance", in.ClassID.Key, in.From, in.To), rows: [][]string{head}}
	for _, student := range matrix.Rows {
		row := []string{student.StudentID.Key, student.StudentName}
		for _, status := range student.Statuses {
			row = append(row, string(status))
		}
		for _, count := range []int{student.Held, student.Present, student.Late, student.Absent, student.Excused} {
			row = append(row, strconv.Itoa(count))
		}
		file.rows = append(file.rows, append(row, percent(student.Rate)))
	}
	return file, nil
}

func percent(rate *float64) string {
	if rate == nil {
		return ""
	}
	return fmt.Sprintf("%.1f%%", *rate*100)
}

// fileName joins what there is, without the characters that some file system does not take.
func fileName(parts ...string) string {
	name := strings.Join(parts, "-")
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name), "-")
}
