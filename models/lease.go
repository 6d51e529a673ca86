package models

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A node is alive as long as it renews its lease, by the clock of the database. One whose lease is too old is taken for dead, and never
// renews that row again: it registers with a new one. So the id of the row is an incarnation of the node, and what is stored for it is
// true, or is the work of those who survive.

// databaseNow is the moment of the statement by the database's clock, as a Timestamp. It does not depend on a time zone.
const databaseNow = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"

// lease is what a node knows of its own lease. It is safe for concurrent use.
type lease struct {
	length      time.Duration
	incarnation atomic.Int64
	registered  atomic.Int64  // how often the node has registered; others may have changed its rows before each time
	renewals    chan struct{} // holds a value when the lease must be renewed at once

	mu     sync.Mutex
	last   time.Time // of the last renewal
	steady time.Time // since when no renewal was late
}

func newLease(length time.Duration) *lease {
	return &lease{length: length, renewals: make(chan struct{}, 1)}
}

func (l *lease) renewed(incarnation int64) {
	l.mu.Lock()
	now := time.Now()
	if now.Sub(l.last) > l.length/2 {
		l.steady = now
	}
	l.last = now
	l.mu.Unlock()
	l.incarnation.Store(incarnation)
}

// mayDeclareDead tells whether the node may take others for dead. While it could not renew its own lease, others could not either: the
// database was away, or this process was paused.
func (l *lease) mayDeclareDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last) <= l.length/2 && l.last.Sub(l.steady) >= l.length
}

// requestRenewal has the lease renewed at once: a statement has found that the incarnation is taken for dead.
func (l *lease) requestRenewal() { signal(l.renewals) }

// signal puts a value into a channel that holds one, unless it holds one already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// nodeState is an incarnation of a node as the others see it.
type nodeState struct {
	ID                          int64
	AliveAt, DrainingAt, GoneAt Timestamp
	Locked                      bool      // its process is connected to the database
	Now                         Timestamp // by the database's clock
}

const selectNodeStates = "SELECT id, alive_at, draining_at, gone_at, IS_USED_LOCK(" + nodeLockOf + "id" + nodeLockEnd + `) IS NOT NULL AS locked, ` +
	databaseNow + " AS now FROM nodes"

// ended tells whether users whose connections it had may resume elsewhere: it has ended, or ends.
func (n nodeState) ended() bool { return !n.Locked || n.DrainingAt > 0 || n.GoneAt > 0 }

// endedAt is the last moment at which the users of an ended node surely had connections.
func (n nodeState) endedAt() Timestamp {
	if n.DrainingAt > 0 {
		return n.DrainingAt
	}
	return n.AliveAt
}

// declareDead takes nodes for dead whose lease is too old. It returns those that are.
func (s *Store) declareDead(ctx context.Context, self *lease) (dead []nodeState, err error) {
	var nodes []nodeState
	if err := s.read.WithContext(ctx).Raw(selectNodeStates).Scan(&nodes).Error; err != nil {
		return nil, err
	}
	for _, node := range nodes {
		if node.GoneAt == 0 && node.Now-node.AliveAt > self.timestamp() && self.mayDeclareDead() {
			if node.GoneAt, err = s.declareNodeDead(ctx, self, node); err != nil {
				return nil, err
			}
		}
		if node.GoneAt != 0 {
			dead = append(dead, node)
		}
	}
	return dead, nil
}

func (l *lease) timestamp() Timestamp { return Timestamp(l.length.Milliseconds()) }

// declareNodeDead does nothing if the node has renewed its lease meanwhile, or this one has not renewed its own.
func (s *Store) declareNodeDead(ctx context.Context, self *lease, other nodeState) (goneAt Timestamp, err error) {
	const update = `UPDATE nodes other JOIN nodes self ON self.id = ? AND self.gone_at = 0 AND self.alive_at >= ` + databaseNow + ` - ?
		SET other.gone_at = ` + databaseNow + ` WHERE other.id = ? AND other.gone_at = 0 AND other.alive_at < ` + databaseNow + ` - ?`
	result := s.db.WithContext(ctx).Exec(update, self.incarnation.Load(), int64(self.timestamp()/2), other.ID, int64(self.timestamp()))
	if result.Error != nil || result.RowsAffected == 0 {
		return 0, result.Error
	}
	s.log.Warn("a node has not renewed its lease, and is taken for dead", "incarnation", other.ID)
	return other.Now, nil
}
