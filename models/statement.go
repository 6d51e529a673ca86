package models

import (
	"context"
	"database/sql"
	"strings"
)

// statement is SQL with a value for each of its question marks.
type statement struct {
	strings.Builder
	values []any
}

func sqlText(text string) *statement {
	s := &statement{}
	s.add(text)
	return s
}

func (s *statement) add(sql string, values ...any) {
	s.WriteString(sql)
	s.values = append(s.values, values...)
}

// list adds (?, ?, …) with these values.
func (s *statement) list(values ...any) {
	s.WriteString("(?")
	for range values[1:] {
		s.WriteString(", ?")
	}
	s.WriteString(")")
	s.values = append(s.values, values...)
}

// row adds a row to the VALUES of an INSERT.
func (s *statement) row(values ...any) {
	if s.Len() > 0 {
		s.WriteString(", ")
	}
	s.list(values...)
}

// within returns the statement with text before and after it.
func (s *statement) within(before, after string) *statement {
	whole := &statement{values: s.values}
	whole.Grow(len(before) + s.Len() + len(after))
	whole.add(before)
	whole.add(s.String())
	whole.add(after)
	return whole
}

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
	all := &statement{}
	for i, s := range statements {
		if i > 0 {
			all.add("; ")
		}
		all.add(s.String(), s.values...)
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
	defer rows.Close() // what there is to fail shows in rows.Err
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
