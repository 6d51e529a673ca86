package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// OnlyDays returns a store without a database, for what depends on the time and the zone alone.
func OnlyDays(location *time.Location, clock func() time.Time) *Store {
	return &Store{location: location, clock: clock}
}

// Waiting returns how many marks wait for the transaction after the one that is running.
func (s *Store) Waiting() int { return s.commits.Pending() }

// WaitingToEnrol returns how many students wait, in a class, for the batch after the one that is being enrolled.
func (s *Store) WaitingToEnrol(class ID) int { return s.enrolments.Pending(s.enrolKey(class)) }

// Enrolling tells whether a batch of a class's students is being enrolled.
func (s *Store) Enrolling(class ID) bool { return s.enrolments.Busy(s.enrolKey(class)) }

// Exec runs a statement on the store's own connections.
func (s *Store) Exec(t testing.TB, statement string) {
	t.Helper()
	if err := s.db.Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
}

// WaitTimeouts returns after how many seconds without a statement the database ends a connection of each pool.
func (s *Store) WaitTimeouts(t testing.TB) (seconds []int) {
	t.Helper()
	for _, pool := range s.on.pools {
		if pool.DB == s.nodePool {
			continue // a registration sets it
		}
		var timeout int
		if err := pool.QueryRowContext(t.Context(), "SELECT @@SESSION.wait_timeout").Scan(&timeout); err != nil {
			t.Fatal(err)
		}
		seconds = append(seconds, timeout)
	}
	return seconds
}

// HoldWriteLock begins a transaction that keeps all others from writing until release is called.
func (s *Store) HoldWriteLock(t testing.TB) (release func()) {
	t.Helper()
	tx := s.db.Begin()
	if tx.Error != nil {
		t.Fatal(tx.Error)
	}
	return func() { tx.Rollback() }
}

// Count returns the number of rows of a table.
func (s *Store) Count(t testing.TB, table string) (rows int64) {
	t.Helper()
	if err := s.db.Table(table).Count(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

// BeginBulk is a bulk write that is under way until end is called.
func (s *Store) BeginBulk(t testing.TB) (end func()) {
	t.Helper()
	end, err := s.beginBulk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// NextPiece returns how many lines of a roster are saved after a piece that took a time.
func NextPiece(size int, took time.Duration) int { return nextPiece(size, took) }

// CheckDSN says what is wrong with a DSN.
func CheckDSN(dsn string) error {
	_, err := mysqlConfig(dsn)
	return err
}

// CommitsIsolated tells whether isolated marks of a class are being committed at the moment.
func (s *Store) CommitsIsolated(class ID) bool {
	s.locked.mu.Lock()
	defer s.locked.mu.Unlock()
	locked := s.locked.classes[class.Key]
	return locked != nil && locked.busy
}

// IsIsolated tells whether the marks of a class are isolated.
func (s *Store) IsIsolated(class ID) bool {
	s.locked.mu.Lock()
	defer s.locked.mu.Unlock()
	return s.locked.classes[class.Key] != nil
}

// Number returns what a SELECT of one number finds.
func (s *Store) Number(t testing.TB, query string) (number int64) {
	t.Helper()
	if err := s.db.Raw(query).Scan(&number).Error; err != nil {
		t.Fatal(err)
	}
	return number
}

// Work does what the goroutine of memberships does, once it has ended.
func (m *Memberships) Work() { m.work(context.Background()) }

// SetNodeLease sets how long a registration outlives its machine.
func (s *Store) SetNodeLease(lease time.Duration) { s.nodeLease = lease }

// Incarnation returns the id of a node's row.
func (r *Registration) Incarnation() int64 { return r.lease.incarnation.Load() }

// MayDeclareDead tells whether a node may take others for dead.
func (r *Registration) MayDeclareDead() bool { return r.lease.mayDeclareDead() }

// Steady lets a node declare others dead as if it had renewed its lease for long enough.
func (r *Registration) Steady() {
	r.lease.mu.Lock()
	defer r.lease.mu.Unlock()
	r.lease.steady = r.lease.last.Add(-r.lease.length)
}

// Renew renews a node's lease now, and returns when that is done.
func (r *Registration) Renew() {
	last := func() time.Time {
		r.lease.mu.Lock()
		defer r.lease.mu.Unlock()
		return r.lease.last
	}
	for before := last(); last().Equal(before); {
		r.lease.renewals <- struct{}{} // there is room when the node has begun to renew for the value before
	}
}

// BeginRenewal has a node's lease renewed.
func (r *Registration) BeginRenewal() { r.lease.requestRenewal() }

// DeclareDead has a node declare others dead whose lease is too old. It returns the incarnations that are dead.
func (s *Store) DeclareDead(t testing.TB, observer *Registration) (dead []int64) {
	t.Helper()
	nodes, err := s.declareDead(t.Context(), observer.lease)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		dead = append(dead, node.ID)
	}
	return dead
}

// Die ends a node as the death of its process does.
func (s *Store) Die(t testing.TB, r *Registration) {
	t.Helper()
	var connection int64
	err := s.db.Raw("SELECT IS_USED_LOCK("+ownLock+")", r.lease.incarnation.Load()).Scan(&connection).Error
	if err == nil {
		err = s.db.Exec("KILL ?", connection).Error
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Survey does what the goroutine of a presence does from time to time, and returns when that and all changes are stored.
func (p *Presence) Survey(t testing.TB) {
	t.Helper()
	p.stop()
	<-p.stopped
	p.working, p.stop = context.WithCancel(context.Background())
	p.stopped = make(chan struct{})
	defer func() { go p.run() }()
	if err := p.cleanUpDeadNodes(p.working); err != nil {
		t.Fatal(err)
	}
	for p.flush() != nil { // after the first, the node may register anew
		p.lease.renewals <- struct{}{} // there is room when the node has begun to
	}
}

// Columns returns all columns of the database, as table.column.
func (s *Store) Columns(t testing.TB) (columns []string) {
	t.Helper()
	query := "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE table_schema = DATABASE()"
	if s.on.oneWriter {
		query = "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
	}
	if err := s.db.Raw(query).Scan(&columns).Error; err != nil {
		t.Fatal(err)
	}
	return columns
}

// Dump returns everything that the database holds, as text.
func (s *Store) Dump(t testing.TB) string {
	t.Helper()
	var text strings.Builder
	seen := map[string]bool{}
	for _, column := range s.Columns(t) {
		table, _, _ := strings.Cut(column, ".")
		if seen[table] {
			continue
		}
		seen[table] = true
		s.dumpTable(t, &text, table)
	}
	return text.String()
}

func (s *Store) dumpTable(t testing.TB, text *strings.Builder, table string) {
	t.Helper()
	rows, err := s.db.Raw("SELECT * FROM " + table).Rows()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Error(err)
		}
	}()
	width, _ := rows.Columns()
	cells, into := make([]sql.RawBytes, len(width)), make([]any, len(width))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(text, "%s: %s\n", table, cells)
	}
}

// WrongCodesKept returns of how many students the wrong codes are counted, after so many have sent one.
func WrongCodesKept(students int) int {
	var w wrongCodes
	for i := range students {
		w.add(codeStudent{1, strconv.Itoa(i)}, guess{"wrong", 1}, Timestamp(i))
	}
	return len(w.students)
}
