// Package batcher collects what arrives while a function is busy, and hands it to that function as one batch. It knows nothing of
// attendance.
package batcher

import (
	"sync"
	"time"
)

// MaxBatch is the most elements in a batch. It bounds the time for which a transaction holds its locks.
const MaxBatch = 512

// Batcher calls one function with one batch after another. An element that arrives while the function is idle is a batch of its own
// and does not wait: its caller's goroutine runs the function. Elements that arrive while the function is busy form the next batch.
//
// Under contention, which means that most batches end with others waiting, batches that are not full begin at least interval
// apart. There are fewer of them then, and each is larger (docs/performance.md, "Why the code is as it is").
type Batcher[E any] struct {
	do       func(batch []E)
	interval time.Duration

	mu         sync.Mutex
	idle       sync.Cond // signals that busy has become false
	pending    []E
	busy       bool // a goroutine runs do, and takes what is pending afterwards
	closed     bool
	contention float64 // the share of recent batches at whose end an element was pending
}

const (
	// contentionAt is the share of batches from which on there is contention.
	contentionAt = 0.6
	// contentionMemory is about the number of batches over which the share is taken.
	contentionMemory = 32
)

// New returns a batcher of do, which is never called twice at a time.
func New[E any](interval time.Duration, do func(batch []E)) *Batcher[E] {
	b := &Batcher[E]{do: do, interval: interval}
	b.idle.L = &b.mu
	return b
}

// Add has do called with these elements: before Add returns if do is idle, otherwise later. It returns false, and does nothing, once
// the batcher is closed. The callers bound the number of elements that wait: each waits for its own.
func (b *Batcher[E]) Add(elements ...E) bool {
	b.mu.Lock()
	if b.closed || b.busy {
		defer b.mu.Unlock()
		if !b.closed {
			b.pending = append(b.pending, elements...)
		}
		return !b.closed
	}
	b.busy = true
	b.mu.Unlock()
	begun := time.Now()
	defer func() { // also if do panics
		if more, pause := b.finish(begun); more {
			go b.run(pause)
		}
	}()
	b.do(elements)
	return true
}

// Close refuses further elements and returns when do has returned for all that were added.
func (b *Batcher[E]) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for b.busy {
		b.idle.Wait()
	}
}

// TakeAll returns all elements that are pending. They will be in no batch. Only do may call it.
func (b *Batcher[E]) TakeAll() []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.pending
	b.pending = nil
	return all
}

// Pending returns the number of elements that wait for the next batch.
func (b *Batcher[E]) Pending() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending)
}

// finish ends a batch. It returns whether elements are pending, which the caller must then run, and after what pause.
func (b *Batcher[E]) finish(begun time.Time) (more bool, pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 {
		b.contention -= b.contention / contentionMemory
		b.busy = false
		b.idle.Broadcast()
		return false, 0
	}
	b.contention += (1 - b.contention) / contentionMemory
	if b.contention > contentionAt && len(b.pending) < MaxBatch {
		pause = time.Until(begun.Add(b.interval))
	}
	return true, pause
}

// run calls do with what is pending. It returns when nothing is.
func (b *Batcher[E]) run(pause time.Duration) {
	for more := true; more; {
		time.Sleep(pause)
		begun := time.Now()
		b.do(b.take())
		more, pause = b.finish(begun)
	}
}

// take returns the oldest elements that are pending, at most MaxBatch.
func (b *Batcher[E]) take() []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	count := min(len(b.pending), MaxBatch)
	batch := b.pending[:count:count]
	if b.pending = b.pending[count:]; len(b.pending) == 0 {
		b.pending = nil
	}
	return batch
}
