package models

import (
	"strconv"
	"testing"
)

func TestTimestampWarningsComeOncePerClass(t *testing.T) {
	var w timestampWarnings
	warned := 0
	for i := range 10 * maxTimestampWarnings {
		for range 2 {
			if w.first(strconv.Itoa(i)) {
				warned++
			}
		}
	}
	if warned != maxTimestampWarnings || len(w.warned) != maxTimestampWarnings {
		t.Errorf("warned %d times and remembers %d", warned, len(w.warned))
	}
}
