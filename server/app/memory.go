package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// heapFloor is memory that nobody touches, so it costs none; the collector only believes that it is in use. A server
// with a few megabytes in use would otherwise collect its garbage dozens of times a second in a burst, which was a sixth
// of its processor time (docs/performance.md).
var heapFloor = make([]byte, 32<<20)

const (
	trimInterval = 2 * time.Second
	trimStep     = 1000 // sockets; what fewer have used is not worth a collection
)

// trimmer finds the moment after a crowd has come or gone. Their handshakes and joins have left garbage and stacks
// that have grown, and an idle server would keep them for minutes.
type trimmer struct{ trimmed, before int }

// due tells whether the number of sockets has changed since the last trim, and has now come to rest.
func (t *trimmer) due(sockets int) bool {
	resting := abs(sockets-t.before) < trimStep/10
	t.before = sockets
	if !resting || abs(sockets-t.trimmed) < trimStep {
		return false
	}
	t.trimmed = sockets
	return true
}

func abs(n int) int { return max(n, -n) }

// trim gives memory back to the system after crowds, until ctx ends.
func (a *App) trim(ctx context.Context) {
	defer runtime.KeepAlive(heapFloor)
	ticker := time.NewTicker(trimInterval)
	defer ticker.Stop()
	var t trimmer
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if t.due(a.hub.Sockets()) {
				// Each collection halves stacks that have become too large.
				runtime.GC()
				runtime.GC()
				debug.FreeOSMemory()
			}
		}
	}
}
