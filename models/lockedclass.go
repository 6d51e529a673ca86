package models

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"
)

// Somebody may hold the lock of a class's row for long: an SQL tool with an open transaction, a backup, a migration. A batch that
// waits for it would hold up every class. So when a batch has waited in vain, each of its classes is committed apart from the
// others, on a connection of its own, until a batch of its own goes through without waiting in vain. Marks of such a class keep
// their order, because all of them take this way.

const (
	// apartWithin is the time within which a locked class's batch may be tried again, or its marks one by one. Together with the
	// batch before, which waited for the lock first, and the last attempt it is less than what an answer may take.
	apartWithin = 900 * time.Millisecond
	// apartConnection bounds the wait for a connection, of which there are as many as classes can be locked at once without
	// holding up one another.
	apartConnection = time.Second
)

// lockedClasses are the classes whose marks are committed apart.
type lockedClasses struct {
	pool    *sql.DB        // nil for SQLite, which locks no rows
	running sync.WaitGroup // for what is being committed

	mu      sync.Mutex
	classes map[string]*lockedClass
}

type lockedClass struct {
	pending []*entry
	busy    bool // somebody commits what is pending
}

// without takes the entries of locked classes out of a batch, for commit to be called with each such class's key.
func (l *lockedClasses) without(batch []*entry, commit func(class string)) []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.classes) == 0 {
		return batch
	}
	return slices.DeleteFunc(batch, func(e *entry) bool {
		_, locked := l.classes[e.request.ClassID.Key]
		if locked {
			l.add(e, commit)
		}
		return locked
	})
}

// addAll makes the classes of a batch locked ones.
func (l *lockedClasses) addAll(batch []*entry, commit func(class string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range batch {
		l.add(e, commit)
	}
}

func (l *lockedClasses) add(e *entry, commit func(class string)) {
	key := e.request.ClassID.Key
	class := l.classes[key]
	if class == nil {
		class = &lockedClass{}
		if l.classes == nil {
			l.classes = map[string]*lockedClass{}
		}
		l.classes[key] = class
	}
	class.pending = append(class.pending, e)
	if !class.busy {
		class.busy = true
		l.running.Go(func() { commit(key) })
	}
}

// take returns what is pending for a class; nothing ends the class's turn, and unless it is still locked its being apart, too.
func (l *lockedClasses) take(key string, stillLocked bool) []*entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	class := l.classes[key]
	batch := class.pending
	class.pending = nil
	if len(batch) == 0 {
		class.busy = false
		if !stillLocked {
			delete(l.classes, key)
		}
	}
	return batch
}

// commitClass commits what is pending for a locked class, batch by batch.
func (s *Store) commitClass(class string) {
	locked := false
	for batch := s.locked.take(class, locked); len(batch) > 0; batch = s.locked.take(class, locked) {
		err := s.commitApart(batch, time.Now())
		locked = isLockWait(err)
		if isUnavailable(err) && !isRowLocked(err) {
			s.settle(s.locked.take(class, true), err) // they have waited for the same
		}
	}
}

// commitApart commits a batch of a locked class and returns an error if it had to wait in vain. When that was not for the class
// but for a row of one of the marks, the others are not to suffer from it.
func (s *Store) commitApart(batch []*entry, begun time.Time) error {
	ctx := context.Background()
	err := s.retry(ctx, apartWithin, func() error {
		waiting, cancel := context.WithTimeout(ctx, apartConnection)
		defer cancel()
		conn, err := s.locked.pool.Conn(waiting)
		if err != nil {
			return err
		}
		return s.recordBatch(ctx, conn, batch, true)
	})
	switch {
	case len(batch) > 1 && isBadData(err):
		half := len(batch) / 2
		return errors.Join(s.commitApart(batch[:half], begun), s.commitApart(batch[half:], begun))
	case len(batch) > 1 && isRowLocked(err):
		return s.commitSingly(batch, begun, err)
	}
	s.settle(batch, err)
	return err
}

// commitSingly commits the marks of a locked class one by one, as far as there is time, and returns err, with which they failed
// together.
func (s *Store) commitSingly(batch []*entry, begun time.Time, err error) error {
	for i := range batch {
		if time.Since(begun) > 2*apartWithin {
			s.settle(batch[i:], err)
			break
		}
		_ = s.commitApart(batch[i:i+1], begun) // it has an outcome of its own
	}
	return err
}

// isRowLocked tells that a batch had the locks of its classes, and then waited in vain for another.
func isRowLocked(err error) bool { return isLockWait(err) && !errors.Is(err, errClassLocked) }
