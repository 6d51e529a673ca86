package batcher

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// recorder is a batcher whose batches take some time, and what it did.
type recorder struct {
	*Batcher[int]
	begun []time.Time
	got   []int
}

const (
	interval = 20 * time.Millisecond
	duration = time.Millisecond // of a batch
)

func newRecorder() *recorder {
	r := &recorder{}
	r.Batcher = New(interval, func(batch []int) {
		r.begun = append(r.begun, time.Now())
		r.got = append(r.got, batch...)
		time.Sleep(duration)
	})
	return r
}

// lastGap returns the time between the beginnings of the two latest batches.
func (r *recorder) lastGap() time.Duration {
	return r.begun[len(r.begun)-1].Sub(r.begun[len(r.begun)-2])
}

func TestBatcherContentionSpacesBatches(t *testing.T) {
	const between, elements = duration / 2, 1000
	synctest.Test(t, func(t *testing.T) { // on a clock of its own
		r := newRecorder()
		var all sync.WaitGroup
		for i := range elements {
			all.Go(func() { r.Add(i) })
			time.Sleep(between)
		}
		all.Wait()
		time.Sleep(interval)
		synctest.Wait()
		if first := r.begun[1].Sub(r.begun[0]); first != duration {
			t.Errorf("the second batch began %v after the first, want %v", first, duration)
		}
		if r.lastGap() != interval {
			t.Errorf("the last batches began %v apart, want %v", r.lastGap(), interval)
		}
		for i := range 3 { // contention is over
			added := time.Now()
			if !r.Add(elements + i) {
				t.Error("the batcher is closed")
			}
			if waited := r.begun[len(r.begun)-1].Sub(added); waited != 0 {
				t.Errorf("a single element after contention waited %v", waited)
			}
			if took := time.Since(added); took != duration {
				t.Errorf("Add returned after %v, want %v", took, duration)
			}
		}
		r.Close()
		for i, element := range r.got {
			if element != i {
				t.Fatalf("in place %d came %d", i, element)
			}
		}
		if len(r.got) != elements+3 {
			t.Errorf("%d of %d came", len(r.got), elements+3)
		}
		if r.Add(0) {
			t.Error("an element was added after Close")
		}
	})
}

func TestBatcherFullBatchDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		r.contention = 1
		var all sync.WaitGroup
		for i := range 1 + 2*MaxBatch {
			all.Go(func() { r.Add(i) })
		}
		all.Wait()
		r.Close()
		if len(r.begun) != 3 || r.lastGap() != duration {
			t.Errorf("%d batches, the last %v after the one before, want 3 and %v", len(r.begun), r.lastGap(), duration)
		}
	})
}

// A caller may recover from a panic of the function that it runs.
func TestBatcherPanicLeavesItUsable(t *testing.T) {
	var done []int
	b := New(0, func(batch []int) {
		if batch[0] < 0 {
			panic("negative")
		}
		done = append(done, batch...)
	})
	func() {
		defer func() { _ = recover() }()
		b.Add(-1)
	}()
	if !b.Add(1) || len(done) != 1 {
		t.Errorf("done %v", done)
	}
	b.Close()
}
