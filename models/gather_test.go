package models

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logged is a gatherer whose batches take some time, and what it did.
type logged struct {
	*gatherer[int]
	begun []time.Time
	got   []int
}

const (
	gatherInterval = 20 * time.Millisecond
	gatherTook     = time.Millisecond
)

func newLogged() *logged {
	l := &logged{}
	l.gatherer = gather(gatherInterval, func(batch []int) {
		l.begun = append(l.begun, time.Now())
		l.got = append(l.got, batch...)
		time.Sleep(gatherTook)
	})
	return l
}

// apart returns the time between the two latest batches.
func (l *logged) apart() time.Duration {
	return l.begun[len(l.begun)-1].Sub(l.begun[len(l.begun)-2])
}

func TestOnlyInARushDoBatchesBeginApart(t *testing.T) {
	const between, things = gatherTook / 2, 1000
	synctest.Test(t, func(t *testing.T) { // on a clock of its own
		g := newLogged()
		var all sync.WaitGroup
		for i := range things {
			all.Go(func() { _ = g.add(i) })
			time.Sleep(between)
		}
		all.Wait()
		time.Sleep(gatherInterval)
		synctest.Wait()
		if first := g.begun[1].Sub(g.begun[0]); first != gatherTook {
			t.Errorf("the second batch began %v after the first, want %v", first, gatherTook)
		}
		if g.apart() != gatherInterval {
			t.Errorf("at last batches began %v apart, want %v", g.apart(), gatherInterval)
		}
		for i := range 3 { // alone again
			added := time.Now()
			if err := g.add(things + i); err != nil {
				t.Error(err)
			}
			if waited := g.begun[len(g.begun)-1].Sub(added); waited != 0 {
				t.Errorf("what came alone after a rush waited %v", waited)
			}
			if took := time.Since(added); took != gatherTook {
				t.Errorf("what came alone was said to be done after %v, want %v", took, gatherTook)
			}
		}
		g.close()
		for i, thing := range g.got {
			if thing != i {
				t.Fatalf("in place %d came %d", i, thing)
			}
		}
		if len(g.got) != things+3 {
			t.Errorf("%d of %d came", len(g.got), things+3)
		}
		if err := g.add(0); err == nil {
			t.Error("something was added after the end")
		}
	})
}

func TestAFullBatchDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newLogged()
		g.crowded = 1 // a rush
		var all sync.WaitGroup
		for i := range 1 + 2*maxBatch {
			all.Go(func() { _ = g.add(i) })
		}
		all.Wait()
		g.close()
		if len(g.begun) != 3 || g.apart() != gatherTook {
			t.Errorf("%d batches, the last %v after the one before, want 3 and %v", len(g.begun), g.apart(), gatherTook)
		}
	})
}

// What a caller waits for may panic there, and be recovered from there.
func TestAPanicLeavesAGathererUsable(t *testing.T) {
	var done []int
	g := gather(0, func(batch []int) {
		if batch[0] < 0 {
			panic("negative")
		}
		done = append(done, batch...)
	})
	func() {
		defer func() { _ = recover() }()
		_ = g.add(-1)
	}()
	if err := g.add(1); err != nil || len(done) != 1 {
		t.Errorf("done %v, %v", done, err)
	}
	g.close()
}
