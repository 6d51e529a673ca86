package app

import (
	"math"
	"net/http"
	"runtime/debug"
	"testing"
)

// limitMemory sets the memory limit until the end of the test.
func limitMemory(t *testing.T, bytes int64) {
	t.Helper()
	before := debug.SetMemoryLimit(bytes)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}

func TestMemoryWatchComparesUseWithLimit(t *testing.T) {
	for _, tt := range []struct {
		limit int64
		short bool
	}{{math.MaxInt64, false}, {1 << 40, false}, {1 << 20, true}} {
		limitMemory(t, tt.limit)
		if got := new(memoryWatch).short(); got != tt.short {
			t.Errorf("limit %d: short is %v", tt.limit, got)
		}
	}
}

// Garbage fills the memory without any harm.
func TestMemoryWatchDoesNotCountGarbage(t *testing.T) {
	held := make([]byte, 1<<20)
	used, _ := memoryInUse()
	for range 64 {
		held = make([]byte, 1<<20)
	}
	held[0] = 1
	debug.FreeOSMemory()
	if after, _ := memoryInUse(); after > used+32<<20 {
		t.Errorf("%d bytes are in use after %d", after, used)
	}
}

func TestMemoryShortageRefusesNewClientsOnly(t *testing.T) {
	a, _ := start(t, settings(t))
	in := dial(t, a)
	limitMemory(t, 1<<20)
	status, header, body := ask(t, http.MethodGet, a.URL()+"/socket.io/?EIO=4&transport=polling")
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("a new client is answered %d %v %q", status, header, body)
	}
	in.ask(`"identify",{"userId":"asha","role":"student"}`)
}
