package batcher

import "sync"

// PerKey calls one function with batches of elements that have the same key. The batches of one key follow each other, and those of
// different keys run at the same time: a key whose batch waits delays no other. An element that arrives while no batch of its key runs
// is a batch of its own. Every batch runs in a goroutine of its key's, which ends when nothing is pending for the key.
type PerKey[E any] struct {
	do func(key string, batch []E)

	mu      sync.Mutex
	pending map[string][]E // by key; a key is present while its goroutine runs
	closed  bool
	running sync.WaitGroup
}

// NewPerKey returns a batcher of do.
func NewPerKey[E any](do func(key string, batch []E)) *PerKey[E] {
	return &PerKey[E]{do: do, pending: make(map[string][]E)}
}

// Add has do called with these elements later. It returns false, and does nothing, once the batcher is closed. The callers bound the number
// of elements that wait.
func (b *PerKey[E]) Add(key string, elements ...E) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	waiting, busy := b.pending[key]
	if busy {
		b.pending[key] = append(waiting, elements...)
		return true
	}
	b.pending[key] = nil
	b.running.Go(func() { b.run(key, elements) })
	return true
}

// Close refuses further elements and returns when do has returned for all that were added.
func (b *PerKey[E]) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.running.Wait()
}

// TakeAll returns all elements of a key that are pending. They will be in no batch. Only do may call it, with its own key.
func (b *PerKey[E]) TakeAll(key string) []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.pending[key]
	b.pending[key] = nil
	return all
}

// Pending returns the number of elements that wait for the next batch of a key.
func (b *PerKey[E]) Pending(key string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.pending[key])
}

// Busy tells whether a batch of a key runs.
func (b *PerKey[E]) Busy(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, busy := b.pending[key]
	return busy
}

func (b *PerKey[E]) run(key string, batch []E) {
	for ; len(batch) > 0; batch = b.take(key) {
		b.do(key, batch)
	}
}

// take returns the oldest elements of a key that are pending, at most MaxBatch. If there are none, the key's goroutine must end.
func (b *PerKey[E]) take(key string) []E {
	b.mu.Lock()
	defer b.mu.Unlock()
	waiting := b.pending[key]
	count := min(len(waiting), MaxBatch)
	if count == 0 {
		delete(b.pending, key)
	} else if b.pending[key] = waiting[count:]; count == len(waiting) {
		b.pending[key] = nil
	}
	return waiting[:count:count]
}
