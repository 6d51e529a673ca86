package models

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"gorm.io/gorm/clause"
)

// The campus's calendar days are texts, YYYY-MM-DD, so that they compare and sort as such.

// timeText is a day or, with a time of day and perhaps a zone, a moment. It is ISO 8601 in the forms in which the standard
// libraries of common languages print it, and with the plus sign that a query string turns into a space.
var timeText = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)` +
	`(?:(?:[Tt]| +)(\d\d:\d\d)(?:(:\d\d)(?:[.,]\d+)?)?` +
	`(?:(?: ?([Zz]|UTC|GMT)| ?([+−-]| )(\d\d):?(\d\d)?(?::\d\d)?(?: [A-Za-z]+)?)(?:\[[^\]]*\])*)?)?$`)

// maxTimeText bounds what is matched, in bytes.
const maxTimeText = 120

// ParseDay returns the campus's calendar day, YYYY-MM-DD, that a client means by a day or by an ISO timestamp.
//
// A time with a zone is a moment, whose day is the campus's. A time without one is of the day that it names. A day that the
// campus has not reached, but UTC has, means the campus's today: clients take it from toISOString. East of UTC the same
// client names yesterday in the morning; but there was a yesterday, so that is what it gets.
func (s *Store) ParseDay(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxTimeText {
		return "", ErrInvalidDate
	}
	part := timeText.FindStringSubmatch(text)
	if part == nil {
		return "", ErrInvalidDate
	}
	day, clock, seconds, utc, sign, hours, minutes := part[1], part[2], part[3], part[4], part[5], part[6], part[7]
	zone := "+00:00"
	if sign != "" {
		zone = cmp.Or(signs[sign], sign) + hours + ":" + cmp.Or(minutes, "00")
	}
	moment, err := time.Parse("2006-01-02 15:04:05 -07:00", day+" "+cmp.Or(clock, "00:00")+cmp.Or(seconds, ":00")+" "+zone)
	if err != nil {
		return "", ErrInvalidDate
	}
	if utc == "" && sign == "" {
		return s.campusDayOf(day), nil
	}
	moment = moment.In(s.location)
	if year := moment.Year(); year < 0 || year > 9999 {
		return "", ErrInvalidDate
	}
	return moment.Format(time.DateOnly), nil
}

// signs are other signs of a zone's offset.
var signs = map[string]string{"−": "-", " ": "+"}

// campusDayOf returns the campus's day that a client means who names day.
func (s *Store) campusDayOf(day string) string {
	now := s.now()
	if today := s.day(now); day > today && day == now.Time().Format(time.DateOnly) {
		return today
	}
	return day
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
func (s *Store) day(t Timestamp) string { return t.Time().In(s.location).Format(time.DateOnly) }
