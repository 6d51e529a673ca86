package models

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/neuracampus/attendance/models/internal/statement"
)

const (
	// leaseInterval is the longest time between two writes while a user is in a class. After a crash the next start takes the last
	// of them for the moment at which all connections broke.
	leaseInterval = 2 * time.Second

	// maxBacklog is how many memberships may wait for a database that is away, and how many a start reads.
	maxBacklog = 50_000

	// membershipBatch is how many memberships one transaction writes. It is small because marks wait for it on SQLite.
	membershipBatch = 256

	// membershipTimeout bounds one attempt to write what waits.
	membershipTimeout = 10 * time.Second
)

// Membership says that a user is in a class, or was until their last connection broke.
type Membership struct {
	ClassID ID // its Key only
	Actor   Actor
	Label   string    // by which others know them, may be empty
	LostAt  Timestamp // when the connection broke; zero while there is one
}

// Memberships writes in the background who is in which class, so that the next start of the server knows who may resume. One process
// has one. Its methods never wait for the database, except for Close.
//
// Every start is an incarnation with a lease that is renewed while a user is in a class. A row without lost_at whose incarnation
// is gone belongs to a user whose connection broke when the lease was last renewed.
type Memberships struct {
	store       *Store
	window      time.Duration
	interval    time.Duration
	incarnation int64

	wake    chan struct{}   // holds something when there is more to write
	working context.Context // of the writing goroutine, until Close
	stop    context.CancelFunc
	stopped chan struct{}

	mu      sync.Mutex
	pending map[memberKey]memberState // the latest state of each
	present int                       // memberships with a connection

	cleanAt time.Time // of the writing goroutine: when rows will be too old to be resumed; zero: there are none
}

type memberKey struct {
	class, user string
	role        Role
}

type memberState struct {
	label  string
	lostAt Timestamp
	gone   bool // there must be no row
}

// Memberships begins a new incarnation and returns who could resume at this moment: whose connection broke less than window ago,
// the longest ago first. Close ends it.
func (s *Store) Memberships(ctx context.Context, window time.Duration) (*Memberships, []Membership, error) {
	m := &Memberships{
		store: s, window: window, interval: min(leaseInterval, window/4),
		wake: make(chan struct{}, 1), stopped: make(chan struct{}),
		pending: make(map[memberKey]memberState),
	}
	m.working, m.stop = context.WithCancel(context.Background())
	lost, err := m.begin(ctx)
	if err != nil {
		m.stop()
		return nil, nil, s.failure(ctx, "read memberships", err)
	}
	go m.run()
	return m, lost, nil
}

// Enter notes that a user's first socket has entered a class.
func (m *Memberships) Enter(class ID, actor Actor, label string) {
	m.note(class, actor, memberState{label: label}, +1)
}

// Lose notes that the connection of a user's last socket in a class broke.
func (m *Memberships) Lose(class ID, actor Actor, label string) {
	m.note(class, actor, memberState{label: label, lostAt: m.store.now()}, -1)
}

// Leave notes that a user's last socket has left a class on purpose.
func (m *Memberships) Leave(class ID, actor Actor) { m.note(class, actor, memberState{gone: true}, -1) }

// Forget notes that a user whose connection broke must not resume a class.
func (m *Memberships) Forget(class ID, actor Actor) {
	m.note(class, actor, memberState{gone: true}, 0)
}

func (m *Memberships) note(class ID, actor Actor, state memberState, difference int) {
	key := memberKey{class.Key, actor.ID.Key, actor.Role}
	m.mu.Lock()
	m.present += difference
	_, known := m.pending[key]
	full := !known && len(m.pending) >= maxBacklog
	if !full {
		m.pending[key] = state
	}
	m.mu.Unlock()
	if full {
		m.store.log.Warn("a membership is not stored because too many wait for the database")
		return
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// run writes what was noted, at most once in an interval, until Close.
func (m *Memberships) run() {
	defer close(m.stopped)
	timer := time.NewTimer(m.untilCleaning())
	defer timer.Stop()
	next := time.Now().Add(m.untilCleaning())
	for {
		select {
		case <-m.working.Done():
			return
		case <-m.wake:
			if time.Until(next) <= m.interval {
				continue
			}
			next = time.Now().Add(m.interval)
		case <-timer.C:
			next = time.Now().Add(m.work(m.working))
		}
		timer.Reset(time.Until(next))
	}
}

// work writes what waits, renews the lease and removes old rows. It returns after what time to do so again.
func (m *Memberships) work(ctx context.Context) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, membershipTimeout)
	defer cancel()
	if err := m.flush(ctx); err != nil && !errors.Is(err, context.Canceled) {
		m.store.log.Warn("memberships are not written yet", "err", err)
		return m.interval
	}
	if m.untilCleaning() <= 0 {
		if err := m.clean(ctx); err != nil {
			m.store.log.Warn("old memberships are not removed yet", "err", err)
			return m.interval
		}
	}
	if m.occupied() {
		return m.interval
	}
	return m.untilCleaning()
}

func (m *Memberships) occupied() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.present > 0 || len(m.pending) > 0
}

// untilCleaning returns the time until rows are to be removed; the window if there are none.
func (m *Memberships) untilCleaning() time.Duration {
	if m.cleanAt.IsZero() {
		return m.window
	}
	return time.Until(m.cleanAt)
}

// flush writes everything that waits. An idle server, in which no class has a user and nothing waits, writes nothing.
func (m *Memberships) flush(ctx context.Context) error {
	for m.occupied() {
		batch := m.take()
		if err := m.write(ctx, batch); err != nil {
			m.putBack(batch)
			return err
		}
		if len(batch) < membershipBatch {
			return nil
		}
	}
	return nil
}

func (m *Memberships) take() map[memberKey]memberState {
	m.mu.Lock()
	defer m.mu.Unlock()
	batch := make(map[memberKey]memberState, min(len(m.pending), membershipBatch))
	for key, state := range m.pending {
		if len(batch) == membershipBatch {
			break
		}
		batch[key] = state
		delete(m.pending, key)
	}
	return batch
}

// putBack makes what could not be written wait again, except where there is a later state by now.
func (m *Memberships) putBack(batch map[memberKey]memberState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, state := range batch {
		if _, later := m.pending[key]; !later {
			m.pending[key] = state
		}
	}
}

// write stores a batch and renews the lease.
func (m *Memberships) write(ctx context.Context, batch map[memberKey]memberState) error {
	lease := statement.New("UPDATE incarnations SET alive_at = ? WHERE id = ?", int64(m.store.now()), m.incarnation)
	statements := []*statement.Statement{lease}
	if kept := m.insert(batch); kept.Rows() > 0 {
		statements = append(statements, kept)
	}
	if gone := remove(batch); gone != nil {
		statements = append(statements, gone)
	}
	err := m.store.change(ctx, "write memberships", func(tx *gorm.DB) (func(), error) {
		for _, s := range statements {
			if err := tx.Exec(s.String(), s.Values()...).Error; err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err == nil && m.cleanAt.IsZero() && hasLost(batch) {
		m.cleanAt = time.Now().Add(m.window)
	}
	return err
}

func hasLost(batch map[memberKey]memberState) bool {
	for _, state := range batch {
		if state.lostAt != 0 {
			return true
		}
	}
	return false
}

func (m *Memberships) insert(batch map[memberKey]memberState) *statement.Statement {
	s := statement.Insert("INSERT INTO presence (class_key, user_role, user_key, incarnation, label, lost_at) VALUES ", len(batch))
	for key, state := range batch {
		if !state.gone {
			s.Row(key.class, string(key.role), key.user, m.incarnation, state.label, int64(state.lostAt))
		}
	}
	on := m.store.on
	s.Add(on.conflict("class_key, user_role, user_key, incarnation") +
		"label = " + on.proposed("label") + ", lost_at = " + on.proposed("lost_at"))
	return s
}

// remove deletes the rows of earlier incarnations as well: a user who has left must not resume what they did before a restart. It
// returns nil if there is none to delete.
func remove(batch map[memberKey]memberState) *statement.Statement {
	var s *statement.Statement
	for key, state := range batch {
		switch {
		case !state.gone:
			continue
		case s == nil:
			s = statement.New("DELETE FROM presence WHERE ")
		default:
			s.Add(" OR ")
		}
		s.Add("class_key = ? AND user_role = ? AND user_key = ?", key.class, string(key.role), key.user)
	}
	return s
}

// brokenAt is when the connection of a row p broke that is of an earlier incarnation i.
const brokenAt = "(CASE WHEN p.lost_at > 0 THEN p.lost_at ELSE i.alive_at END)"

// begin makes the incarnation, after it has read who could resume.
func (m *Memberships) begin(ctx context.Context) ([]Membership, error) {
	now := m.store.now()
	rows, err := m.store.read.WithContext(ctx).Raw(`SELECT p.class_key, p.user_role, p.user_key, MAX(p.label), MAX(`+brokenAt+`) AS broken_at
		FROM presence p JOIN incarnations i ON i.id = p.incarnation WHERE `+brokenAt+` BETWEEN ? AND ?
		GROUP BY p.class_key, p.user_role, p.user_key ORDER BY broken_at DESC LIMIT ?`, m.cutoff(now), m.latest(now), maxBacklog).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what there is to fail shows in rows.Err
	var lost []Membership
	for rows.Next() {
		var l Membership
		if err := rows.Scan(&l.ClassID.Key, &l.Actor.Role, &l.Actor.ID.Key, &l.Label, &l.LostAt); err != nil {
			return nil, err
		}
		lost = append(lost, l)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	slices.Reverse(lost)
	incarnation := struct {
		ID                 int64
		StartedAt, AliveAt Timestamp
	}{StartedAt: now, AliveAt: now}
	if err := m.store.db.WithContext(ctx).Table("incarnations").Create(&incarnation).Error; err != nil {
		return nil, err
	}
	m.incarnation = incarnation.ID
	return lost, m.clean(ctx)
}

// cutoff is the earliest moment of a loss that can be resumed now.
func (m *Memberships) cutoff(now Timestamp) Timestamp {
	return now - Timestamp(m.window.Milliseconds())
}

// latest is the last moment that counts: after a moment in which the clock was wrong, users must not be able to resume for weeks.
func (m *Memberships) latest(now Timestamp) Timestamp {
	return now + Timestamp(m.window.Milliseconds())
}

// clean removes the rows that can no longer be resumed, and incarnations without rows.
func (m *Memberships) clean(ctx context.Context) error {
	var left int64
	err := m.store.change(ctx, "remove old memberships", func(tx *gorm.DB) (func(), error) {
		now := m.store.now()
		from, to := m.cutoff(now), m.latest(now)
		for _, s := range []struct {
			sql    string
			values []any
		}{
			{"DELETE FROM presence WHERE lost_at > 0 AND lost_at NOT BETWEEN ? AND ?", []any{from, to}},
			{`DELETE FROM presence WHERE lost_at = 0 AND incarnation IN
				(SELECT id FROM incarnations WHERE id <> ? AND alive_at NOT BETWEEN ? AND ?)`, []any{m.incarnation, from, to}},
			{`DELETE FROM incarnations WHERE id <> ? AND alive_at NOT BETWEEN ? AND ?
				AND id NOT IN (SELECT incarnation FROM presence)`, []any{m.incarnation, from, to}},
		} {
			if err := tx.Exec(s.sql, s.values...).Error; err != nil {
				return nil, err
			}
		}
		return nil, tx.Table("presence").Where("lost_at > 0 OR incarnation <> ?", m.incarnation).Count(&left).Error
	})
	switch {
	case err != nil:
		return err
	case left > 0:
		m.cleanAt = time.Now().Add(m.window)
	default:
		m.cleanAt = time.Time{}
	}
	return nil
}

// Close writes what waits, and renews the lease once more if a user is in a class. It gives up when ctx ends.
func (m *Memberships) Close(ctx context.Context) error {
	m.stop() // ends what the goroutine is writing; that is written again now
	<-m.stopped
	return m.flush(ctx)
}
