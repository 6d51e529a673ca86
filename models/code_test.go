package models_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// virtual is the time of the tests of codes: what passes, and by how much the server's clock is wrong.
type virtual struct{ passed, wrong atomic.Int64 }

func (v *virtual) pass(d time.Duration)   { v.passed.Add(int64(d)) }
func (v *virtual) adjust(d time.Duration) { v.wrong.Add(int64(d)) }

var tenOClock = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func (v *virtual) options() models.Options {
	return models.Options{
		Mode:    models.ModeSigned,
		Clock:   func() time.Time { return tenOClock.Add(time.Duration(v.passed.Load() + v.wrong.Load())) },
		Elapsed: func() time.Duration { return time.Duration(v.passed.Load()) },
	}
}

// withProof makes the session of a class and type ask for a code.
func withProof(t testing.TB, store *models.Store, class models.ID) {
	t.Helper()
	must(store.Initiate(t.Context(), asha, models.InitiateRequest{
		ClassID: class, SessionType: "lecture", Rules: models.RulesChange{Proof: new(models.ProofCode)},
	}))(t)
}

func shown(t testing.TB, store *models.Store) models.ShownCode {
	t.Helper()
	return must(store.Code(t.Context(), asha, mathClass, "lecture"))(t)
}

func recordCode(ctx context.Context, store *models.Store, who models.Actor, code string) error {
	_, err := store.Record(ctx, who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture", Code: code})
	return err
}

// TestForwardedCodesAreRefusedAndReadOnesAccepted has 10,000 students send a code that is two steps old, and later one that they have read
// within the last eight seconds. They read it at every moment of a step.
func TestForwardedCodesAreRefusedAndReadOnesAccepted(t *testing.T) {
	const perMoment, moments = 100, 100
	var v virtual
	store := modelstest.SQLite(t).Open(t, v.options())
	students := classroom(t, store, mathClass, perMoment*moments)
	withProof(t, store, mathClass)
	var accepted, refused atomic.Int64
	send := func(some []models.Actor, code string) {
		var all sync.WaitGroup
		for _, who := range some {
			all.Go(func() {
				switch err := recordCode(t.Context(), store, who, code); {
				case err == nil:
					accepted.Add(1)
				case err.Error() == models.ErrCodeWrong.Error():
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	for _, test := range []struct {
		name              string
		delay             func(moment int, code models.ShownCode) time.Duration
		accepted, refused int64
	}{
		{"forwarded", func(_ int, code models.ShownCode) time.Duration { return code.ValidFor + code.Period }, 0, perMoment * moments},
		{"honest", func(moment int, _ models.ShownCode) time.Duration {
			return 8 * time.Second * time.Duration(moment%9) / 8
		}, perMoment * moments, 0},
	} {
		accepted.Store(0)
		refused.Store(0)
		for moment := range moments {
			code := shown(t, store)
			v.pass(test.delay(moment, code))
			send(students[moment*perMoment:(moment+1)*perMoment], code.Code)
			v.pass(time.Duration(moment*137) * time.Millisecond)
		}
		if accepted.Load() != test.accepted || refused.Load() != test.refused {
			t.Errorf("%s: %d accepted, %d refused", test.name, accepted.Load(), refused.Load())
		}
	}
}

// TestCodeIsAcceptedInEveryForm has codes as people type them.
func TestCodeIsAcceptedInEveryForm(t *testing.T) {
	var v virtual
	store := modelstest.SQLite(t).Open(t, v.options())
	students := classroom(t, store, mathClass, 20)
	withProof(t, store, mathClass)
	code := shown(t, store).Code
	if len(code) != 6 || strings.Trim(code, "23456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		t.Errorf("a code is %q", code)
	}
	for i, test := range []struct {
		typed string
		want  error // nil: accepted
	}{
		{code, nil},
		{strings.ToLower(code), nil},
		{" " + code[:3] + "-" + code[3:] + "\n", nil},
		{code[:2] + " " + code[2:4] + "–" + code[4:], nil},
		{"", models.ErrCodeRequired},
		{"   ", models.ErrCodeRequired},
		{code[:5], models.ErrCodeWrong},
		{code + "2", models.ErrCodeWrong},
		{strings.Repeat("-", 60) + code, models.ErrCodeWrong},
		{"000000", models.ErrCodeWrong},
		{strings.Repeat("a", 100_000), models.ErrCodeWrong},
	} {
		err := recordCode(t.Context(), store, students[i], test.typed)
		if test.want != nil {
			wantRefusal(t, err, test.want)
		} else if err != nil {
			t.Errorf("%q: %v", test.typed, err)
		}
	}
}

// TestClockChangeKeepsCodes sets the server's clock during a lesson. The code that is shown stays valid, and no older one is.
func TestClockChangeKeepsCodes(t *testing.T) {
	for _, test := range []struct {
		name    string
		wrong   time.Duration
		restart bool
	}{
		{"an hour forward", time.Hour, false},
		{"an hour back", -time.Hour, false},
		{"no change, restart", 0, true},
		{"an hour forward, restart", time.Hour, true},
		{"an hour back, restart", -time.Hour, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				var v virtual
				options := v.options()
				options.SessionMax = 24 * time.Hour
				store := db.Open(t, options)
				students := classroom(t, store, mathClass, 40)
				withProof(t, store, mathClass)
				var old []string // codes that are two steps old or older
				for range 400 {  // more than an hour
					code := shown(t, store)
					old = append(old, code.Code)
					v.pass(code.Period)
				}
				current := shown(t, store)
				v.adjust(test.wrong)
				if test.restart {
					store = db.Open(t, options)
				}
				err := recordCode(t.Context(), store, students[0], current.Code)
				if kept := !test.restart || test.wrong == 0; kept && err != nil {
					t.Errorf("the code that was shown: %v", err)
				}
				if err := recordCode(t.Context(), store, students[1], shown(t, store).Code); err != nil {
					t.Errorf("the code that is shown now: %v", err)
				}
				for i, code := range []string{old[0], old[37], old[38], old[39], old[40], old[len(old)-2]} { // of an hour ago, and of just now
					wantRefusal(t, recordCode(t.Context(), store, students[2+i], code), models.ErrCodeWrong)
				}
			})
		})
	}
}

// TestNodesAgreeOnCodes has two nodes of a cluster whose own clocks differ by hours.
func TestNodesAgreeOnCodes(t *testing.T) {
	db := modelstest.MariaDB(t)
	ahead := func() time.Time { return time.Now().Add(3 * time.Hour) }
	first, _ := clustered(t, db, models.Options{SessionMax: 24 * time.Hour})
	second, _ := clustered(t, db, models.Options{SessionMax: 24 * time.Hour, Clock: ahead})
	students := classroom(t, first, mathClass, 2)
	withProof(t, first, mathClass)
	for i, pair := range [][2]*models.Store{{first, second}, {second, first}} {
		if err := recordCode(t.Context(), pair[1], students[i], shown(t, pair[0]).Code); err != nil {
			t.Errorf("a code that node %d shows: %v", i+1, err)
		}
	}
}

// TestWrongCodesAreThrottled has a student send codes over any number of connections.
func TestWrongCodesAreThrottled(t *testing.T) {
	var v virtual
	db := modelstest.SQLite(t)
	store := db.Open(t, v.options())
	students := classroom(t, store, mathClass, 3)
	withProof(t, store, mathClass)
	sent := 0
	wrong := func(who models.Actor) error {
		sent++
		return recordCode(t.Context(), store, who, fmt.Sprintf("wrong%d", sent))
	}
	right := func(who models.Actor) error { return recordCode(t.Context(), store, who, shown(t, store).Code) }
	guesser, other := students[0], students[1]

	for range 30 { // the same code in the same step counts once
		wantRefusal(t, recordCode(t.Context(), store, other, "AAAAAA"), models.ErrCodeWrong)
	}
	for round := range 4 { // of the 20 of a session
		for range 5 {
			wantRefusal(t, wrong(guesser), models.ErrCodeWrong)
		}
		wantRefusal(t, wrong(guesser), models.ErrCodeThrottled)
		wantRefusal(t, right(guesser), models.ErrCodeThrottled)
		v.pass(59 * time.Second)
		wantRefusal(t, right(guesser), models.ErrCodeThrottled)
		v.pass(time.Second)
		if round == 0 { // the minute is over
			if err := right(students[2]); err != nil {
				t.Errorf("another student: %v", err)
			}
		}
	}
	wantRefusal(t, right(guesser), models.ErrCodeThrottled)
	v.pass(time.Hour)
	wantRefusal(t, right(guesser), models.ErrCodeThrottled)
	if err := right(other); err != nil {
		t.Errorf("a student with one wrong code: %v", err)
	}
	if err := right(other); err != nil {
		t.Errorf("confirming: %v", err)
	}
	if _, err := store.Record(t.Context(), asha, models.MarkRequest{ClassID: mathClass, StudentID: guesser.ID, SessionType: "lecture"}); err != nil {
		t.Errorf("the teacher marks the student: %v", err)
	}
	if err := recordCode(t.Context(), store, guesser, ""); err != nil {
		t.Errorf("confirming what the teacher said: %v", err)
	}
}

// TestSpacedWrongCodesAreNotPaused has a student who is wrong four times a minute.
func TestSpacedWrongCodesAreNotPaused(t *testing.T) {
	var v virtual
	store := modelstest.SQLite(t).Open(t, v.options())
	students := classroom(t, store, mathClass, 1)
	withProof(t, store, mathClass)
	for i := range 19 {
		wantRefusal(t, recordCode(t.Context(), store, students[0], fmt.Sprintf("wrong%d", i)), models.ErrCodeWrong)
		v.pass(15 * time.Second)
	}
	if err := recordCode(t.Context(), store, students[0], shown(t, store).Code); err != nil {
		t.Error(err)
	}
}

func TestWrongCodesAreBoundedInMemory(t *testing.T) {
	if kept := models.WrongCodesKept(100_000); kept > 20_000 || kept < 10_000 {
		t.Errorf("of 100000 students with a wrong code, %d are remembered", kept)
	}
}
