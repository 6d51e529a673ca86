// Package models owns the attendance data: the tables, every query and transaction, and the rules of attendance. It
// knows nothing of HTTP or sockets.
//
// A Store is safe for concurrent use. All its methods may block on the database and take a context that bounds that.
// Errors that are a *Refusal carry a sentence for the person who asked. What a class must hear of a change is published
// through the callbacks of Options, in the order of the commits; what the one who asked must hear is returned.
package models

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

var errNotImplemented = errors.New("not implemented")

// Options says where the data is and by which rules it is kept.
type Options struct {
	DSN      string // of a MySQL or MariaDB server; empty: SQLite in DataDir
	DataDir  string // is made if it is missing
	Mode     Mode
	Location *time.Location // the campus's time zone; nil: UTC

	// SessionMax is how long a session may be active before EndOverdue ends it; zero: 2 hours.
	SessionMax time.Duration

	// ConnectTimeout is how long Open waits for a server that is not up yet; zero: 30 seconds.
	ConnectTimeout time.Duration

	// Committed, Started and Ended are told what was committed and changed, before the method that changed it returns.
	// They are called one at a time and in the order of the commits, so whoever broadcasts from here, and not from the
	// results, never shows a class a timestamp that goes back. Further commits wait meanwhile: they must not block, and
	// must not call the Store. Each may be nil.
	Committed func(marks []Mark)    // in the order in which they were recorded, of one or several classes
	Started   func(session Session) // started, opened again, or given another frequency
	Ended     func(session Session) // by its teacher or by EndOverdue

	Clock  func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default()
}

// Store keeps the attendance data in one database.
type Store struct {
	mode     Mode
	location *time.Location
	clock    func() time.Time
}

// Open connects to the database and brings its tables up to date. A server that is not up yet is retried until
// ConnectTimeout has passed; what will not mend itself (the DSN, the password, missing rights) fails at once.
func Open(ctx context.Context, options Options) (*Store, error) {
	return nil, errNotImplemented
}

// Close waits for the marks that are being recorded, refuses others with ErrClosed, and closes the database.
func (s *Store) Close() error { return errNotImplemented }

// Ping tells whether the database can be reached and written to.
func (s *Store) Ping(ctx context.Context) error { return errNotImplemented }
