package sockets

import (
	"testing"
	"testing/synctest"
	"time"
)

// Under contention, writes wait for what the handlers that run are about to broadcast, but not for ever.
func TestFanoutDelayEndsWithContention(t *testing.T) {
	for _, test := range []struct {
		name     string
		handlers int32
		end      time.Duration // of the contention
		want     time.Duration
	}{
		{"no contention", contentionAt, time.Minute, 0},
		{"contention that ends", contentionAt + 1, 10 * time.Millisecond, 10 * time.Millisecond},
		{"contention that stays", contentionAt + 1, time.Minute, maxWriteDelay},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := &Hub{}
				hub.handlers.Store(test.handlers)
				time.AfterFunc(test.end-time.Microsecond, func() { hub.handlers.Store(0) })
				began := time.Now()
				(&fanout{hub: hub}).delay()
				if waited := time.Since(began); waited != test.want { // on the test's clock
					t.Errorf("writes wait %v, want %v", waited, test.want)
				}
			})
		})
	}
}
