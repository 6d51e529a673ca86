package batcher

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestPerKeyBatchesElementsOfOneKey(t *testing.T) {
	cases := []struct {
		name  string
		added []string // keys, while the first batch of each runs
		want  map[string][]int
	}{
		{"an element alone", nil, map[string][]int{"a": {1}}},
		{"elements that wait are one batch", []string{"a", "a", "a"}, map[string][]int{"a": {1, 3}}},
		{"another key does not wait", []string{"b", "a", "b"}, map[string][]int{"a": {1, 1}, "b": {1, 1}}},
		{"a full batch leaves the rest", slices.Repeat([]string{"a"}, MaxBatch+1), map[string][]int{"a": {1, MaxBatch, 1}}},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				sizes := map[string][]int{}
				release := make(chan struct{})
				b := NewPerKey(func(key string, batch []int) {
					mu.Lock()
					sizes[key] = append(sizes[key], len(batch))
					mu.Unlock()
					<-release
				})
				b.Add("a", 0)
				synctest.Wait()
				for i, key := range test.added {
					b.Add(key, i)
					synctest.Wait() // another key's batch begins
				}
				close(release)
				b.Close()
				for key, want := range test.want {
					if !slices.Equal(sizes[key], want) {
						t.Errorf("batches of %s have %v elements, want %v", key, sizes[key], want)
					}
				}
				if len(b.pending) != 0 {
					t.Errorf("the batcher keeps %v", b.pending)
				}
				if b.Add("a", 0) {
					t.Error("a closed batcher takes an element")
				}
			})
		})
	}
}

func TestPerKeyTakeAllLeavesNoBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var taken []int
		var b *PerKey[int]
		b = NewPerKey(func(key string, _ []int) {
			<-release
			taken = append(taken, b.TakeAll(key)...)
		})
		for i := range 3 {
			b.Add("a", i)
			synctest.Wait()
		}
		if waiting := b.Pending("a"); waiting != 2 {
			t.Errorf("%d elements wait, want 2", waiting)
		}
		close(release)
		b.Close()
		if !slices.Equal(taken, []int{1, 2}) {
			t.Errorf("took %v, want 1 and 2", taken)
		}
	})
}
