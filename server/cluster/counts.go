package cluster

import (
	"sync/atomic"
	"time"
)

// Counts is what a Reader has counted since it was made, and how it is now.
type Counts struct {
	Gaps    int64            // how often events of a stream were missing, and those after them had arrived
	Resyncs map[Reason]int64 // how often the members of a stream had to read its state again
	Dropped int64            // notifications through Redis that were dropped because too many waited

	Streams int           // that are open
	Behind  int64         // events of them that are known and not delivered
	Lag     time.Duration // since when the stream that has been behind for longest is
	LogAge  time.Duration // since when the log could not be read
}

// counters is what a Reader counts.
type counters struct {
	gaps, pruned, wentBack atomic.Int64
	read                   atomic.Int64 // when the log was last read, in Unix nanoseconds
}

func (c *counters) countResync(reason Reason) {
	if reason == WentBack {
		c.wentBack.Add(1)
	} else {
		c.pruned.Add(1)
	}
}

// Counts returns what was counted. It looks at every open stream.
func (r *Reader) Counts() Counts {
	now := time.Now()
	counts := Counts{
		Gaps:    r.counters.gaps.Load(),
		Resyncs: map[Reason]int64{Pruned: r.counters.pruned.Load(), WentBack: r.counters.wentBack.Load()},
		LogAge:  now.Sub(time.Unix(0, r.counters.read.Load())),
	}
	if r.options.Redis != nil {
		counts.Dropped = r.options.Redis.dropped.Load()
	}
	for _, s := range r.openStreams(func(*stream) bool { return true }) {
		behind, since := s.behind()
		counts.Streams++
		counts.Behind += behind
		if behind > 0 {
			counts.Lag = max(counts.Lag, now.Sub(since))
		}
	}
	return counts
}

// behind returns how many events are known and not delivered, and since when there are any.
func (s *stream) behind() (events int64, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest - s.seq, s.behindSince
}
