package app

import "testing"

func TestMemoryIsGivenBackOnceWhenACrowdHasComeToRest(t *testing.T) {
	var trims []int
	var tr trimmer
	for i, sockets := range []int{0, 50, 400, 5000, 9000, 10_000, 10_020, 10_030, 10_500, 10_510, 4000, 300, 290, 290} {
		if tr.due(sockets) {
			trims = append(trims, i)
		}
	}
	if len(trims) != 2 || trims[0] != 6 || trims[1] != 12 {
		t.Errorf("trimmed at %v, want at 6 and 12", trims)
	}
}
