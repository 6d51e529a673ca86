package app

import "testing"

func TestTrimmerTrimsOnceAfterEachBurst(t *testing.T) {
	var trims []int
	var tr trimmer
	for i, megabytes := range []uint64{0, 1, 20, 200, 300, 301, 302, 340, 341, 342, 420, 421, 500} {
		if tr.due(megabytes << 20) {
			trims = append(trims, i)
		}
	}
	if len(trims) != 2 || trims[0] != 5 || trims[1] != 11 {
		t.Errorf("trimmed at %v, want at 5 and 11", trims)
	}
}
