package models

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// Another program may hold the lock of a class's row for long: an SQL tool with an open transaction, a backup, a migration. A batch
// that waits for this lock would delay every class. So on one server a batch does not wait (neverWait), and in a cluster, where batches of
// the other nodes hold locks all the time, it waits once. Then the marks of a locked class are isolated: they are committed on a connection
// of their own, class by class, until a batch of the class goes through without waiting in vain. Marks of one class keep their
// order, because all of them take this way.

const (
	// isolatedWithin is the time within which a locked class's batch may be tried again, or its marks one by one. Together with
	// the first batch, which waited for the lock, and the last attempt it is less than an answer may take.
	isolatedWithin = 900 * time.Millisecond
	// isolatedReserve is what the wait for a connection leaves of the time until the caller gives up. More classes may be locked than there
	// are connections: nodes that commit for the same classes lock all of them for each other.
	isolatedReserve = 600 * time.Millisecond
	// isolatedConnection bounds that wait if nobody knows when the caller gives up. It is always as long as leastConnection.
	isolatedConnection = time.Second
	leastConnection    = 100 * time.Millisecond
	// togetherAgain is what a batch needs to wait for locks once more, and its marks then in isolation.
	togetherAgain = 2200 * time.Millisecond
)

// lockedClasses are the classes whose marks are isolated.
type lockedClasses struct {
	pool    *sql.DB        // nil for SQLite, which locks no rows
	running sync.WaitGroup // of the goroutines that commit

	mu      sync.Mutex
	classes map[string]*lockedClass
}

type lockedClass struct {
	pending []*pendingMark
	busy    bool // a goroutine commits what is pending
}

// divert takes the marks of locked classes out of a batch and returns the others. Commit is called with the key of each class that
// has marks to commit.
func (l *lockedClasses) divert(batch []*pendingMark, commit func(class string)) []*pendingMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.classes) == 0 {
		return batch
	}
	return slices.DeleteFunc(batch, func(m *pendingMark) bool {
		_, locked := l.classes[m.request.ClassID.Key]
		if locked {
			l.add(m, commit)
		}
		return locked
	})
}

// addAll makes the classes of a batch locked ones.
func (l *lockedClasses) addAll(batch []*pendingMark, commit func(class string)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range batch {
		l.add(m, commit)
	}
}

func (l *lockedClasses) add(m *pendingMark, commit func(class string)) {
	key := m.request.ClassID.Key
	class := l.classes[key]
	if class == nil {
		class = &lockedClass{}
		if l.classes == nil {
			l.classes = map[string]*lockedClass{}
		}
		l.classes[key] = class
	}
	class.pending = append(class.pending, m)
	if !class.busy {
		class.busy = true
		l.running.Go(func() { commit(key) })
	}
}

// take returns what is pending for a class. If nothing is, the caller must stop committing the class, and unless it is still locked,
// its marks are no longer isolated.
func (l *lockedClasses) take(key string, stillLocked bool) []*pendingMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	class := l.classes[key]
	batch := class.take()
	if len(batch) == 0 {
		class.busy = false
		if !stillLocked {
			delete(l.classes, key)
		}
	}
	return batch
}

// takeWaiting returns what is pending for a class, which the caller goes on committing: no other goroutine must begin.
func (l *lockedClasses) takeWaiting(key string) []*pendingMark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.classes[key].take()
}

func (c *lockedClass) take() []*pendingMark {
	batch := c.pending
	c.pending = nil
	return batch
}

// commitClass commits what is pending for a locked class, batch by batch.
func (s *Store) commitClass(class string) {
	locked := false
	for batch := s.locked.take(class, locked); len(batch) > 0; batch = s.locked.take(class, locked) {
		err := s.commitIsolated(batch, time.Now())
		locked = isLockWait(err)
		if isUnavailable(err) && !isRowLocked(err) {
			s.releaseCallers(s.locked.takeWaiting(class), err) // they have waited for the same
		}
	}
}

// commitIsolated commits a batch of a locked class and returns an error if it waited in vain for a lock. If that was not the lock of
// the class but of a row of one mark, the other marks are committed nevertheless.
func (s *Store) commitIsolated(batch []*pendingMark, begun time.Time) error {
	ctx := context.Background()
	err := s.retry(ctx, isolatedWithin, func() error {
		waiting, cancel := context.WithTimeout(ctx, timeForConnection(batch))
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
		return errors.Join(s.commitIsolated(batch[:half], begun), s.commitIsolated(batch[half:], begun))
	case len(batch) > 1 && isRowLocked(err):
		return s.commitSingly(batch, begun, err)
	}
	s.releaseCallers(batch, err)
	return err
}

// timeForConnection returns how long the marks of an isolated batch may wait for a connection.
func timeForConnection(batch []*pendingMark) time.Duration {
	return max(timeLeft(batch, isolatedConnection+isolatedReserve)-isolatedReserve, leastConnection)
}

// timeLeft returns the time until the first caller of a batch gives up. Unknown is that of a caller of whom nobody knows it.
func timeLeft(batch []*pendingMark, unknown time.Duration) time.Duration {
	left := time.Duration(math.MaxInt64)
	for _, m := range batch {
		if m.answerBy.IsZero() {
			left = min(left, unknown)
		} else {
			left = min(left, time.Until(m.answerBy))
		}
	}
	return left
}

// splitLocked returns the marks of a batch whose classes are locked for longer than lockedAfter, and the others.
func (s *Store) splitLocked(batch []*pendingMark) (locked, others []*pendingMark) {
	held := map[string]bool{}
	for _, m := range batch {
		held[m.request.ClassID.Key] = true
	}
	s.removeFree(held)
	if len(held) > 0 {
		time.Sleep(lockedAfter)
		s.removeFree(held)
	}
	for _, m := range batch {
		if held[m.request.ClassID.Key] {
			locked = append(locked, m)
		} else {
			others = append(others, m)
		}
	}
	return locked, others
}

// removeFree removes classes that nobody holds at the moment. On a server that cannot tell (MySQL before 8.0, MariaDB before 10.6) it
// removes none.
func (s *Store) removeFree(classes map[string]bool) {
	query := statement.New("SELECT class_key FROM classes WHERE class_key IN ")
	keys := make([]any, 0, len(classes))
	for key := range classes {
		keys = append(keys, key)
	}
	query.List(keys...)
	query.Add(" FOR UPDATE SKIP LOCKED")
	ctx := context.Background()
	conn, err := s.batchPool.Conn(ctx)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	// A class that was read is free, whatever comes later.
	_ = statement.Query(ctx, conn, s.on.pipelined, nil, []statement.Reading{{Statement: query, Scan: func(rows *sql.Rows) error {
		var free string
		err := rows.Scan(&free)
		delete(classes, free)
		return err
	}}})
}

// commitSingly commits the marks of a locked class one by one, as far as there is time. It returns err, with which they failed
// together.
func (s *Store) commitSingly(batch []*pendingMark, begun time.Time, err error) error {
	for i := range batch {
		if time.Since(begun) > 2*isolatedWithin {
			s.releaseCallers(batch[i:], err)
			break
		}
		_ = s.commitIsolated(batch[i:i+1], begun) // releaseCallers has passed it to the caller of Record
	}
	return err
}

// isRowLocked tells that a batch had the locks of its classes, and then waited in vain for another lock.
func isRowLocked(err error) bool { return isLockWait(err) && !errors.Is(err, errClassLocked) }
