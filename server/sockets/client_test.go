package sockets_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// serve returns the address of a server for hub, which is drained when the test is over.
func serve(t testing.TB, hub *sockets.Hub) string {
	t.Helper()
	server := httptest.NewServer(hub)
	drainAfter(t, hub, server)
	return server.URL + "/socket.io/"
}

// serveInMemory is serve for tests on a clock of their own.
func serveInMemory(t testing.TB, hub *sockets.Hub) *engineiotest.Network {
	t.Helper()
	network := engineiotest.NewNetwork()
	server := &httptest.Server{Listener: network, Config: &http.Server{Handler: hub}}
	server.Start()
	drainAfter(t, hub, server)
	return network
}

func drainAfter(t testing.TB, hub *sockets.Hub, server *httptest.Server) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), engineiotest.Deadline)
		defer cancel()
		if err := hub.Drain(ctx); err != nil {
			t.Errorf("drain: %v", err)
		}
		server.Close()
	})
}

// client is a Socket.IO 5 client over WebSocket that reads packet by packet.
type client struct {
	*engineiotest.Socket
	t     testing.TB
	asked int
}

// connect returns a client that has joined the namespace with this auth payload.
func connect(t testing.TB, url, auth string) *client {
	t.Helper()
	socket, _ := engineiotest.Connect(t, url, 4)
	return joined(t, socket, auth)
}

// connectInMemory is connect for tests on a clock of their own.
func connectInMemory(t testing.TB, network *engineiotest.Network, auth string) *client {
	t.Helper()
	socket, _ := network.Connect(t, 4)
	return joined(t, socket, auth)
}

func joined(t testing.TB, socket *engineiotest.Socket, auth string) *client {
	t.Helper()
	socket.Send(t, "40"+auth)
	socket.ExpectPrefix(t, `40{"sid":`)
	return &client{Socket: socket, t: t}
}

func encode(t testing.TB, event string, arguments []any) string {
	t.Helper()
	text, err := json.Marshal(append([]any{event}, arguments...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *client) emit(event string, arguments ...any) {
	c.t.Helper()
	c.Send(c.t, "42"+encode(c.t, event, arguments))
}

// ask emits with an acknowledgement and returns everything up to it: other packets, then the acknowledgement's array.
func (c *client) ask(event string, arguments ...any) (before []string, answer string) {
	c.t.Helper()
	c.asked++
	id := string(rune('0' + c.asked%10))
	c.Send(c.t, "42"+id+encode(c.t, event, arguments))
	for {
		packet := c.Receive(c.t).Text
		if answer, ok := strings.CutPrefix(packet, "43"+id); ok {
			return before, answer
		}
		before = append(before, packet)
	}
}

// expect fails the test unless these packets come next.
func (c *client) expect(packets ...string) {
	c.t.Helper()
	c.ExpectText(c.t, packets...)
}
