package models

import (
	"sync/atomic"
	"testing"
)

// A mark that arrives while a goroutine commits its class, and has just taken what waited, is left to that goroutine. A second one
// would release the class under the first.
func TestLockedClassIsCommittedByOneGoroutine(t *testing.T) {
	var locked lockedClasses
	var begun atomic.Int32
	commit := func(string) { begun.Add(1) }
	class := ID{Key: "Math"}
	mark := func() []*pendingMark { return []*pendingMark{{request: MarkRequest{ClassID: class}}} }
	locked.addAll(mark(), commit)
	if first := locked.take(class.Key, false); len(first) != 1 {
		t.Fatalf("%d marks are to be committed, want 1", len(first))
	}
	if waiting := locked.takeWaiting(class.Key); len(waiting) != 0 {
		t.Fatalf("%d marks wait, want none", len(waiting))
	}
	locked.addAll(mark(), commit)
	locked.running.Wait()
	if count := begun.Load(); count != 1 {
		t.Errorf("%d goroutines commit the class, want 1", count)
	}
	if next := locked.take(class.Key, false); len(next) != 1 {
		t.Errorf("%d marks are left to the goroutine, want 1", len(next))
	}
}
