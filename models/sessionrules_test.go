package models_test

import (
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// minute is a time of the day of the tests of rules, on which all sessions start at 10:00.
func minute(t *testing.T, local string) models.Timestamp {
	t.Helper()
	return models.Timestamp(must(time.Parse("2006-01-02 15:04:05", "2026-03-02 "+local))(t).UnixMilli())
}

// TestSessionRulesComeFromClassAndInitiate starts, adjusts, ends and reopens sessions, and says which rules they have then.
func TestSessionRulesComeFromClassAndInitiate(t *testing.T) {
	none, code := models.ProofNone, models.ProofCode
	type step struct {
		at     string
		change models.RulesChange
		end    bool // first, the teacher ends the session
		proof  models.Proof
		late   string // empty: never
		ends   string
		same   bool // nothing changes, and nothing is broadcast
	}
	for _, test := range []struct {
		name  string
		class models.RulesChange
		steps []step
	}{
		{"nothing is asked", models.RulesChange{}, []step{
			{at: "10:00:00", proof: none},
			{at: "10:01:00", proof: none, same: true},
		}},
		{"the class's rules", models.RulesChange{Proof: &code, LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(30))}, []step{
			{at: "10:00:00", proof: code, late: "10:10:00", ends: "10:30:00"},
			{at: "10:05:00", proof: code, late: "10:10:00", ends: "10:30:00", same: true},
		}},
		{"one session has rules of its own", models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(30))}, []step{
			{at: "10:00:00", change: models.RulesChange{Proof: &code, LateAfter: new(models.Minutes(0)), EndsAfter: new(models.Minutes(60))}, proof: code, ends: "11:00:00"},
		}},
		{"rules are replaced", models.RulesChange{}, []step{
			{at: "10:00:00", change: models.RulesChange{LateAfter: new(models.Minutes(10))}, proof: none, late: "10:10:00"},
			{at: "10:02:00", change: models.RulesChange{Proof: &code}, proof: code, late: "10:10:00"},
			{at: "10:03:00", change: models.RulesChange{LateAfter: new(models.Minutes(10))}, proof: code, late: "10:13:00"},
			{at: "10:04:00", change: models.RulesChange{LateAfter: new(models.Minutes(0)), Proof: &none}, proof: none},
		}},
		{"a request is repeated", models.RulesChange{}, []step{
			{at: "10:00:00", change: models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(20))}, proof: none, late: "10:10:00", ends: "10:20:00"},
			{at: "10:00:59", change: models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(20))}, proof: none, late: "10:10:00", ends: "10:20:00", same: true},
			{at: "10:01:00", change: models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(20))}, proof: none, late: "10:11:00", ends: "10:21:00"},
		}},
		{"opened again before its end", models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(30))}, []step{
			{at: "10:00:00", proof: none, late: "10:10:00", ends: "10:30:00"},
			{at: "10:20:00", end: true, proof: none, late: "10:10:00", ends: "10:30:00"},
		}},
		{"opened again after its end", models.RulesChange{LateAfter: new(models.Minutes(10)), EndsAfter: new(models.Minutes(30))}, []step{
			{at: "10:00:00", proof: none, late: "10:10:00", ends: "10:30:00"},
			{at: "10:40:00", proof: none, late: "10:10:00", ends: "11:10:00"},
			{at: "11:20:00", change: models.RulesChange{LateAfter: new(models.Minutes(5)), EndsAfter: new(models.Minutes(0))}, proof: none, late: "11:25:00"},
		}},
		{"the server's limit is the upper bound", models.RulesChange{EndsAfter: new(models.Minutes(600))}, []step{
			{at: "10:00:00", proof: none, ends: "12:00:00"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var c clock
				var published publications
				options := published.options()
				options.Clock = c.Now
				store := db.Open(t, options)
				c.now = minute(t, "09:00:00").Time()
				must(store.CreateClass(t.Context(), asha, mathClass, "Mathematics"))(t)
				must(store.ChangeClass(t.Context(), asha, mathClass, models.ClassChange{Rules: test.class}))(t)
				for _, step := range test.steps {
					c.now = minute(t, step.at).Time()
					if step.end {
						must(store.End(t.Context(), asha, endLecture))(t)
					}
					published.started = nil
					request := startLecture
					request.Rules = step.change
					result := must(store.Initiate(t.Context(), asha, request))(t)
					if result.Changed == step.same || len(published.started) == 0 != step.same {
						t.Errorf("at %s: changed %v, broadcast %d times", step.at, result.Changed, len(published.started))
					}
					var late, ends models.Timestamp
					if step.late != "" {
						late = minute(t, step.late)
					}
					if step.ends != "" {
						ends = minute(t, step.ends)
					}
					joined := must(store.Join(t.Context(), asha, mathClass))(t)
					for _, session := range []models.Session{result.Session, joined.Active[0]} {
						if session.Proof != step.proof || session.LateAt != late || session.EndsAt != ends {
							t.Errorf("at %s: %s, late at %v, ends at %v", step.at, session.Proof, session.LateAt, session.EndsAt)
						}
					}
					if step.proof == code && result.Session.Secret == "" {
						t.Errorf("at %s: there is no secret", step.at)
					}
				}
			})
		})
	}
}

func TestChangeClassChangesWhatIsGiven(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Mode: models.ModeSigned})
		must(store.CreateClass(t.Context(), asha, mathClass, "Mathematics"))(t)
		code, wrong := models.ProofCode, models.Proof("photo")
		for _, test := range []struct {
			change models.ClassChange
			name   string
			rules  models.Rules
			err    error
		}{
			{models.ClassChange{}, "Mathematics", models.Rules{Proof: models.ProofNone}, nil},
			{models.ClassChange{Rules: models.RulesChange{Proof: &code}}, "Mathematics", models.Rules{Proof: code}, nil},
			{models.ClassChange{Rules: models.RulesChange{LateAfter: new(models.Minutes(600))}}, "Mathematics", models.Rules{Proof: code, LateAfter: 600}, nil},
			{models.ClassChange{Name: new("Algebra"), Rules: models.RulesChange{EndsAfter: new(models.Minutes(1))}}, "Algebra", models.Rules{Proof: code, LateAfter: 600, EndsAfter: 1}, nil},
			{models.ClassChange{Rules: models.RulesChange{LateAfter: new(models.Minutes(0))}}, "Algebra", models.Rules{Proof: code, EndsAfter: 1}, nil},
			{models.ClassChange{Rules: models.RulesChange{Proof: &wrong}}, "Algebra", models.Rules{Proof: code, EndsAfter: 1}, models.ErrInvalidProof},
			{models.ClassChange{Rules: models.RulesChange{LateAfter: new(models.Minutes(601))}}, "Algebra", models.Rules{Proof: code, EndsAfter: 1}, models.ErrInvalidMinutes},
			{models.ClassChange{Rules: models.RulesChange{EndsAfter: new(models.Minutes(-1))}}, "Algebra", models.Rules{Proof: code, EndsAfter: 1}, models.ErrInvalidMinutes},
		} {
			_, err := store.ChangeClass(t.Context(), asha, mathClass, test.change)
			if test.err == nil && err != nil {
				t.Error(err)
			} else if test.err != nil {
				wantRefusal(t, err, test.err)
			}
			if class := must(store.Class(t.Context(), asha, mathClass))(t); class.Name != test.name || class.Rules != test.rules {
				t.Errorf("after %+v: %q %+v", test.change, class.Name, class.Rules)
			}
		}
	})
}

func FuzzMinutes(f *testing.F) {
	for _, seed := range []string{"null", "1", "600", "0", "601", "-5", "1.5", "1e2", `"10"`, "{}", "", "99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var minutes models.Minutes
		if err := minutes.UnmarshalJSON([]byte(text)); err != nil {
			return
		}
		encoded := must(minutes.MarshalJSON())(t)
		var again models.Minutes
		if err := again.UnmarshalJSON(encoded); err != nil || again != minutes || minutes < 0 || minutes > 600 {
			t.Errorf("%q is %d, and %s after that: %v", text, minutes, encoded, err)
		}
	})
}
