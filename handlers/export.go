package handlers

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/neuracampus/attendance/models"
)

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
