//go:build linux

package main

import (
	"math/bits"
	"time"
)

// histogram holds durations with a resolution of 3 %, in little memory however many there are.
type histogram struct {
	counts [64 * 32]int
	total  int
	max    time.Duration
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.total++
	h.max = max(h.max, d)
}

// bucket keeps a value's highest bit and the five bits below it.
func bucket(v uint64) int {
	if v < 32 {
		return int(v)
	}
	shift := bits.Len64(v) - 6
	return (shift+1)*32 + int(v>>shift) - 32
}

// quantile returns the lower edge of the bucket that holds the q-th part of all durations.
func (h *histogram) quantile(q float64) time.Duration {
	rest := int(q * float64(h.total))
	for i, n := range h.counts {
		if rest -= n; rest < 0 {
			if i < 32 {
				return time.Duration(i)
			}
			return time.Duration(uint64(i%32+32) << (i/32 - 1))
		}
	}
	return h.max
}
