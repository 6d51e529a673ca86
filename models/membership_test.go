package models_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// stepClock is a clock that stands still until a test moves it.
type stepClock struct{ millis atomic.Int64 }

func newStepClock() *stepClock {
	c := &stepClock{}
	c.millis.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *stepClock) now() time.Time        { return time.UnixMilli(c.millis.Load()) }
func (c *stepClock) move(by time.Duration) { c.millis.Add(by.Milliseconds()) }

// opened begins an incarnation and returns who could resume, as class and user with the label in parentheses.
func opened(t *testing.T, store *models.Store) (*models.Memberships, []string) {
	t.Helper()
	m, lost, err := store.Memberships(t.Context(), 2*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var who []string
	for _, l := range lost {
		who = append(who, fmt.Sprintf("%s/%s:%s(%s)", l.ClassID.Key, l.Actor.Role, l.Actor.ID.Key, l.Label))
	}
	slices.Sort(who)
	return m, who
}

func closed(t *testing.T, m *models.Memberships) {
	t.Helper()
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestMembershipsOfEarlierStartAreResumable(t *testing.T) {
	const seen = "Math/student:chen(Chen)"
	enter := func(m *models.Memberships, _ *stepClock) { m.Enter(mathClass, chen, "Chen") }
	for _, test := range []struct {
		name string
		does func(m *models.Memberships, clock *stepClock)
		away time.Duration // between the stop and the next start
		want []string
	}{
		{"still there", enter, time.Minute, []string{seen}},
		{"a teacher and a student with one id", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Enter(mathClass, models.Actor{ID: chen.ID, Role: models.RoleTeacher}, "")
		}, 0, []string{seen, "Math/teacher:chen()"}},
		{"after the window", enter, 2*time.Minute + time.Millisecond, nil},
		{"lost before", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Lose(mathClass, chen, "Chen")
			clock.move(time.Minute)
		}, time.Minute, []string{seen}},
		{"lost too long before", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Lose(mathClass, chen, "Chen")
			clock.move(time.Minute)
		}, 61 * time.Second, nil},
		{"left", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Leave(mathClass, chen)
		}, 0, nil},
		{"lost and then left", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Lose(mathClass, chen, "Chen")
			m.Forget(mathClass, chen)
		}, 0, nil},
		{"back after a loss", func(m *models.Memberships, clock *stepClock) {
			enter(m, clock)
			m.Lose(mathClass, chen, "Chen")
			clock.move(10 * time.Minute)
			enter(m, clock)
		}, 0, []string{seen}},
		{"stored by a clock that was days ahead", func(m *models.Memberships, clock *stepClock) {
			clock.move(40 * 24 * time.Hour)
			enter(m, clock)
		}, -40 * 24 * time.Hour, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
				clock := newStepClock()
				store := db.Open(t, models.Options{Clock: clock.now, Logger: quiet()})
				m, before := opened(t, store)
				if before != nil {
					t.Fatalf("in an empty database: %q", before)
				}
				test.does(m, clock)
				closed(t, m)
				clock.move(test.away)
				m, got := opened(t, store)
				if !slices.Equal(got, test.want) {
					t.Errorf("resumable: %q, want %q", got, test.want)
				}
				closed(t, m)
				if rows := store.Number(t, "SELECT COUNT(*) FROM presence"); rows != int64(len(test.want)) {
					t.Errorf("%d rows are kept, want %d", rows, len(test.want))
				}
			})
		})
	}
}

// Two restarts in a row: what the first found counts until it is too old, or until its user leaves.
func TestMembershipsOutliveTwoRestarts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		clock := newStepClock()
		store := db.Open(t, models.Options{Clock: clock.now, Logger: quiet()})
		first, _ := opened(t, store)
		first.Enter(mathClass, chen, "Chen")
		first.Enter(mathClass, divya, "Divya")
		closed(t, first)
		clock.move(time.Minute)
		second, _ := opened(t, store)
		second.Enter(mathClass, divya, "Divya")
		second.Leave(mathClass, divya)
		closed(t, second)
		third, got := opened(t, store)
		if want := []string{"Math/student:chen(Chen)"}; !slices.Equal(got, want) {
			t.Errorf("after the second restart: %q, want %q", got, want)
		}
		closed(t, third)
		clock.move(2*time.Minute + time.Millisecond)
		fourth, got := opened(t, store)
		if got != nil {
			t.Errorf("after the window: %q", got)
		}
		closed(t, fourth)
		if left := store.Number(t, "SELECT COUNT(*) FROM incarnations"); left != 1 {
			t.Errorf("%d incarnations are kept, want the last one", left)
		}
	})
}

// A crash leaves the row of a user who is there, and the lease that was last renewed.
func TestMembershipsAreStoredWithoutClose(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{Logger: quiet()})
		crashed, _ := opened(t, store)
		defer func() { closed(t, crashed) }()
		crashed.Enter(mathClass, chen, "Chen")
		eventually(t, func() bool { return store.Number(t, "SELECT COUNT(*) FROM presence") > 0 })
		next, got := opened(t, store)
		defer func() { closed(t, next) }()
		if len(got) != 1 {
			t.Errorf("resumable: %q", got)
		}
	})
}

func TestMembershipsAfterOutageStoreLatestStates(t *testing.T) {
	db := modelstest.MariaDB(t)
	store := db.Open(t, models.Options{Logger: quiet()})
	m, _ := opened(t, store)
	if err := db.Server.Stop(); err != nil {
		t.Fatal(err)
	}
	m.Enter(mathClass, chen, "Chen")
	m.Leave(mathClass, chen)
	m.Enter(mathClass, divya, "")
	m.Lose(mathClass, divya, "")
	m.Enter(mathClass, divya, "Divya")
	for i := range 60_000 { // more than may wait
		m.Enter(models.ID{Key: fmt.Sprint(i)}, chen, "")
		m.Leave(models.ID{Key: fmt.Sprint(i)}, chen)
	}
	if err := m.Close(t.Context()); err == nil {
		t.Error("closing without a database succeeded")
	}
	if err := db.Server.Start(); err != nil {
		t.Fatal(err)
	}
	m.Work()
	next, got := opened(t, store)
	defer func() { closed(t, next) }()
	if want := []string{"Math/student:divya(Divya)"}; !slices.Equal(got, want) {
		t.Errorf("resumable: %q, want %q", got, want)
	}
}

func TestLeaseIsRenewedOnlyWhileClassHasUser(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		clock := newStepClock()
		store := db.Open(t, models.Options{Clock: clock.now, Logger: quiet()})
		m, _ := opened(t, store)
		closed(t, m) // the test calls Work instead
		renewed := func() bool {
			before := store.Number(t, "SELECT alive_at FROM incarnations")
			clock.move(time.Second)
			m.Work()
			return store.Number(t, "SELECT alive_at FROM incarnations") != before
		}
		for _, step := range []struct {
			name string
			does func()
			want bool
		}{
			{"no user", func() {}, false},
			{"entered", func() { m.Enter(mathClass, chen, "Chen") }, true},
			{"still there", func() {}, true},
			{"lost", func() { m.Lose(mathClass, chen, "Chen") }, true},
			{"still lost", func() {}, false},
			{"forgotten", func() { m.Forget(mathClass, chen) }, true},
			{"no user again", func() {}, false},
		} {
			step.does()
			if got := renewed(); got != step.want {
				t.Errorf("%s: renewed is %t", step.name, got)
			}
		}
	})
}
