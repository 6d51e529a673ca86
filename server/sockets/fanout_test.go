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

// Under contention, writes wait for what the handlers that run are about to broadcast, but not for ever.
func TestFanoutContentionDelaysWritesAtMost50ms(t *testing.T) {
	const contenders, longest = 513, 50 * time.Millisecond
	hub := newHub(sockets.Options{})
	var handling sync.WaitGroup
	handling.Add(contenders)
	release := make(chan struct{})
	hub.Handle("block", func(context.Context, *sockets.Socket, json.RawMessage) any {
		handling.Done()
		<-release
		return nil
	})
	url := serve(t, hub)
	listener := as(connect(t, url, ""), "listener")
	listener.ask("join", "room")
	broadcast := func(text string) time.Duration {
		began := time.Now()
		hub.Broadcast("room", sockets.Message{Event: "said", Payload: text})
		listener.expect(`42["said","` + text + `"]`)
		return time.Since(began)
	}
	broadcast("before")
	engineiotest.Together(t, contenders, func(t testing.TB, _ int) { connect(t, url, "").emit("block") })
	handling.Wait()
	if waited := broadcast("under contention"); waited < longest {
		t.Errorf("written after %v, while %d events were being handled; want a delay of %v", waited, contenders, longest)
	}
	close(release)
	broadcast("after")
}
