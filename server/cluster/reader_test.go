package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// follower is a member of stream "a", which it joined when nothing was in it.
type follower struct {
	*fakeLog
	reader *Reader

	mu   sync.Mutex
	seqs []int64 // delivered
	lost []Reason
}

// follow runs a Reader with one member in a bubble of virtual time until test returns.
func follow(t *testing.T, test func(t *testing.T, f *follower)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &follower{fakeLog: newFakeLog()}
		f.reader = NewReader(f.fakeLog, Options{
			Deliver: func(_ string, events []Event) bool {
				f.mu.Lock()
				defer f.mu.Unlock()
				for _, event := range events {
					f.seqs = append(f.seqs, event.Seq)
				}
				return false
			},
			Lost: func(_ string, reason Reason) {
				f.mu.Lock()
				defer f.mu.Unlock()
				f.lost = append(f.lost, reason)
			},
			Logger: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { f.reader.Run(ctx) })
		if err := f.reader.Join(t.Context(), "a", 0, func() {}); err != nil {
			t.Error(err)
		}
		time.Sleep(reconcileInterval + idleInterval + time.Millisecond) // the start is over, and this is no moment of a poll
		test(t, f)
		cancel()
		running.Wait()
	})
}

// within fails unless everything up to seq, and nothing else, was delivered in order when some time has passed, and the reader waits
// for nothing.
func (f *follower) within(t *testing.T, wait time.Duration, seq int64) {
	t.Helper()
	time.Sleep(wait)
	synctest.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	want := []int64{}
	for n := int64(1); n <= seq; n++ {
		want = append(want, n)
	}
	if !slices.Equal(f.seqs, want) {
		t.Errorf("after %v, %v was delivered, want 1 to %d", wait, f.seqs, seq)
	}
	for name, stream := range f.reader.streams {
		if stream.incomplete() || len(stream.held) > 0 {
			t.Errorf("%s still waits for %d, and holds %d events", name, stream.newest, len(stream.held))
		}
	}
}

// TestReaderDeliversWithinLatency has a line for each way in which an event comes, and how long that may take.
func TestReaderDeliversWithinLatency(t *testing.T) {
	for _, test := range []struct {
		name    string
		latency time.Duration
		events  int64
		happens func(f *follower)
	}{
		{"own commit", 0, 1, func(f *follower) { f.reader.Receive(f.write("a", 1)) }},
		{"commit elsewhere, idle", idleInterval, 1, func(f *follower) { f.write("a", 1) }},
		{"commit elsewhere, busy", busyInterval, 2, func(f *follower) {
			f.reader.Receive(f.write("a", 1))
			time.Sleep(idleInterval)
			f.write("a", 1)
		}},
		{"notification after a gap", gapDelay, 2, func(f *follower) {
			f.write("a", 1)
			f.reader.Receive(f.write("a", 1))
		}},
		{"two notifications swapped", 0, 2, func(f *follower) {
			first, second := f.write("a", 1), f.write("a", 1)
			f.reader.Receive(second)
			f.reader.Receive(first)
		}},
		{"notification repeated", gapDelay, 2, func(f *follower) {
			events := f.write("a", 2)
			f.reader.Receive(events)
			f.reader.Receive(events)
			f.reader.Receive(events[:1])
		}},
		{"commit later than higher ids", idleInterval, 1, func(f *follower) {
			events, _ := f.begin("a", 1)
			f.write("b", 1)
			time.Sleep(lateCommit - 2*idleInterval)
			f.commit(events)
		}},
		{"commit too late for polling", reconcileInterval, 1, func(f *follower) {
			events, _ := f.begin("a", 1)
			f.write("b", 1)
			time.Sleep(lateCommit + 2*idleInterval)
			f.commit(events)
		}},
		{"commit before the stream was opened", gapDelay, 1, func(f *follower) {
			f.write("b", 1)
			time.Sleep(idleInterval)
			_ = f.reader.Join(context.Background(), "b", 0, func() {})
		}},
		{"more than one statement reads", idleInterval, 2*pageSize + 1, func(f *follower) { f.write("a", 2*pageSize+1) }},
		{"more held than the bound", gapDelay, maxHeld + 2, func(f *follower) { f.reader.Receive(f.write("a", maxHeld+2)[1:]) }},
		{"database away", idleInterval, 1, func(f *follower) {
			f.setBroken(true)
			f.write("a", 1)
			time.Sleep(time.Minute)
			f.setBroken(false)
		}},
		{"number that is not in the log", idleInterval, 1, func(f *follower) {
			f.reader.Receive([]Event{{"a", 1_000_000, 0, nil}})
			f.write("a", 1)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			follow(t, func(t *testing.T, f *follower) {
				test.happens(f)
				f.within(t, test.latency, test.events)
			})
		})
	}
}

// TestReaderAsksLogOnlyWhenNeeded counts statements in a minute: polls and reconciliations, and no loop.
func TestReaderAsksLogOnlyWhenNeeded(t *testing.T) {
	polls := int(time.Minute/idleInterval + time.Minute/reconcileInterval)
	for _, test := range []struct {
		name    string
		happens func(f *follower)
	}{
		{"nothing", func(*follower) {}},
		{"a number that is not in the log", func(f *follower) { f.reader.Receive([]Event{{"a", 1_000_000, 0, nil}}) }},
		{"the database is away", func(f *follower) {
			f.reader.Receive(f.write("a", 1))
			f.setBroken(true)
			f.reader.Receive([]Event{{"a", 3, 0, nil}})
		}},
		{"another class", func(f *follower) { f.reader.Receive(f.write("b", 5)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			follow(t, func(t *testing.T, f *follower) {
				before := f.statements()
				test.happens(f)
				time.Sleep(time.Minute)
				if count := f.statements() - before; count < polls/2 || count > polls+10 {
					t.Errorf("%d statements in a minute, want %d", count, polls)
				}
			})
		})
	}
}

// TestReaderReportsLostHistory has a line for each way in which the log cannot continue what was delivered.
func TestReaderReportsLostHistory(t *testing.T) {
	for _, test := range []struct {
		name      string
		reason    Reason
		happens   func(f *follower)
		delivered []int64
	}{
		{"some events pruned", Pruned, func(f *follower) {
			f.setBroken(true)
			f.write("a", 5)
			f.prune("a", 3)
			f.setBroken(false)
		}, []int64{4, 5, 6}},
		{"all events pruned", Pruned, func(f *follower) {
			f.setBroken(true)
			f.write("a", 5)
			f.prune("a", 5)
			f.setBroken(false)
		}, []int64{6}},
		{"database went back", WentBack, func(f *follower) {
			f.reader.Receive(f.write("a", 5))
			time.Sleep(idleInterval)
			f.goBack("a", 2)
		}, []int64{1, 2, 3, 4, 5, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			follow(t, func(t *testing.T, f *follower) {
				test.happens(f)
				time.Sleep(reconcileInterval)
				synctest.Wait()
				f.write("a", 1)
				time.Sleep(idleInterval)
				synctest.Wait()
				if !slices.Equal(f.lost, []Reason{test.reason}) || !slices.Equal(f.seqs, test.delivered) {
					t.Errorf("lost %q, delivered %v, want %v", f.lost, f.seqs, test.delivered)
				}
			})
		})
	}
}

func TestReaderKeepsStreamUntilLastMemberLeaves(t *testing.T) {
	follow(t, func(t *testing.T, f *follower) {
		if err := f.reader.Join(t.Context(), "a", 0, func() {}); err != nil {
			t.Fatal(err)
		}
		f.reader.Leave("a")
		f.reader.Receive(f.write("a", 1))
		f.within(t, 0, 1)
		f.reader.Leave("a")
		f.reader.Receive(f.write("a", 1))
		f.within(t, 2*reconcileInterval, 1)
		f.reader.Leave("a") // one too many
		if len(f.reader.streams) != 0 {
			t.Errorf("%d streams are open", len(f.reader.streams))
		}
	})
}

// TestClosedStreamDeliversNothing has the events of a stream still on their way when its last member leaves, and another joins.
func TestClosedStreamDeliversNothing(t *testing.T) {
	follow(t, func(t *testing.T, f *follower) {
		before := f.reader.streams["a"]
		f.reader.Leave("a")
		if err := f.reader.Join(t.Context(), "a", 0, func() {}); err != nil {
			t.Fatal(err)
		}
		events := f.write("a", 1)
		f.reader.receiveInto(before, events)
		f.reader.Receive(events)
		if err := f.reader.fill(t.Context(), before, 1); err != nil {
			t.Error(err)
		}
		f.within(t, gapDelay, 1)
	})
}

func TestReaderJoinOfStaleStateIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		reader := NewReader(log, Options{Deliver: func(string, []Event) bool { return true }})
		join := func(seq int64) string { return fmt.Sprint(reader.Join(t.Context(), "a", seq, func() {})) }
		events := log.write("a", 3)
		for _, step := range []struct{ result, want string }{
			{join(1), "<nil>"},
			{join(0), ErrStale.Error()}, // the stream was opened above
			{join(2), ErrStale.Error()}, // reads 2 and 3, both of which change the state
			{join(3), "<nil>"},
			{join(3), "<nil>"},
		} {
			if step.result != step.want {
				t.Errorf("got %s, want %s", step.result, step.want)
			}
		}
		log.setBroken(true)
		if got := join(4); got == "<nil>" {
			t.Error("joined without what is missing")
		}
		for range 3 {
			reader.Leave("a")
		}
		if len(reader.streams) != 0 {
			t.Error("refused joins kept the stream open")
		}
		reader.Receive(events)
	})
}
