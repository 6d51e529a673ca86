package cluster

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollerAsksForSkippedIDs(t *testing.T) {
	for _, test := range []struct {
		name    string
		seen    []int64 // after id 10
		missing []int64
	}{
		{"next ids", []int64{11, 12}, nil},
		{"a skipped id", []int64{11, 13}, []int64{12}},
		{"several", []int64{13, 16}, []int64{11, 12, 14, 15}},
		{"seen later", []int64{13, 11}, []int64{12}},
		{"seen again", []int64{12, 12}, []int64{11}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPoller(nil)
				p.high = 10
				for _, id := range test.seen {
					p.noteID(id)
				}
				if missing := slices.Sorted(maps.Keys(p.missing)); !slices.Equal(missing, test.missing) || p.high != slices.Max(test.seen) {
					t.Errorf("missing %v up to %d, want %v", missing, p.high, test.missing)
				}
				time.Sleep(lateCommit)
				if p.expire(); len(p.missing) > 0 {
					t.Errorf("still missing: %v", p.missing)
				}
			})
		})
	}
}

func TestPollerMissingIDsAreBounded(t *testing.T) {
	p := newPoller(nil)
	for _, id := range []int64{1 << 40, 1 << 41, 1 << 62} {
		if p.noteID(id); len(p.missing) > maxMissing || p.high != id {
			t.Errorf("%d ids are missing after %d", len(p.missing), id)
		}
	}
}
