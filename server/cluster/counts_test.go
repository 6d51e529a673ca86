package cluster

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestReaderCountsGapsLagAndLostHistory while the log cannot be read, when it can be read again, and when it holds less than before.
func TestReaderCountsGapsLagAndLostHistory(t *testing.T) {
	follow(t, func(t *testing.T, f *follower) {
		expect := func(when string, gaps, behind int64, lag, age time.Duration, wentBack int64) {
			t.Helper()
			synctest.Wait()
			got := f.reader.Counts()
			if got.Streams != 1 || got.Gaps != gaps || got.Behind != behind || got.Resyncs[WentBack] != wentBack || got.Resyncs[Pruned] != 0 {
				t.Errorf("%s: %+v", when, got)
			}
			if got.Lag.Truncate(time.Second) != lag || got.LogAge.Truncate(time.Second) != age {
				t.Errorf("%s: behind for %v, and the log was read %v ago", when, got.Lag, got.LogAge)
			}
		}
		expect("at first", 0, 0, 0, 0, 0)
		f.setBroken(true)
		f.write("a", 1)
		f.reader.Receive(f.write("a", 1))
		f.reader.Receive(f.write("a", 1)) // in the same gap
		time.Sleep(3*time.Second + idleInterval)
		expect("while the log is away", 1, 3, 3*time.Second, 3*time.Second, 0)
		f.setBroken(false)
		time.Sleep(reconcileInterval)
		expect("when it is back", 1, 0, 0, 0, 0)
		f.goBack("a", 1)
		time.Sleep(2 * reconcileInterval)
		expect("when it went back", 1, 0, 0, 0, 1)
	})
}
