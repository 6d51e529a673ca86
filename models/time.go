package models

import (
	"strings"
	"time"

	"gorm.io/gorm/clause"
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

const dayLayout = "2006-01-02"

// localLayouts are ISO timestamps that do not name a zone: they mean the campus's.
var localLayouts = []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999"}

// ParseDay returns the campus's calendar day, YYYY-MM-DD, that a client means by a day or by an ISO timestamp.
func (s *Store) ParseDay(text string) (string, error) {
	text = strings.TrimSpace(text)
	if _, err := time.Parse(dayLayout, text); err == nil {
		return text, nil
	}
	if moment, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return moment.In(s.location).Format(dayLayout), nil
	}
	for _, layout := range localLayouts {
		if moment, err := time.ParseInLocation(layout, text, s.location); err == nil {
			return moment.Format(dayLayout), nil
		}
	}
	return "", ErrInvalidDate
}

// between returns the condition that a session's day lies in a range; an empty end is open.
func (s *Store) between(from, to string) (clause.Expression, error) {
	first, last := "0000-00-00", "9999-99-99"
	var err error
	if from != "" {
		if first, err = s.ParseDay(from); err != nil {
			return nil, err
		}
	}
	if to != "" {
		if last, err = s.ParseDay(to); err != nil {
			return nil, err
		}
	}
	if first > last {
		return nil, ErrInvalidRange
	}
	return clause.Expr{SQL: "day BETWEEN ? AND ?", Vars: []any{first, last}}, nil
}

// day returns the campus's calendar day of a moment.
func (s *Store) day(t Timestamp) string { return t.Time().In(s.location).Format(dayLayout) }

func (s *Store) now() Timestamp { return Timestamp(s.clock().UnixMilli()) }
