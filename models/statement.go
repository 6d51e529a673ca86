package models

import (
	"context"
	"database/sql"
	"strings"
)

// statement is SQL with a value for each of its question marks. It is kept in pieces, most of them constants, until it is sent:
// nothing is copied before.
type statement struct {
	pieces []string
	values []any
	rows   int // of an INSERT
}

func sqlText(text string) *statement { return &statement{pieces: []string{text}} }

// roomy returns an empty statement that takes so many pieces and values without having to grow.
func roomy(pieces, values int) *statement {
	return &statement{pieces: make([]string, 0, pieces), values: make([]any, 0, values)}
}

// insert begins an INSERT with everything up to its rows, which will be so many at the most.
func insert(text string, rows int) *statement {
	columns := strings.Count(text, ",") + 1
	s := roomy(2*rows+2, rows*columns)
	s.add(text)
	return s
}

func (s *statement) String() string { return strings.Join(s.pieces, "") }

func (s *statement) add(sql string, values ...any) {
	s.pieces = append(s.pieces, sql)
	s.values = append(s.values, values...)
}

// list adds (?, ?, …) with these values.
func (s *statement) list(values ...any) { s.add(questionMarks(len(values)), values...) }

// row adds a row after the VALUES of an INSERT.
func (s *statement) row(values ...any) {
	if s.rows > 0 {
		s.add(", ")
	}
	s.rows++
	s.list(values...)
}

// questionMarks returns (?, ?, …) with so many, at least one.
func questionMarks(number int) string {
	if number < len(shortLists) {
		return shortLists[number]
	}
	return "(" + strings.Repeat("?, ", number-1) + "?)"
}

// shortLists are ready for every mark: the widest row has 11 columns.
var shortLists = func() (lists [12]string) {
	for number := 1; number < len(lists); number++ {
		lists[number] = "(" + strings.Repeat("?, ", number-1) + "?)"
	}
	return lists
}()

// ofStudents completes a SELECT from enrolments e, of which text is everything up to WHERE or AND, for the students of some classes:
// ranges of the primary key, spelled so that every server's optimizer sees them.
func ofStudents(text string, classes []any, students map[string][]any) *statement {
	s := sqlText(text)
	for i, class := range classes {
		if i == 0 {
			s.add(" (")
		} else {
			s.add(" OR ")
		}
		s.add("e.class_key = ? AND e.student_key IN ", class)
		s.list(students[class.(string)]...)
	}
	s.add(")")
	return s
}

// joined returns several statements as one text, as MySQL takes them.
func joined(statements []*statement) *statement {
	pieces, values := 0, 0
	for _, s := range statements {
		pieces, values = pieces+len(s.pieces)+1, values+len(s.values)
	}
	all := roomy(pieces, values)
	for i, s := range statements {
		if i > 0 {
			all.add("; ")
		}
		all.pieces = append(all.pieces, s.pieces...)
		all.values = append(all.values, s.values...)
	}
	return all
}

// execute runs statements up to the first that fails; in one round trip, where the connection can do that.
func execute(ctx context.Context, conn *sql.Conn, pipelined bool, statements []*statement) error {
	if pipelined {
		statements = []*statement{joined(statements)}
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s.String(), s.values...); err != nil {
			return err
		}
	}
	return nil
}

// reading is a SELECT and what becomes of each of its rows.
type reading struct {
	statement *statement
	scan      func(*sql.Rows) error
}

// query runs statements and then readings; in one round trip, where the connection can do that.
func query(ctx context.Context, conn *sql.Conn, pipelined bool, before []*statement, readings []reading) error {
	if !pipelined {
		if err := execute(ctx, conn, false, before); err != nil {
			return err
		}
		for _, r := range readings {
			if err := readAll(ctx, conn, r.statement, r); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range readings {
		before = append(before, r.statement)
	}
	return readAll(ctx, conn, joined(before), readings...)
}

// readAll runs a text that answers with as many results as there are readings.
func readAll(ctx context.Context, conn *sql.Conn, s *statement, readings ...reading) error {
	rows, err := conn.QueryContext(ctx, s.String(), s.values...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // what there is to fail shows in rows.Err
	for i, r := range readings {
		if i > 0 && !rows.NextResultSet() {
			break
		}
		for rows.Next() {
			if err := r.scan(rows); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}
