package models_test

import (
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

func TestDaysAreTheCampuss(t *testing.T) {
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

func TestASessionAcrossMidnightIsOneSession(t *testing.T) {
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

func TestDates(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{Location: zone(t, "Asia/Tokyo")})
	for date, want := range map[string]string{
		"2026-03-01":                "2026-03-01",
		" 2026-03-01 ":              "2026-03-01",
		"2026-03-01T14:59:59.999Z":  "2026-03-01",
		"2026-03-01T15:00:00.000Z":  "2026-03-02",
		"2026-03-01T23:30:00-11:00": "2026-03-02",
		"2026-03-01T23:30":          "2026-03-01",
		"2026-03-01T23:30:00.5":     "2026-03-01",
		"2026-3-1":                  "",
		"2026-02-29":                "",
		"tomorrow":                  "",
		"":                          "",
		"2026-03-01T25:00:00Z":      "",
	} {
		got, err := store.ParseDay(date)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", date, got, err, want)
		}
	}
}
