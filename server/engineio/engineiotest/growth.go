package engineiotest

import (
	"runtime/metrics"
	"testing"
)

// CheckGrowth fails if decode allocates more than in proportion to its input. The factor covers packets of one byte, each of which
// costs a slice's header, and encoding/json's values.
func CheckGrowth(t testing.TB, input int, decode func()) {
	t.Helper()
	allocated := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	var grown uint64
	for range 3 { // what another test has left running allocates, too, but not each time
		before := allocated()
		decode()
		if grown = allocated() - before; grown <= uint64(64<<10+1000*input) {
			return
		}
	}
	t.Errorf("%d bytes were allocated for %d", grown, input)
}
