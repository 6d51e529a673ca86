package main

import (
	"net/http"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// handshakes4 holds the cases about handshakes that the suites of Engine.IO v4 and Socket.IO v5 have in common.
func handshakes4(t *testing.T, client *http.Client, url string) {
	t.Helper()
	t.Run("handshake/polling opens a session", func(t *testing.T) {
		checkHandshake(t, engineiotest.Open(t, client, url, 4).Handshake, "websocket")
	})
	t.Run("handshake/polling needs a known EIO", func(t *testing.T) {
		checkRefused(t, http.MethodGet, url, "5", "transport=polling", "EIO=abc&transport=polling")
	})
	t.Run("handshake/polling needs a known transport", func(t *testing.T) {
		checkRefused(t, http.MethodGet, url, "0", "EIO=4", "EIO=4&transport=abc")
	})
	t.Run("handshake/polling needs GET", func(t *testing.T) {
		checkRefused(t, http.MethodPost, url, "2", "EIO=4&transport=polling")
		checkRefused(t, http.MethodPut, url, "2", "EIO=4&transport=polling")
	})
	t.Run("handshake/websocket opens a session", func(t *testing.T) {
		_, handshake := engineiotest.Connect(t, url, 4)
		checkHandshake(t, handshake)
	})
	t.Run("handshake/websocket is opened by a client that listens late", func(t *testing.T) {
		checkLateListener(t, url, 4)
	})
	t.Run("handshake/websocket needs a known EIO", func(t *testing.T) {
		checkNoWebSocket(t, url, "transport=websocket", "EIO=abc&transport=websocket")
	})
	t.Run("handshake/websocket needs a known transport", func(t *testing.T) {
		checkNoWebSocket(t, url, "EIO=4", "EIO=4&transport=abc")
	})
}

// heartbeats4 holds the cases about heartbeats that both suites have. Pinging is the address of a server that pings as often,
// and waits for answers as long as it takes.
func heartbeats4(t *testing.T, client *http.Client, url, pinging string) {
	t.Helper()
	t.Run("heartbeat/polling pings and takes pongs", func(t *testing.T) {
		session := engineiotest.Open(t, client, pinging, 4)
		for range 3 {
			checkAnswer(t, session.Get(t), "2")
			checkAnswer(t, session.Post(t, "3"), "ok")
		}
	})
	t.Run("heartbeat/polling ends without a pong", func(t *testing.T) {
		session := engineiotest.Open(t, client, url, 4)
		checkTimedOut(t, session, "1")
	})
	t.Run("heartbeat/websocket pings and takes pongs", func(t *testing.T) {
		socket, _ := engineiotest.Connect(t, pinging, 4)
		for range 3 {
			socket.ExpectText(t, "2")
			socket.Send(t, "3")
		}
	})
	t.Run("heartbeat/websocket ends without a pong", func(t *testing.T) {
		socket, _ := engineiotest.Connect(t, url, 4)
		if received := socket.ExpectClosed(t); len(received) != 1 || received[0] != "2" {
			t.Errorf("received %q, want one ping", received)
		}
	})
}
