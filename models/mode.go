package models

import (
	"context"
	"errors"
)

// Mode says how classes and rosters are made.
type Mode int

const (
	// ModeOpen makes a class when a user joins it: its first teacher owns it, students who join or mark
	// are on its roster, and any teacher may watch it.
	ModeOpen Mode = iota
	// ModeSigned knows only the classes and rosters that were made for it. For all other users a class does not exist.
	ModeSigned
)

// ErrDatabaseSigned is returned by Open for ModeOpen on a database that was opened with ModeSigned before, unless
// AllowOpen is set: most often a setting is missing, and every client would have access.
var ErrDatabaseSigned = errors.New("the database was used with tokens before")

// rememberMode notes in the database that it was opened with ModeSigned. It refuses ModeOpen from then on.
func (s *Store) rememberMode(ctx context.Context, allowOpen bool) error {
	const name, signed = "identity", "signed"
	var values []string
	if err := s.db.WithContext(ctx).Raw("SELECT value FROM properties WHERE name = ?", name).Scan(&values).Error; err != nil {
		return s.failure(ctx, "read the mode of the database", err)
	}
	known := len(values) > 0 && values[0] == signed
	switch {
	case s.mode == ModeOpen && known && !allowOpen:
		return ErrDatabaseSigned
	case s.mode == ModeOpen || known:
		return nil
	}
	insert := "INSERT INTO properties (name, value) VALUES (?, ?)" + s.on.conflict("name") + "value = " + s.on.proposed("value")
	err := s.retry(ctx, attemptsWithin, func() error { return s.db.WithContext(ctx).Exec(insert, name, signed).Error })
	return s.failure(ctx, "note the mode of the database", err)
}
