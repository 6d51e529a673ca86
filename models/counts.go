package models

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
)

// Counts is what a Store has counted since Open, and how it is now.
type Counts struct {
	Marks        MarkCounts
	Codes        CodeCounts
	Flags        map[FlagKind]int64 // that were raised here, or got another student
	WaitingMarks int                // for the next batch of the group commit
	Pools        map[string]sql.DBStats
}

// MarkCounts is how marks ended that clients have sent.
type MarkCounts struct {
	Recorded  int64 // written
	Unchanged int64 // confirmed: it said so already
	Refused   int64 // by a rule
	Failed    int64 // not recorded in time, or the database was not available
}

// CodeCounts is what came of the codes of marks that need one.
type CodeCounts struct {
	Accepted, Missing, Wrong, Throttled int64
}

// counters is what a Store counts.
type counters struct {
	recorded, unchanged, refused, failed atomic.Int64
	accepted, missing, wrong, throttled  atomic.Int64
	sharedConnection, sharedDevice       atomic.Int64
}

// Counts returns what was counted. It does not ask the database.
func (s *Store) Counts() Counts {
	c := &s.counters
	counts := Counts{
		Marks: MarkCounts{
			Recorded: c.recorded.Load(), Unchanged: c.unchanged.Load(), Refused: c.refused.Load(), Failed: c.failed.Load(),
		},
		Codes: CodeCounts{
			Accepted: c.accepted.Load(), Missing: c.missing.Load(), Wrong: c.wrong.Load(), Throttled: c.throttled.Load(),
		},
		Flags:        map[FlagKind]int64{FlagSharedConnection: c.sharedConnection.Load(), FlagSharedDevice: c.sharedDevice.Load()},
		WaitingMarks: s.commits.Pending(),
		Pools:        make(map[string]sql.DBStats),
	}
	for _, pool := range s.on.pools {
		counts.Pools[pool.name] = pool.Stats()
	}
	return counts
}

// countMark counts how a mark ended.
func (s *Store) countMark(result MarkResult, err error) {
	c := &s.counters
	var refused *Refusal
	switch {
	case err == nil && result.Recorded:
		c.recorded.Add(1)
	case err == nil:
		c.unchanged.Add(1)
	case errors.As(err, &refused) && refused.Kind != Unavailable:
		c.refused.Add(1)
	default:
		c.failed.Add(1)
	}
}

// countCode counts what came of the code of a mark. Needed: it was recorded with one.
func (s *Store) countCode(needed bool, err error) {
	c := &s.counters
	switch {
	case errors.Is(err, ErrCodeRequired):
		c.missing.Add(1)
	case errors.Is(err, ErrCodeWrong):
		c.wrong.Add(1)
	case errors.Is(err, ErrCodeThrottled):
		c.throttled.Add(1)
	case needed && err == nil:
		c.accepted.Add(1)
	}
}

// countFlags counts the flags of what was committed.
func (s *Store) countFlags(flags []Flag) {
	for i := range flags {
		if flags[i].Kind == FlagSharedDevice {
			s.counters.sharedDevice.Add(1)
		} else {
			s.counters.sharedConnection.Add(1)
		}
	}
}

// ActiveSessions returns the number of sessions that are active, of all classes.
func (s *Store) ActiveSessions(ctx context.Context) (int64, error) {
	var active int64
	err := s.read.WithContext(ctx).Model(&Session{}).Where(s.ongoing(s.now())).Count(&active).Error
	return active, s.failure(ctx, "count the active sessions", err)
}
