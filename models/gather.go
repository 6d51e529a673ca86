package models

import (
	"runtime"
	"sync"
)

// maxBatch bounds what is done together, and with it the time for which a transaction holds its locks.
const maxBatch = 512

// gatherer hands to one function, batch by batch, what has piled up while that was busy with the batch before. There is
// no timer, so on an idle server nothing waits. Who adds something waits for it, so the callers bound the queue.
type gatherer[E any] struct {
	do func(batch []E)

	mu      sync.Mutex
	pending []E
	closed  bool

	wake    chan struct{} // holds one token when there is something to do
	stopped chan struct{}
}

// gather starts the goroutine that close ends.
func gather[E any](do func(batch []E)) *gatherer[E] {
	g := &gatherer[E]{do: do, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
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
	for {
		<-g.wake
		// Let those run first who are just about to add something. When the processor is busy that gathers a burst for
		// nothing; when it is idle, it takes no time.
		runtime.Gosched()
		for {
			batch, closed := g.take()
			if len(batch) > 0 {
				g.do(batch)
				continue
			}
			if closed {
				return
			}
			break
		}
	}
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
