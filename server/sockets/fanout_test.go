package sockets_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// However many events are being handled, a broadcast arrives before their handlers return.
func TestBroadcastDuringContentionArrives(t *testing.T) {
	const contenders = 513
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
	broadcast := func(text string) {
		hub.Broadcast("room", sockets.Message{Event: "said", Payload: text})
		listener.expect(`42["said","` + text + `"]`)
	}
	broadcast("before")
	engineiotest.Together(t, contenders, func(t testing.TB, _ int) { connect(t, url, "").emit("block") })
	handling.Wait()
	broadcast("under contention")
	close(release)
	broadcast("after")
}
