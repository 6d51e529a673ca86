package models_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// attempt is one combination of rule, role, time, previous mark, code, and status that is asked for.
type attempt struct {
	proof    models.Proof
	lateRule bool
	teacher  bool
	when     string // early, late (lateAt has come), over (endsAt has come)
	previous string // none, absent, late, present: the student's own; set: by the teacher
	code     string // none, right, before (that of the step before), wrong, old
	status   models.Status
}

// outcome says what becomes of an attempt: the status that is recorded, or the refusal. It is written from the design, and not from the
// code.
func (a attempt) outcome() (models.Status, error) {
	status := a.status
	switch {
	case a.when == "over":
		return "", models.ErrNoActiveSession
	case a.teacher:
		return status, nil // teachers' marks are taken as they are
	}
	if status == models.Present && a.lateRule && a.when == "late" && a.previous != "present" {
		status = models.Late
	}
	if a.previous == "set" { // the teacher's absent
		if status == models.Absent {
			return status, nil
		}
		return "", models.ErrSetByTeacher
	}
	value := map[string]int{"none": 0, "absent": 0, "late": 1, "present": 2}
	if a.proof == models.ProofCode && value[string(status)] > value[a.previous] {
		switch a.code {
		case "none":
			return "", models.ErrCodeRequired
		case "wrong", "old":
			return "", models.ErrCodeWrong
		}
	}
	return status, nil
}

func attempts() (all []attempt) {
	for _, proof := range []models.Proof{models.ProofNone, models.ProofCode} {
		for _, lateRule := range []bool{false, true} {
			for _, teacher := range []bool{false, true} {
				for _, when := range []string{"early", "late", "over"} {
					for _, previous := range []string{"none", "absent", "late", "present", "set"} {
						for _, code := range []string{"none", "right", "before", "wrong", "old"} {
							for _, status := range []models.Status{models.Present, models.Late, models.Absent} {
								all = append(all, attempt{proof, lateRule, teacher, when, previous, code, status})
							}
						}
					}
				}
			}
		}
	}
	return all
}

// session is a type of session for each combination of rules and time.
func (a attempt) session() string { return fmt.Sprintf("p%s-l%v-%s", a.proof, a.lateRule, a.when) }

// TestMarkRulesInEveryCombination tries every attempt with a student of its own.
func TestMarkRulesInEveryCombination(t *testing.T) {
	var v virtual
	options := v.options()
	store := modelstest.SQLite(t).Open(t, options)
	ctx := t.Context()
	all := attempts()
	must(store.CreateClass(ctx, asha, mathClass, ""))(t)
	who := func(i int) models.Actor { return student(fmt.Sprint("student-", i)) }
	var enrolled, unmarked []models.Student
	for i, a := range all {
		if a.previous == "none" {
			unmarked = append(unmarked, models.Student{ID: who(i).ID})
		} else {
			enrolled = append(enrolled, models.Student{ID: who(i).ID})
		}
	}
	must(store.AddToRoster(ctx, asha, mathClass, enrolled))(t)
	sessions := map[string]bool{}
	for _, a := range all {
		if sessions[a.session()] {
			continue
		}
		sessions[a.session()] = true
		rules := models.RulesChange{Proof: &a.proof}
		if a.lateRule {
			rules.LateAfter = new(models.Minutes(10))
		}
		if a.when == "over" {
			rules.EndsAfter = new(models.Minutes(15))
		}
		must(store.Initiate(ctx, asha, models.InitiateRequest{ClassID: mathClass, SessionType: a.session(), Rules: rules}))(t)
	}
	must(store.AddToRoster(ctx, asha, mathClass, unmarked))(t) // after the start, so they have no mark

	code := func(a attempt) string {
		if a.proof == models.ProofNone {
			return "ANY"
		}
		return must(store.Code(ctx, asha, mathClass, a.session()))(t).Code
	}
	for i, a := range all {
		actor, status := who(i), models.Status(a.previous)
		switch a.previous {
		case "none":
			continue
		case "set":
			actor, status = asha, models.Absent
		}
		must(store.Record(ctx, actor, models.MarkRequest{
			ClassID: mathClass, StudentID: who(i).ID, SessionType: a.session(), Status: status, Code: code(a),
		}))(t)
	}
	for _, at := range []struct {
		when string
		time time.Duration
	}{{"early", 9 * time.Minute}, {"late", 10 * time.Minute}, {"over", 15 * time.Minute}} {
		v.pass(at.time - 20*time.Second - time.Duration(v.passed.Load()))
		codes := map[string]map[string]string{"none": {}, "right": {}, "before": {}, "wrong": {}, "old": {}}
		for _, step := range []string{"old", "before", "right"} {
			for _, a := range all {
				if a.when == at.when && a.when != "over" && codes[step][a.session()] == "" {
					codes[step][a.session()], codes["wrong"][a.session()] = code(a), "WRONG"
				}
			}
			if step != "right" {
				v.pass(10 * time.Second)
			}
		}
		for i, a := range all {
			if a.when != at.when {
				continue
			}
			actor := who(i)
			if a.teacher {
				actor = asha
			}
			want, refusal := a.outcome()
			result, err := store.Record(ctx, actor, models.MarkRequest{
				ClassID: mathClass, StudentID: who(i).ID, SessionType: a.session(), Status: a.status, Code: codes[a.code][a.session()],
			})
			if refusal == nil && (err != nil || result.Mark.Status != want) || refusal != nil && (err == nil || err.Error() != refusal.Error()) {
				t.Errorf("%+v: got %s, %v; want %s, %v", a, result.Mark.Status, err, want, refusal)
			}
		}
	}
}
