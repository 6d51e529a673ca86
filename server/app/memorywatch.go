package app

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// memoryInterval is how long a reading counts. Ten thousand connections take about that long to begin.
	memoryInterval = 100 * time.Millisecond
	// fullAt is the part of the memory limit from which on the server takes no further client. Above it, the collector takes more and
	// more CPU time for what the clients that are there need.
	fullAt = 0.8
	// collectInterval is the least time between two collections that the watch begins.
	collectInterval = time.Second
)

// memoryWatch tells when the process comes near its memory limit (GOMEMLIMIT). The zero value is ready.
type memoryWatch struct {
	mu        sync.Mutex
	read      time.Time
	collected time.Time
	full      bool
}

// short reports whether the process has too little memory for another client.
func (w *memoryWatch) short() bool {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Sub(w.read) < memoryInterval {
		return w.full
	}
	used, garbage := memoryInUse()
	full := uint64(fullAt * float64(limit))
	w.read, w.full = now, used > full
	if !w.full && used+garbage > full && now.Sub(w.collected) >= collectInterval {
		w.collected = now
		go runtime.GC() // a part of what seems to be garbage may have come to live since the last collection
	}
	return w.full
}

// memoryInUse returns the bytes that count against the memory limit and were not garbage at the last collection, and those that have
// been allocated since and may be. Garbage alone may fill the memory up to the limit, which does no harm.
func memoryInUse() (used, garbage uint64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/metadata/mcache/inuse:bytes"},
		{Name: "/memory/classes/metadata/mspan/inuse:bytes"},
		{Name: "/memory/classes/metadata/other:bytes"},
		{Name: "/memory/classes/os-stacks:bytes"},
		{Name: "/memory/classes/other:bytes"},
	}
	metrics.Read(samples)
	for _, sample := range samples[1:] {
		used += sample.Value.Uint64()
	}
	objects, live := samples[0].Value.Uint64(), samples[1].Value.Uint64()
	return used, objects - min(objects, live)
}
