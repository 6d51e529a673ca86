package models_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

var (
	startLecture = models.InitiateRequest{ClassID: mathClass, SessionType: "lecture"}
	endLecture   = models.EndRequest{ClassID: mathClass, SessionType: "lecture"}
)

// TestSessionDayAfterWrongClockIsRight has a clock that is wrong during one lesson and right for all others.
func TestSessionDayAfterWrongClockIsRight(t *testing.T) {
	for _, test := range []struct {
		name   string
		off    time.Duration
		day    string // of the lesson during which it is wrong
		warned int    // how often the later lessons warn of it
	}{
		{"40 days ahead", 40 * 24 * time.Hour, "2026-04-11", 1},
		{"30 hours ahead", 30 * time.Hour, "2026-03-03", 0},
		{"3 hours ahead", 3 * time.Hour, "2026-03-02", 0},
		{"a second ahead", time.Second, "2026-03-02", 0},
		{"3 hours behind", -3 * time.Hour, "2026-03-02", 0},
		{"30 hours behind", -30 * time.Hour, "2026-03-01", 0},
		{"40 days behind", -40 * 24 * time.Hour, "2026-01-21", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var c clock
				var log modelstest.Log
				store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: c.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
				c.set(t, "2026-03-02 10:00", time.UTC)
				c.now = c.now.Add(test.off)
				if wrong := lesson(t, store); wrong.Day != test.day {
					t.Errorf("the wrong moment's day is %s", wrong.Day)
				}
				must(record(t, store, chen, chen.ID, models.Present))(t)
				must(store.End(t.Context(), asha, endLecture))(t)

				last := models.Timestamp(0)
				for _, day := range []string{"2026-03-05", "2026-03-06"} {
					c.set(t, day+" 10:00", time.UTC)
					session := initiate(t, store, mathClass, "lecture")
					if session.Day != day || session.StartedAt < last {
						t.Errorf("the lesson of %s is %+v", day, session)
					}
					found := must(store.Fetch(t.Context(), asha, mathClass, day, "lecture"))(t)
					if len(found.Records) != 2 || found.Active != models.StateActive || found.Records[0].Status != models.Absent {
						t.Errorf("on %s there is %+v", day, found)
					}
					must(record(t, store, chen, chen.ID, models.Late))(t)
					for i := range 2 {
						ended := must(store.End(t.Context(), asha, endLecture))(t)
						if last = ended.Session.EndedAt; ended.Session.ID != session.ID || ended.Changed != (i == 0) {
							t.Errorf("end %d of %s: %+v", i+1, day, ended)
						}
					}
				}

				c.set(t, "2026-03-09 10:00", time.UTC)
				forgotten := initiate(t, store, mathClass, "lecture")
				c.set(t, "2026-03-09 11:59", time.UTC)
				if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 0 {
					t.Errorf("ended before its time: %+v", ended)
				}
				c.set(t, "2026-03-09 12:01", time.UTC)
				if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 1 || ended[0].ID != forgotten.ID {
					t.Errorf("ended as overdue: %+v", ended)
				}
				if got := strings.Count(log.String(), "ahead of the clock"); got != test.warned {
					t.Errorf("warned %d times, want %d", got, test.warned)
				}
			})
		})
	}
}

// TestSessionStartAheadOfClockIsEnded has the clock put right while a session is active.
func TestSessionStartAheadOfClockIsEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var c clock
		store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: c.Now})
		c.set(t, "2026-04-11 10:00", time.UTC)
		wrong := lesson(t, store)
		for _, step := range []struct {
			at    string
			ended int
		}{{"2026-03-02 10:10", 0}, {"2026-03-02 12:09", 0}, {"2026-03-02 12:11", 1}, {"2026-03-02 12:12", 0}} {
			c.set(t, step.at, time.UTC)
			if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != step.ended {
				t.Errorf("at %s, ended %+v", step.at, ended)
			}
		}
		if next := initiate(t, store, mathClass, "lecture"); next.ID == wrong.ID || next.Day != "2026-03-02" {
			t.Errorf("the next session is %+v", next)
		}
	})
}

// TestInitiateChoosesTheSession has a session that was not ended, and a teacher who starts one of the same type.
func TestInitiateChoosesTheSession(t *testing.T) {
	for _, test := range []struct {
		name         string
		max          time.Duration
		begun, again string
		ended        bool // the earlier one; a new one begins, or it is opened again if it is of the same day
	}{
		{"the next morning, long limit", 24 * time.Hour, "2026-03-02 15:00", "2026-03-03 09:00", true},
		{"the next morning, late evening", 24 * time.Hour, "2026-03-02 22:00", "2026-03-03 08:00", true},
		{"the next morning, before the sweep", 2 * time.Hour, "2026-03-02 15:00", "2026-03-03 09:00", true},
		{"the same day, overdue", 2 * time.Hour, "2026-03-02 09:00", "2026-03-02 11:30", true},
		{"the same day, long limit", 24 * time.Hour, "2026-03-02 09:00", "2026-03-02 17:00", false},
		{"across midnight", 2 * time.Hour, "2026-03-02 22:30", "2026-03-03 00:10", false},
		{"across midnight, long limit", 24 * time.Hour, "2026-03-02 22:30", "2026-03-03 00:10", false},
		{"across midnight, overdue", time.Hour, "2026-03-02 22:30", "2026-03-03 00:10", true},
		{"a week later", 30 * 24 * time.Hour, "2026-03-02 10:00", "2026-03-09 10:00", true},
		{"begun 40 days ahead", 24 * time.Hour, "2026-04-11 10:00", "2026-03-02 10:10", true},
		{"begun 3 hours ahead, same day", 24 * time.Hour, "2026-03-02 13:00", "2026-03-02 10:10", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var c clock
				var order []string
				words := map[models.State]string{models.StateActive: "started ", models.StateCompleted: "ended "}
				note := func(event models.Event) {
					for _, s := range event.Sessions {
						order = append(order, words[s.State]+s.Day)
					}
				}
				store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: c.Now, SessionMax: test.max, OnEvent: note})
				c.set(t, test.begun, time.UTC)
				before := lesson(t, store)
				must(record(t, store, chen, chen.ID, models.Present))(t)
				order = nil

				c.set(t, test.again, time.UTC)
				after := must(store.Initiate(t.Context(), asha, startLecture))(t)
				var want []string
				if test.ended {
					want = []string{"ended " + test.begun[:10], "started " + test.again[:10]}
				}
				if !slices.Equal(order, want) || after.Changed != test.ended {
					t.Errorf("published %q, want %q; %+v", order, want, after)
				}
				repeated := must(store.Initiate(t.Context(), asha, startLecture))(t)
				if repeated.Changed || repeated.Session.ID != after.Session.ID {
					t.Errorf("repeated: %+v", repeated)
				}
				must(record(t, store, divya, divya.ID, models.Late))(t)
				_, marks, err := store.SessionRecords(t.Context(), asha, before.ID)
				if err != nil || marks[0].Status != models.Present {
					t.Errorf("chen's earlier mark: %+v %v", marks, err)
				}
				if otherDay := test.begun[:10] != test.again[:10]; test.ended && otherDay && marks[1].Status != models.Absent {
					t.Errorf("the later mark overwrote the earlier session's: %+v", marks)
				}
			})
		})
	}
}

// TestOverdueSessionIsOverBeforeSweep asks for a session of yesterday that EndOverdue has not ended yet: it has lasted too long, or its
// own end has come.
func TestOverdueSessionIsOverBeforeSweep(t *testing.T) {
	for _, test := range []struct {
		name string
		ask  func(t *testing.T, store *models.Store)
	}{
		{"a student's mark", func(t *testing.T, store *models.Store) {
			_, err := record(t, store, chen, chen.ID, models.Present)
			wantRefusal(t, err, models.ErrNoActiveSession)
		}},
		{"a teacher's mark", func(t *testing.T, store *models.Store) {
			_, err := record(t, store, asha, chen.ID, models.Present)
			wantRefusal(t, err, models.ErrNoActiveSession)
		}},
		{"a join", func(t *testing.T, store *models.Store) {
			if joined := must(store.Join(t.Context(), chen, mathClass))(t); len(joined.Active) != 0 {
				t.Errorf("a join returns %+v", joined.Active)
			}
		}},
		{"a fetch of its day", func(t *testing.T, store *models.Store) {
			found := must(store.Fetch(t.Context(), asha, mathClass, "2026-03-02", "lecture"))(t)
			if found.Active != models.StateCompleted || len(found.Records) != 2 {
				t.Errorf("fetched %+v", found)
			}
		}},
		{"a fetch of today", func(t *testing.T, store *models.Store) {
			if found := must(store.Fetch(t.Context(), asha, mathClass, "2026-03-03", "lecture"))(t); found.Exists {
				t.Errorf("fetched %+v", found)
			}
		}},
		{"an end", func(t *testing.T, store *models.Store) {
			if ended := must(store.End(t.Context(), asha, endLecture))(t); !ended.Changed || ended.Session.Day != "2026-03-02" {
				t.Errorf("ended %+v", ended)
			}
		}},
		{"archiving the class", func(t *testing.T, store *models.Store) {
			must(store.ArchiveClass(t.Context(), asha, mathClass, true))(t)
			if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 1 {
				t.Errorf("ended %+v", ended)
			}
		}},
		{"the sweep", func(t *testing.T, store *models.Store) {
			if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 1 {
				t.Errorf("ended %+v", ended)
			}
		}},
	} {
		overdue := func(longest time.Duration, rules models.RulesChange) func(t *testing.T, db *modelstest.Database) {
			return func(t *testing.T, db *modelstest.Database) {
				var c clock
				store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: c.Now, SessionMax: longest})
				c.set(t, "2026-03-02 15:00", time.UTC)
				lesson(t, store)
				must(store.Initiate(t.Context(), asha, models.InitiateRequest{ClassID: mathClass, SessionType: "lecture", Rules: rules}))(t)
				c.set(t, "2026-03-03 09:00", time.UTC)
				test.ask(t, store)
			}
		}
		t.Run(test.name+"/lasted too long", func(t *testing.T) { modelstest.Each(t, overdue(2*time.Hour, models.RulesChange{})) })
		t.Run(test.name+"/ended by its rule", func(t *testing.T) {
			modelstest.Each(t, overdue(24*time.Hour, models.RulesChange{EndsAfter: new(models.Minutes(30))}))
		})
	}
}

// TestMigrateOlderSessionsGetClockAt opens a database whose sessions were stored by a version without clock_at.
func TestMigrateOlderSessionsGetClockAt(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		var c clock
		options := models.Options{Mode: models.ModeSigned, Clock: c.Now}
		older := db.Open(t, options)
		c.set(t, "2026-03-02 09:00", time.UTC)
		lesson(t, older)
		initiate(t, older, mathClass, "lab")
		lab := models.EndRequest{ClassID: mathClass, SessionType: "lab"}
		must(older.End(t.Context(), asha, lab))(t)
		older.Exec(t, "ALTER TABLE sessions DROP COLUMN clock_at")
		older.Exec(t, "DELETE FROM migrations WHERE id LIKE '2026-11 what the clock%'")

		c.set(t, "2026-03-02 10:00", time.UTC)
		store := db.Open(t, options)
		if ended := must(store.End(t.Context(), asha, lab))(t); ended.Changed {
			t.Errorf("the completed session: %+v", ended)
		}
		must(record(t, store, chen, chen.ID, models.Present))(t)
		c.set(t, "2026-03-02 11:01", time.UTC)
		if ended := must(store.EndOverdue(t.Context()))(t); len(ended) != 1 {
			t.Errorf("ended %+v", ended)
		}
	})
}
