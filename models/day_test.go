package models_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests need zones, wherever they run

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	return must(time.LoadLocation(name))(t)
}

// clock is set by hand.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) set(t *testing.T, local string, location *time.Location) {
	t.Helper()
	c.now = must(time.ParseInLocation("2006-01-02 15:04", local, location))(t)
}

func TestSessionDayIsTheCampusDay(t *testing.T) {
	for _, test := range []struct{ zone, local, day string }{
		{"UTC", "2026-03-01 00:00", "2026-03-01"},
		{"Asia/Kolkata", "2026-03-01 00:10", "2026-03-01"}, // still February in UTC
		{"Pacific/Kiritimati", "2026-03-01 09:00", "2026-03-01"},
		{"America/Los_Angeles", "2026-02-28 23:50", "2026-02-28"}, // March in UTC
		{"Europe/Berlin", "2026-03-29 03:30", "2026-03-29"},       // the day on which 02:30 does not exist
		{"Europe/Berlin", "2026-10-25 02:30", "2026-10-25"},       // the day on which it exists twice
		{"America/Sao_Paulo", "2018-11-04 01:30", "2018-11-04"},   // the day that had no midnight
	} {
		t.Run(test.zone+" "+test.local, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				location := zone(t, test.zone)
				var c clock
				c.set(t, test.local, location)
				store := db.Open(t, models.Options{Location: location, Clock: c.Now, Mode: models.ModeSigned})
				if session := lesson(t, store); session.Day != test.day {
					t.Errorf("the session's day is %s", session.Day)
				}
				for _, date := range []string{test.day, c.now.UTC().Format("2006-01-02T15:04:05.000Z"), c.now.Format(time.RFC3339)} {
					found := must(store.Fetch(t.Context(), asha, mathClass, date, "lecture"))(t)
					if !found.Exists || found.Date != test.day || len(found.Records) != 2 {
						t.Errorf("%s: %+v", date, found)
					}
				}
			})
		})
	}
}

func TestSessionAcrossMidnightIsOneSession(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		location := zone(t, "Asia/Kolkata")
		var c clock
		c.set(t, "2026-03-01 23:30", location)
		store := db.Open(t, models.Options{Location: location, Clock: c.Now, Mode: models.ModeSigned})
		session := lesson(t, store)

		c.set(t, "2026-03-02 00:10", location)
		if m := must(record(t, store, chen, chen.ID, models.Present))(t).Mark; m.SessionID != session.ID {
			t.Errorf("the mark after midnight went to session %d", m.SessionID)
		}
		if again := must(store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture"}))(t); again.Changed {
			t.Errorf("initiating again after midnight: %+v", again)
		}
		end := models.EndRequest{ClassID: mathClass, SessionType: "lecture"}
		if ended := must(store.End(t.Context(), asha, end))(t); !ended.Changed || ended.Session.ID != session.ID {
			t.Errorf("ended %+v", ended)
		}
		// The alias of the same event, a moment later.
		if ended := must(store.End(t.Context(), asha, end))(t); ended.Changed {
			t.Errorf("ended again %+v", ended)
		}
		if found := must(store.Fetch(t.Context(), asha, mathClass, "2026-03-02", "lecture"))(t); found.Exists || found.Active != models.StateInitial {
			t.Errorf("on the second day there is %+v", found)
		}
		if next := initiate(t, store, mathClass, "lecture"); next.ID == session.ID || next.Day != "2026-03-02" {
			t.Errorf("the second day's session is %+v", next)
		}
		must(store.End(t.Context(), asha, end))(t)
		c.set(t, "2026-03-04 10:00", location)
		_, err := store.End(t.Context(), asha, end)
		wantRefusal(t, err, models.ErrNoActiveSession)
	})
}

// TestFetchTodayFindsTheSession has a client ask for today in each way in which clients name it, around midnight and in the
// nights in which clocks change.
func TestFetchTodayFindsTheSession(t *testing.T) {
	utcDate := func(now time.Time) string { return now.UTC().Format(time.DateOnly) }
	localDate := func(now time.Time) string { return now.Format(time.DateOnly) }
	moment := func(now time.Time) string { return now.UTC().Format("2006-01-02T15:04:05.000Z") }
	for _, test := range []struct {
		zone, begun, asked string // local times
		date               func(time.Time) string
		found              bool
	}{
		{"UTC", "2026-03-02 10:00", "2026-03-02 10:30", utcDate, true},
		{"America/Los_Angeles", "2026-03-02 15:50", "2026-03-02 15:59", utcDate, true},
		{"America/Los_Angeles", "2026-03-02 15:50", "2026-03-02 16:10", utcDate, true}, // tomorrow in UTC
		{"America/Los_Angeles", "2026-03-02 15:50", "2026-03-02 16:10", localDate, true},
		{"America/Los_Angeles", "2026-03-02 15:50", "2026-03-02 16:10", moment, true},
		{"America/New_York", "2026-03-07 19:10", "2026-03-07 19:30", utcDate, true}, // the evening before summer time
		{"America/New_York", "2026-03-08 19:10", "2026-03-08 20:30", utcDate, true}, // the evening after
		{"America/Sao_Paulo", "2018-11-03 22:50", "2018-11-03 23:50", utcDate, true},
		{"Pacific/Honolulu", "2026-03-02 14:10", "2026-03-02 15:10", utcDate, true},

		{"Asia/Kolkata", "2026-03-02 05:40", "2026-03-02 05:50", utcDate, true},
		{"Asia/Tokyo", "2026-03-02 08:40", "2026-03-02 08:50", localDate, true},
		{"Asia/Tokyo", "2026-03-02 08:40", "2026-03-02 08:50", moment, true},
		{"Asia/Tokyo", "2026-03-02 08:40", "2026-03-02 08:50", utcDate, false}, // names yesterday, which there was

		{"Asia/Kolkata", "2026-03-01 23:50", "2026-03-02 00:10", localDate, true},
		{"Asia/Kolkata", "2026-03-01 23:50", "2026-03-02 00:10", utcDate, true},
		{"Asia/Kolkata", "2026-03-01 23:50", "2026-03-02 00:10", moment, true},
		{"America/New_York", "2026-03-01 23:50", "2026-03-02 00:10", localDate, true},
		{"America/New_York", "2026-10-31 23:50", "2026-11-01 01:30", localDate, true}, // an hour that comes twice
		{"Europe/Berlin", "2026-03-28 23:50", "2026-03-29 03:10", localDate, true},    // an hour that does not come
		{"America/Santiago", "2026-09-05 22:50", "2026-09-06 01:10", localDate, true}, // no midnight
		{"America/Havana", "2026-03-07 23:50", "2026-03-08 01:10", localDate, true},   // no midnight
		{"Europe/Berlin", "2026-03-01 23:50", "2026-03-02 03:00", localDate, false},   // overdue
	} {
		t.Run(test.zone+" "+test.begun+" "+test.asked, func(t *testing.T) {
			location := zone(t, test.zone)
			var c clock
			store := modelstest.SQLite(t).Open(t, models.Options{
				Location: location, Clock: c.Now, Mode: models.ModeSigned, SessionMax: 3 * time.Hour,
			})
			c.set(t, test.begun, location)
			lesson(t, store)
			c.set(t, test.asked, location)
			date := test.date(c.now)
			found := must(store.Fetch(t.Context(), asha, mathClass, date, "lecture"))(t)
			if found.Exists != test.found || test.found && (found.Active != models.StateActive || len(found.Records) != 2) {
				t.Errorf("asked for %s: %+v", date, found)
			}
			if again := must(store.Fetch(t.Context(), asha, mathClass, test.begun[:10], "lecture"))(t); !again.Exists {
				t.Error("not found by its own day")
			}
		})
	}
}

func TestParseDayForms(t *testing.T) {
	var c clock
	c.set(t, "2026-11-26 12:00", time.UTC)
	for _, test := range []struct{ zone, date, want string }{
		{"Asia/Tokyo", "2026-03-01", "2026-03-01"},
		{"Asia/Tokyo", " 2026-03-01 ", "2026-03-01"},
		{"Asia/Tokyo", "2026-03-01T14:59:59.999Z", "2026-03-01"},
		{"Asia/Tokyo", "2026-03-01T15:00:00.000Z", "2026-03-02"},
		{"Asia/Tokyo", "2026-03-01T23:30:00-11:00", "2026-03-02"},
		{"Asia/Tokyo", "2026-03-01T23:30", "2026-03-01"},
		{"Asia/Tokyo", "2026-03-01T23:30:00.5", "2026-03-01"},

		{"Asia/Tokyo", "2026-11-26T00:00Z", "2026-11-26"}, // Java, without seconds that are 0
		{"Asia/Tokyo", "2026-11-25T15:00Z", "2026-11-26"},
		{"Asia/Tokyo", "2026-11-26T10:00+05:30", "2026-11-26"},               // Java
		{"Asia/Tokyo", "2026-11-26T22:00+05:30[Asia/Kolkata]", "2026-11-27"}, // Java, Temporal
		{"Asia/Tokyo", "2026-11-26T22:00:00+05:30[Asia/Kolkata][u-ca=iso8601]", "2026-11-27"},
		{"Asia/Tokyo", "2026-11-26T15:00Z[UTC]", "2026-11-27"},
		{"Asia/Tokyo", "2026-11-26T10:00:00.123456789Z", "2026-11-26"},
		{"Asia/Tokyo", "2026-11-26T15:00:00+0000", "2026-11-27"},            // PHP, strftime
		{"Asia/Tokyo", "2026-11-26 15:00:00+00", "2026-11-27"},              // PostgreSQL
		{"Asia/Tokyo", "2026-11-26 15:00:00 +0000", "2026-11-27"},           // Swift, Ruby
		{"Asia/Tokyo", "2026-11-26 15:00:00 +0000 UTC", "2026-11-27"},       // Go
		{"Asia/Tokyo", "2026-11-26 22:00:00 +0530 IST", "2026-11-27"},       // Go
		{"Asia/Tokyo", "2026-11-26 15:00:00 UTC", "2026-11-27"},             // Ruby
		{"Asia/Tokyo", "2026-11-26 15:00:00Z", "2026-11-27"},                // C#
		{"Asia/Tokyo", "2026-11-26T15:00:00.0000000Z", "2026-11-27"},        // C#
		{"Asia/Tokyo", "2026-11-26 15:00:00.123456+00:00", "2026-11-27"},    // Python
		{"Asia/Tokyo", "2026-11-26T10:00:00.123456+05:53:28", "2026-11-26"}, // Python, a local mean time
		{"Asia/Tokyo", "2026-11-26T15:00:00,5Z", "2026-11-27"},
		{"Asia/Tokyo", "2026-11-26t15:00:00z", "2026-11-27"},
		{"Asia/Tokyo", "2026-11-26T09:30:00\u221205:30", "2026-11-27"}, // ISO 8601's own minus sign
		{"Asia/Tokyo", "2026-11-26T22:00:00 05:30", "2026-11-27"},      // a plus sign in a query string
		{"Asia/Tokyo", "2026-11-26 23:59:59." + strings.Repeat("9", 40), "2026-11-26"},
		{"Asia/Tokyo", "2026-11-26  10:00:00", "2026-11-26"},
		{"Asia/Tokyo", "2026-11-26 10:00", "2026-11-26"},

		// Without a zone there is nothing to convert, not even where that midnight does not exist.
		{"America/Santiago", "2026-09-06T00:00", "2026-09-06"},
		{"America/Santiago", "2026-09-06 00:00:00", "2026-09-06"},
		{"America/Havana", "2026-03-08T00:00:00", "2026-03-08"},
		{"America/Asuncion", "2023-10-01T00:00:00.000", "2023-10-01"},
		{"Africa/Cairo", "2026-04-24T00:00", "2026-04-24"},
		{"Pacific/Apia", "2011-12-30T10:00", "2011-12-30"}, // the day that Samoa left out

		{"Asia/Tokyo", "2026-3-1", ""},
		{"Asia/Tokyo", "2026-02-29", ""},
		{"Asia/Tokyo", "2026-02-29T10:00", ""},
		{"Asia/Tokyo", "tomorrow", ""},
		{"Asia/Tokyo", "", ""},
		{"Asia/Tokyo", "2026-03-01T25:00:00Z", ""},
		{"Asia/Tokyo", "2026-03-01T10:60", ""},
		{"Asia/Tokyo", "2026-03-01T10:00:61", ""},
		{"Asia/Tokyo", "2026-03-01T10:00.5", ""},
		{"Asia/Tokyo", "2026-03-01T10:00:00+25:00", ""},
		{"Asia/Tokyo", "2026-03-01T10:00:00+05:99", ""},
		{"Asia/Tokyo", "2026-03-01T10:00[Asia/Tokyo]", ""},
		{"Asia/Tokyo", "2026-W48-4", ""},
		{"Asia/Tokyo", "2026-330", ""},
		{"Asia/Tokyo", "20261126", ""},
		{"Asia/Tokyo", "26/11/2026", ""},
		{"Asia/Tokyo", "1795651200000", ""},
		{"Asia/Tokyo", "2026-11-26x", ""},
		{"Asia/Tokyo", "2026-11-26T10:00:00 Asia/Tokyo", ""},
		{"Asia/Tokyo", "9999-12-31T23:00:00Z", ""}, // the year 10000 there
		{"Asia/Tokyo", "2026-11-26T10:00Z" + strings.Repeat("[]", 100), ""},
		{"America/New_York", "0000-01-01T00:00Z", ""},
	} {
		store := models.OnlyDays(zone(t, test.zone), c.Now)
		got, err := store.ParseDay(test.date)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q is %q, %v; want %q", test.zone, test.date, got, err, test.want)
		}
	}
}

// On these days summer time begins at midnight, so the first moment is 01:00.
func TestParseDayOnDaysWithoutMidnight(t *testing.T) {
	var c clock
	c.set(t, "2026-11-26 12:00", time.UTC)
	for _, test := range []struct{ zone, before, day, first, last string }{
		{"America/Santiago", "2026-09-05", "2026-09-06", "04:00", "03:59"},
		{"America/Havana", "2026-03-07", "2026-03-08", "05:00", "04:59"},
		{"America/Asuncion", "2023-09-30", "2023-10-01", "04:00", "03:59"},
		{"Africa/Cairo", "2026-04-23", "2026-04-24", "22:00", ""},
	} {
		store := models.OnlyDays(zone(t, test.zone), c.Now)
		check := func(date, want string) {
			t.Helper()
			if got, err := store.ParseDay(date); err != nil || got != want {
				t.Errorf("%s: %q is %q, %v; want %q", test.zone, date, got, err, want)
			}
		}
		for _, spelling := range []string{"", "T00:00", "T00:00:00", " 00:00", " 00:00:00", "T00:00:00.000", "T00:30", "T01:00", "T12:00:00", "T23:59:59.999"} {
			check(test.day+spelling, test.day)
		}
		if test.last == "" { // the first moment is the day before in UTC
			check(test.before+"T"+test.first+"Z", test.day)
			continue
		}
		for _, utc := range []string{"Z", ":00Z", ":00.000Z", "+00:00", ":00+0000", ":00 UTC"} {
			check(test.day+"T"+test.first+utc, test.day)
			check(test.day+"T"+test.last+utc, test.before)
		}
	}
}

// TestParseDayOfUTCMeansCampusToday has the campus's day named in the forms of a client in UTC.
func TestParseDayOfUTCMeansCampusToday(t *testing.T) {
	for _, test := range []struct{ zone, now, date, want string }{
		{"America/Los_Angeles", "2026-11-26 16:30", "2026-11-27", "2026-11-26"},
		{"America/Los_Angeles", "2026-11-26 16:30", "2026-11-27T00:30", "2026-11-26"},
		{"America/Los_Angeles", "2026-11-26 16:30", "2026-11-26", "2026-11-26"},
		{"America/Los_Angeles", "2026-11-26 16:30", "2026-11-28", "2026-11-28"},
		{"America/Los_Angeles", "2026-11-26 16:30", "2026-11-27T10:00-08:00", "2026-11-27"}, // a moment is what it is
		{"America/Los_Angeles", "2026-11-26 15:30", "2026-11-27", "2026-11-27"},
		{"Asia/Tokyo", "2026-11-26 08:50", "2026-11-25", "2026-11-25"},
		{"Asia/Tokyo", "2026-11-26 08:50", "2026-11-26", "2026-11-26"},
		{"UTC", "2026-11-26 23:59", "2026-11-27", "2026-11-27"},
	} {
		var c clock
		location := zone(t, test.zone)
		c.set(t, test.now, location)
		store := models.OnlyDays(location, c.Now)
		if got, err := store.ParseDay(test.date); got != test.want || err != nil {
			t.Errorf("%s at %s: %q is %q, %v; want %q", test.zone, test.now, test.date, got, err, test.want)
		}
	}
}

func FuzzParseDay(f *testing.F) {
	for _, seed := range []string{
		"2026-11-26", "2026-11-26T10:00:00.5+05:30[Asia/Kolkata]", "2026-11-26 10:00:00 +0000 UTC", "2026-11-26t10:00z",
		"0000-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-11-26T10:00:00 05:30", "2026-11-26T10:00\u221205",
	} {
		f.Add(seed)
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	store := models.OnlyDays(time.FixedZone("", -5*60*60), func() time.Time { return now })
	f.Fuzz(func(t *testing.T, text string) {
		day, err := store.ParseDay(text)
		if err != nil {
			if day != "" || !errors.Is(err, models.ErrInvalidDate) {
				t.Fatalf("%q: %q, %v", text, day, err)
			}
			return
		}
		if again, err := store.ParseDay(day); again != day || err != nil {
			t.Fatalf("%q is %q, which is %q, %v", text, day, again, err)
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			t.Fatalf("%q is %q: %v", text, day, err)
		}
		// Every form that encoding/json takes is taken, and means the same.
		if moment, err := time.Parse(time.RFC3339, text); err == nil && day != moment.In(time.FixedZone("", -5*60*60)).Format(time.DateOnly) {
			t.Fatalf("%q is %q", text, day)
		}
	})
}
