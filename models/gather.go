package models

import (
	"runtime"
	"sync"
	"time"
)

// maxBatch bounds what is done together, and with it the time for which a transaction holds its locks.
const maxBatch = 512

// gatherer hands to one function, batch by batch, what has piled up while that was busy with the batch before. On an idle server
// nothing waits. Who adds something waits for it, so the callers bound the queue.
//
// What comes one by one, but so densely that most find the function busy, would go out in many small batches and keep it
// busy all the time. In such a rush, and only while somebody is waiting anyway, batches begin at least interval apart.
type gatherer[E any] struct {
	do       func(batch []E)
	interval time.Duration

	mu      sync.Mutex
	pending []E
	closed  bool

	wake    chan struct{} // holds one token when there is something to do
	stopped chan struct{}
}

const (
	// rushAt is the share of batches, lately, at whose end somebody was waiting, from which on there is a rush.
	rushAt = 0.6
	// rushMemory is about how many batches that share looks back on.
	rushMemory = 32
)

// gather starts the goroutine that close ends.
func gather[E any](interval time.Duration, do func(batch []E)) *gatherer[E] {
	g := &gatherer[E]{do: do, interval: interval, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	go g.run()
	return g
}

// add returns ErrClosed once the gatherer is closed.
func (g *gatherer[E]) add(e E) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return ErrClosed
	}
	g.pending = append(g.pending, e)
	g.nudge()
	return nil
}

// close returns when everything that was added is done.
func (g *gatherer[E]) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.nudge()
	<-g.stopped
}

func (g *gatherer[E]) nudge() {
	select {
	case g.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (g *gatherer[E]) run() {
	defer close(g.stopped)
	crowded := 0.0 // the share that rushAt is about
	for {
		<-g.wake
		// Let those run first who are just about to add something. When the processor is busy that gathers a burst for
		// nothing; when it is idle, it takes no time.
		runtime.Gosched()
		for {
			batch, closed := g.take()
			if len(batch) == 0 {
				if closed {
					return
				}
				break
			}
			begun := time.Now()
			g.do(batch)
			if !g.waiting() {
				crowded -= crowded / rushMemory
				continue
			}
			if crowded += (1 - crowded) / rushMemory; crowded > rushAt {
				time.Sleep(time.Until(begun.Add(g.interval)))
			}
		}
	}
}

func (g *gatherer[E]) waiting() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.pending) > 0
}

// take returns the oldest of what was added.
func (g *gatherer[E]) take() (batch []E, closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	batch = g.pending[:min(len(g.pending), maxBatch):min(len(g.pending), maxBatch)]
	if g.pending = g.pending[len(batch):]; len(g.pending) == 0 {
		g.pending = nil
	}
	return batch, g.closed
}
