package sockets_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// While a crowd's events are being handled, what they have brought up so far waits for what they are about to; but not for ever.
func TestWritesWaitForACrowdInBoundedTime(t *testing.T) {
	const crowd, longest = 513, 50 * time.Millisecond
	hub := newHub(sockets.Options{})
	var handling sync.WaitGroup
	handling.Add(crowd)
	release := make(chan struct{})
	hub.Handle("think", func(context.Context, *sockets.Socket, json.RawMessage) any {
		handling.Done()
		<-release
		return nil
	})
	url := serve(t, hub)
	listener := as(connect(t, url, ""), "listener")
	listener.ask("join", "room")
	say := func(word string) time.Duration {
		begun := time.Now()
		hub.Broadcast("room", sockets.Message{Event: "said", Payload: word})
		listener.expect(`42["said","` + word + `"]`)
		return time.Since(begun)
	}
	say("alone") // in time, or expect would have failed
	engineiotest.Together(t, crowd, func(t testing.TB, _ int) { connect(t, url, "").emit("think") })
	handling.Wait()
	if waited := say("in a crowd"); waited < longest {
		t.Errorf("written after %v, while %d events were being handled; want it held for %v", waited, crowd, longest)
	}
	close(release)
	say("afterwards")
}
