package models

import (
	"sync"
	"time"
)

// Timestamp is a moment in milliseconds since 1970 UTC, which is all that a JavaScript client can tell apart. Zero means
// never. Within a class timestamps never go back, whichever node's clock they come from.
type Timestamp int64

const isoMillis = "2006-01-02T15:04:05.000Z"

// Time returns the moment in UTC.
func (t Timestamp) Time() time.Time { return time.UnixMilli(int64(t)).UTC() }

// String returns the moment as JavaScript's toISOString does.
func (t Timestamp) String() string { return t.Time().Format(isoMillis) }

// MarshalJSON writes the moment as JavaScript's toISOString does; never is null.
func (t Timestamp) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return t.Time().AppendFormat(make([]byte, 0, 26), `"`+isoMillis+`"`), nil
}

// ParseTimestamp reads a moment as String writes it. Everything else is ErrInvalidSince.
func ParseTimestamp(text string) (Timestamp, error) {
	moment, err := time.Parse(isoMillis, text)
	if read := Timestamp(moment.UnixMilli()); err == nil && read.String() == text {
		return read, nil
	}
	return 0, ErrInvalidSince
}

// clockTolerance is the difference between two clocks that needs no warning, in milliseconds.
const clockTolerance = Timestamp(60_000)

// Now returns what the store's clock says.
func (s *Store) Now() Timestamp { return s.now() }

func (s *Store) now() Timestamp { return Timestamp(s.clock().UnixMilli()) }

// timestampWarnings remembers the classes whose timestamps were warned of.
type timestampWarnings struct {
	mu     sync.Mutex
	warned map[string]bool
}

// maxTimestampWarnings bounds them: after a day on which the clock was wrong, it would be every class.
const maxTimestampWarnings = 100

// checkTimestamp warns, once for each class, that timestamps of a class are ahead of the clock: because it was ahead when one
// was given out, or is behind now. Days and ages come from the clock nevertheless.
func (s *Store) checkTimestamp(classID ID, stamp Timestamp) {
	ahead := stamp - s.now()
	if ahead <= clockTolerance || !s.timestampWarnings.first(classID.Key) {
		return
	}
	s.log.Warn("the timestamps of a class are ahead of the clock", "class_id", classID.Key, "ahead", time.Duration(ahead)*time.Millisecond)
}

func (w *timestampWarnings) first(class string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.warned[class] || len(w.warned) == maxTimestampWarnings {
		return false
	}
	if w.warned == nil {
		w.warned = map[string]bool{}
	}
	w.warned[class] = true
	return true
}
