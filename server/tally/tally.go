// Package tally counts under names that are fixed when the program starts, such as those of events. It is what keeps texts of clients
// out of the labels of metrics: a name that is not one of them counts as Other.
package tally

import "sync/atomic"

// Other is the name of everything without a name of its own.
const Other = "other"

// Tally is a counter for each of some names, and one for Other. It is safe for concurrent use.
type Tally struct {
	counters map[string]*atomic.Int64 // never changes
	other    *atomic.Int64
}

// New returns a tally of names, all zero.
func New(names ...string) Tally {
	t := Tally{make(map[string]*atomic.Int64, len(names)+1), new(atomic.Int64)}
	for _, name := range names {
		t.counters[name] = new(atomic.Int64)
	}
	t.counters[Other] = t.other
	return t
}

// Of returns the counter of a name, for callers that count under it often.
func (t Tally) Of(name string) *atomic.Int64 {
	if counter := t.counters[name]; counter != nil {
		return counter
	}
	return t.other
}

// Add counts once under a name.
func (t Tally) Add(name string) { t.Of(name).Add(1) }

// Counts returns the number of each name.
func (t Tally) Counts() map[string]int64 {
	counts := make(map[string]int64, len(t.counters))
	for name, counter := range t.counters {
		counts[name] = counter.Load()
	}
	return counts
}
