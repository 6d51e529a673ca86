package models

import (
	"bytes"
	"runtime"
	"slices"
	"testing"
)

// goroutine returns what the runtime calls the goroutine that runs this.
func goroutine() string {
	text := make([]byte, 64)
	name, _, _ := bytes.Cut(text[:runtime.Stack(text, false)], []byte(" ["))
	return string(name)
}

func TestCallsShareAStackThatIsNotTheCallers(t *testing.T) {
	var ran []string
	stack := ownStack[int]{do: func(int) { ran = append(ran, goroutine()) }}
	for i := range 3 {
		stack.run(i)
	}
	stack.discard()
	if len(ran) != 3 || len(slices.Compact(ran)) != 1 || ran[0] == goroutine() {
		t.Errorf("the calls ran in %v, the caller in %s", ran, goroutine())
	}
}
