package models

import (
	"context"
	"testing"
)

// Waiting returns how many marks wait for the transaction after the one that is running.
func (s *Store) Waiting() int {
	s.committer.mu.Lock()
	defer s.committer.mu.Unlock()
	return len(s.committer.pending)
}

// Closing tells whether Close was called.
func (s *Store) Closing() bool {
	s.committer.mu.Lock()
	defer s.committer.mu.Unlock()
	return s.committer.closed
}

// Exec runs a statement on the store's own connections.
func (s *Store) Exec(t testing.TB, statement string) {
	t.Helper()
	if err := s.db.Exec(statement).Error; err != nil {
		t.Fatal(err)
	}
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
