// Package cluster delivers an ordered log, which several processes write to one database, to this process: every event of every
// open stream once and in order. It knows streams, numbers and bytes, and nothing of attendance.
//
// The log alone is the truth. What else carries events between processes (their own commits, notifications) may lose, repeat and
// swap them: a cursor per stream delivers the next number and nothing else, and what is missing is read from the log.
// docs/architecture.md, "Several nodes".
package cluster

import "context"

// Event is one row of the log.
type Event struct {
	Stream string
	Seq    int64 // its number in the stream: 1, 2, 3 … in the order of the commits, without a gap
	ID     int64 // its number in the log; ids may have gaps, and become visible in any order. Only what the log returns has one
	Body   []byte
}

// Log is the log in the database. Its methods return what is committed.
type Log interface {
	// Last returns the highest id, 0 if the log is empty.
	Last(ctx context.Context) (id int64, err error)

	// After returns the events whose id is above id or in missing, by ascending id, at most limit.
	After(ctx context.Context, id int64, missing []int64, limit int) ([]Event, error)

	// Of returns the events of one stream whose number is above seq, by ascending number, at most limit. Old events may be gone.
	Of(ctx context.Context, stream string, seq int64, limit int) ([]Event, error)

	// Newest returns the number of each stream's last event, also if that event is gone. It leaves out streams that do not exist.
	Newest(ctx context.Context, streams []string) (map[string]int64, error)
}
