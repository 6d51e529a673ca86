package models

import (
	"strconv"
	"testing"
)

func TestStampWarningsComeOncePerClass(t *testing.T) {
	var w stampWarnings
	warned := 0
	for i := range 10 * maxStampWarnings {
		for range 2 {
			if w.first(strconv.Itoa(i)) {
				warned++
			}
		}
	}
	if warned != maxStampWarnings || len(w.warned) != maxStampWarnings {
		t.Errorf("warned %d times and remembers %d", warned, len(w.warned))
	}
}
