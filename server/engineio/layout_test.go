//go:build amd64 || arm64

package engineio

import (
	"testing"
	"unsafe"
)

// With 15,000 members, each cache line more is 15,000 more to wait for.
func TestWhatEveryMessageNeedsOfASessionIsInTwoCacheLines(t *testing.T) {
	const line = 64
	var s Session
	var ws webSocket
	if size := unsafe.Sizeof(s); size%line != 0 {
		t.Errorf("a session has %d bytes, which is no multiple of %d: not every one begins a line", size, line)
	}
	if last := max(unsafe.Offsetof(s.queuedSize), unsafe.Offsetof(s.ws), unsafe.Offsetof(s.single), unsafe.Offsetof(s.closed)); last >= 2*line {
		t.Errorf("one of the fields begins at byte %d", last)
	}
	if last := max(unsafe.Offsetof(ws.raw), unsafe.Offsetof(ws.descriptor), unsafe.Offsetof(ws.holders)); last >= line/2 {
		t.Errorf("one of the WebSocket's begins at byte %d", last)
	}
}
