package models

import (
	"runtime"
	"sync"
	"time"
)

// maxBatch bounds what is done together, and with it the time for which a transaction holds its locks.
const maxBatch = 512

// gatherer hands to one function, batch by batch, what has piled up while that was busy with the batch before. On an idle server
// nothing waits: who adds something alone does it, so that no thread has to be woken. Who adds something while
// the function is busy waits for it, so the callers bound the queue.
//
// What comes one by one, but so densely that most find the function busy, would go out in many small batches and keep it
// busy all the time. In such a rush, and only while somebody is waiting anyway, batches that are not full begin at least interval apart.
type gatherer[E any] struct {
	stack    ownStack[[]E] // for whoever is busy
	interval time.Duration

	mu      sync.Mutex
	idle    sync.Cond // signals that busy has become false
	pending []E
	busy    bool // something is being done, and whoever does it sees to what is pending
	closed  bool
	crowded float64 // the share that rushAt is about
}

const (
	// rushAt is the share of batches, lately, at whose end somebody was waiting, from which on there is a rush.
	rushAt = 0.6
	// rushMemory is about how many batches that share looks back on.
	rushMemory = 32
)

func gather[E any](interval time.Duration, do func(batch []E)) *gatherer[E] {
	g := &gatherer[E]{stack: ownStack[[]E]{do: do}, interval: interval}
	g.idle.L = &g.mu
	return g
}

// add has these done: at once if nothing else is, otherwise after add has returned. It returns ErrClosed once the gatherer is closed.
func (g *gatherer[E]) add(these ...E) error {
	g.mu.Lock()
	if g.closed || g.busy {
		defer g.mu.Unlock()
		if g.closed {
			return ErrClosed
		}
		g.pending = append(g.pending, these...)
		return nil
	}
	g.busy = true
	g.mu.Unlock()
	begun := time.Now()
	defer func() { // also if do panics
		if more, pause := g.finish(begun); more {
			go g.run(pause)
		}
	}()
	g.stack.run(these)
	return nil
}

// close returns when everything that was added is done.
func (g *gatherer[E]) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for g.busy {
		g.idle.Wait()
	}
	g.stack.discard()
}

// finish ends a batch. It returns whether something is pending, which is then the caller's to see to, and how long that has to wait.
func (g *gatherer[E]) finish(begun time.Time) (more bool, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.pending) == 0 {
		g.crowded -= g.crowded / rushMemory
		g.busy = false
		g.idle.Broadcast()
		return false, 0
	}
	if g.crowded += (1 - g.crowded) / rushMemory; g.crowded > rushAt && len(g.pending) < maxBatch {
		pause = time.Until(begun.Add(g.interval))
	}
	return true, pause
}

// run does what is pending, until nothing is.
func (g *gatherer[E]) run(pause time.Duration) {
	// Let those run first who are just about to add something: on a busy processor that gathers a burst for nothing.
	runtime.Gosched()
	for more := true; more; {
		time.Sleep(pause)
		begun := time.Now()
		g.stack.run(g.take())
		more, pause = g.finish(begun)
	}
}

// takeAll returns all that is pending, which is then the caller's to see to. Only the function may call it.
func (g *gatherer[E]) takeAll() []E {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.pending
	g.pending = nil
	return all
}

// take returns the oldest of what is pending.
func (g *gatherer[E]) take() []E {
	g.mu.Lock()
	defer g.mu.Unlock()
	count := min(len(g.pending), maxBatch)
	batch := g.pending[:count:count]
	if g.pending = g.pending[count:]; len(g.pending) == 0 {
		g.pending = nil
	}
	return batch
}
