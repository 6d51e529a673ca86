package handlers

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// csvFile is a table that Excel opens by a double click. Its rows are sent as they are read, so that a long one takes no
// more memory than a short one.
type csvFile struct {
	name string
	head []string
	rows iter.Seq2[[]string, error]
}

// write sends the table. After an error the connection must be ended: the status has been sent, and half a table must
// not look like a whole one.
func (f csvFile) write(c *gin.Context) error {
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name + ".csv"}))
	c.Header("Content-Type", mediaCSV+"; charset=utf-8")
	c.Status(http.StatusOK)
	return f.writeTo(c.Writer)
}

// writeTo begins with a byte order mark, without which Excel takes UTF-8 for something else.
func (f csvFile) writeTo(out io.Writer) error {
	if _, err := io.WriteString(out, byteOrderMark); err != nil {
		return err
	}
	writer := csv.NewWriter(out)
	writer.UseCRLF = true
	if err := writer.Write(mapped(f.head, guarded)); err != nil {
		return err
	}
	for row, err := range f.rows {
		if err != nil {
			return err
		}
		if err := writer.Write(mapped(row, guarded)); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
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
	found, marks, err := h.store.EachRecord(ctx, actor, in.SessionID)
	if err != nil {
		return csvFile{}, err
	}
	return csvFile{
		name: fileName("attendance", found.ClassID.Key, found.Day, found.Type),
		head: sessionHeader,
		rows: mappedEach(marks, func(mark models.Mark) []string {
			return []string{
				mark.StudentID.Key, mark.StudentName, string(mark.Status),
				mark.RecordedAt.Time().Format("2006-01-02 15:04:05"), mark.RecordedBy.Key,
			}
		}),
	}, nil
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
	return csvFile{
		name: fileName("attendance", in.ClassID.Key, in.From, in.To),
		head: append(head, "Held", "Present", "Late", "Absent", "Excused", "Rate"),
		rows: mappedEach(matrix.Rows(ctx), matrixRow),
	}, nil
}

func matrixRow(student models.MatrixRow) []string {
	row := []string{student.StudentID.Key, student.StudentName}
	for _, status := range student.Statuses {
		row = append(row, string(status))
	}
	for _, count := range []int{student.Held, student.Present, student.Late, student.Absent, student.Excused} {
		row = append(row, strconv.Itoa(count))
	}
	return append(row, percent(student.Rate))
}

// mappedEach returns out of every value, up to the first error.
func mappedEach[From, To any](values iter.Seq2[From, error], out func(From) To) iter.Seq2[To, error] {
	return func(yield func(To, error) bool) {
		for value, err := range values {
			if !yield(out(value), err) {
				return
			}
		}
	}
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
