package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// heapFloor is memory that nobody touches, so it costs none; the collector only believes that it is in use. A server
// with a few megabytes in use would otherwise collect its garbage dozens of times a second in a burst, which was a sixth
// of its processor time (docs/performance.md).
var heapFloor = make([]byte, 32<<20)

const (
	trimInterval = 2 * time.Second
	trimStep     = 48 << 20 // bytes; what fewer have left behind is not worth a collection
	restingRate  = 4 << 20  // bytes in an interval; pings and a few events allocate less
)

// trimmer finds the moment after a rush: many have come, joined, marked or gone. They have left garbage and stacks that
// have grown, and a server that is idle now would keep them for minutes.
type trimmer struct{ trimmed, before uint64 }

// due tells whether much has been allocated since the last trim, and little since the last look. Allocated is the sum of all
// allocations so far, in bytes.
func (t *trimmer) due(allocated uint64) bool {
	resting := allocated-t.before < restingRate
	t.before = allocated
	if !resting || allocated-t.trimmed < trimStep {
		return false
	}
	t.trimmed = allocated
	return true
}

// trim gives memory back to the system after rushes, until ctx ends.
func trim(ctx context.Context) {
	defer runtime.KeepAlive(heapFloor)
	ticker := time.NewTicker(trimInterval)
	defer ticker.Stop()
	allocated := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var t trimmer
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if metrics.Read(allocated); t.due(allocated[0].Value.Uint64()) {
				// Each collection halves stacks that have become too large.
				runtime.GC()
				runtime.GC()
				debug.FreeOSMemory()
			}
		}
	}
}
