// Package statement builds SQL from pieces and runs several statements in one round trip where the connection can do that. It
// knows nothing of attendance.
package statement

import (
	"context"
	"database/sql"
	"strings"
)

// Statement is SQL with a value for each of its question marks. It is kept in pieces, most of them constants, until it is sent:
// nothing is copied before.
type Statement struct {
	pieces []string
	values []any
	rows   int // of an INSERT
}

// New returns a statement that begins with text.
func New(text string, values ...any) *Statement {
	return &Statement{pieces: []string{text}, values: values}
}

// withCapacity returns an empty statement that takes so many pieces and values without having to grow.
func withCapacity(pieces, values int) *Statement {
	return &Statement{pieces: make([]string, 0, pieces), values: make([]any, 0, values)}
}

// Insert begins an INSERT with everything up to its rows, of which there will be at most maxRows.
func Insert(text string, maxRows int) *Statement {
	columns := strings.Count(text, ",") + 1
	s := withCapacity(2*maxRows+2, maxRows*columns)
	s.Add(text)
	return s
}

// String returns the SQL.
func (s *Statement) String() string { return strings.Join(s.pieces, "") }

// Values returns the values of the question marks.
func (s *Statement) Values() []any { return s.values }

// Rows returns the number of rows that Row has added.
func (s *Statement) Rows() int { return s.rows }

// Add appends a piece with its values.
func (s *Statement) Add(text string, values ...any) {
	s.pieces = append(s.pieces, text)
	s.values = append(s.values, values...)
}

// List appends (?, ?, …) with these values.
func (s *Statement) List(values ...any) { s.Add(questionMarks(len(values)), values...) }

// Row appends a row after the VALUES of an INSERT.
func (s *Statement) Row(values ...any) { s.RowOf(questionMarks(len(values)), values...) }

// RowOf is Row for values that are not all known: text is (?, …) with something else in place of those that the database computes.
func (s *Statement) RowOf(text string, values ...any) {
	if s.rows > 0 {
		s.Add(", ")
	}
	s.rows++
	s.Add(text, values...)
}

// questionMarks returns (?, ?, …) with so many, at least one.
func questionMarks(number int) string {
	if number < len(shortLists) {
		return shortLists[number]
	}
	return longList(number)
}

func longList(number int) string { return "(" + strings.Repeat("?, ", number-1) + "?)" }

// shortLists are ready for every mark: the widest row has 11 columns.
var shortLists = func() (lists [12]string) {
	for number := 1; number < len(lists); number++ {
		lists[number] = longList(number)
	}
	return lists
}()

// joined returns several statements as one text, as MySQL takes them.
func joined(statements []*Statement) *Statement {
	pieces, values := 0, 0
	for _, s := range statements {
		pieces, values = pieces+len(s.pieces)+1, values+len(s.values)
	}
	all := withCapacity(pieces, values)
	for i, s := range statements {
		if i > 0 {
			all.Add("; ")
		}
		all.pieces = append(all.pieces, s.pieces...)
		all.values = append(all.values, s.values...)
	}
	return all
}

// Execute runs statements up to the first that fails. Pipelined says that the connection takes several statements in one text;
// then it is one round trip.
func Execute(ctx context.Context, conn *sql.Conn, pipelined bool, statements []*Statement) error {
	if pipelined {
		statements = []*Statement{joined(statements)}
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s.String(), s.values...); err != nil {
			return err
		}
	}
	return nil
}

// Reading is a SELECT and the function that takes each of its rows.
type Reading struct {
	Statement *Statement
	Scan      func(*sql.Rows) error
}

// Query runs the statements before, and then readings. Pipelined is as for Execute.
func Query(ctx context.Context, conn *sql.Conn, pipelined bool, before []*Statement, readings []Reading) error {
	if !pipelined {
		if err := Execute(ctx, conn, false, before); err != nil {
			return err
		}
		for _, r := range readings {
			if err := readAll(ctx, conn, r.Statement, r); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range readings {
		before = append(before, r.Statement)
	}
	return readAll(ctx, conn, joined(before), readings...)
}

// readAll runs a text that answers with as many results as there are readings.
func readAll(ctx context.Context, conn *sql.Conn, s *Statement, readings ...Reading) error {
	rows, err := conn.QueryContext(ctx, s.String(), s.values...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error, if any, is in rows.Err
	for i, r := range readings {
		if i > 0 && !rows.NextResultSet() {
			break
		}
		for rows.Next() {
			if err := r.Scan(rows); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}
