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

// BenchmarkTally counts under a name of several, from one goroutine and from as many as there are processors.
func BenchmarkTally(b *testing.B) {
	counts := New("attendanceMarked", "attendanceUpdate", "attendanceStarted", "userJoined", "userLeft", "joinClass", "identify")
	b.Run("alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			counts.Add("attendanceUpdate")
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				counts.Add("attendanceUpdate")
			}
		})
	})
}
