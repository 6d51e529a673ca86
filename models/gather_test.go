package models

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestOnlyInARushDoBatchesBeginApart(t *testing.T) {
	const interval, took, between, things = 20 * time.Millisecond, time.Millisecond, 500 * time.Microsecond, 1000
	synctest.Test(t, func(t *testing.T) { // on a clock of its own
		var begun []time.Time
		var got []int
		g := gather(interval, func(batch []int) {
			begun = append(begun, time.Now())
			got = append(got, batch...)
			time.Sleep(took)
		})
		add := func(thing int) {
			if err := g.add(thing); err != nil {
				t.Fatal(err)
			}
		}
		for i := range things {
			add(i)
			time.Sleep(between)
		}
		time.Sleep(interval)
		synctest.Wait()
		if first := begun[1].Sub(begun[0]); first != took {
			t.Errorf("the second batch began %v after the first, want %v", first, took)
		}
		last := len(begun) - 1
		if apart := begun[last].Sub(begun[last-1]); apart != interval {
			t.Errorf("at last batches began %v apart, want %v", apart, interval)
		}
		for i := range 3 { // alone again
			added := time.Now()
			add(things + i)
			time.Sleep(2 * took)
			synctest.Wait()
			if waited := begun[len(begun)-1].Sub(added); waited != 0 {
				t.Errorf("what came alone after a rush waited %v", waited)
			}
		}
		g.close()
		for i, thing := range got {
			if thing != i {
				t.Fatalf("in place %d came %d", i, thing)
			}
		}
		if len(got) != things+3 {
			t.Errorf("%d of %d came", len(got), things+3)
		}
		if err := g.add(0); err == nil {
			t.Error("something was added after the end")
		}
	})
}
