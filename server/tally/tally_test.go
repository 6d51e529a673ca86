package tally

import (
	"maps"
	"sync"
	"testing"
)

func TestTallyCountsUnknownNamesAsOther(t *testing.T) {
	counts := New("a", "b")
	var adding sync.WaitGroup
	for range 10 {
		adding.Go(func() {
			for _, name := range []string{"a", "c", "", "A"} {
				counts.Add(name)
			}
		})
	}
	adding.Wait()
	if got, want := counts.Counts(), map[string]int64{"a": 10, "b": 0, Other: 30}; !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
