package sockets_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/neuracampus/attendance/server/sockets"
)

const deadline = 10 * time.Second

// serve returns the address of a server for hub, which is drained when the test is over.
func serve(t testing.TB, hub *sockets.Hub) string {
	t.Helper()
	server := httptest.NewServer(hub)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), deadline)
		defer cancel()
		if err := hub.Drain(ctx); err != nil {
			t.Errorf("drain: %v", err)
		}
		server.Close()
	})
	return "ws" + strings.TrimPrefix(server.URL, "http")
}

// client is a Socket.IO 5 client over WebSocket that reads packet by packet.
type client struct {
	t     testing.TB
	conn  net.Conn
	asked int
}

// early is a connection some of whose data came with the answer to the handshake.
type early struct {
	net.Conn
	first io.Reader
}

func (e *early) Read(data []byte) (int, error) { return e.first.Read(data) }

// dial opens a transport; the namespace is not connected yet.
func dial(t testing.TB, url string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	conn, reader, _, err := ws.Dial(ctx, url+"/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	c := &client{t: t, conn: conn}
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	if reader != nil { // the server was so fast that its first packet came with the handshake's answer
		c.conn = &early{conn, io.MultiReader(io.LimitReader(reader, int64(reader.Buffered())), conn)}
	}
	t.Cleanup(func() { _ = conn.Close() })
	if open := c.read(); !strings.HasPrefix(open, "0{") {
		t.Fatalf("first packet %q, want OPEN", open)
	}
	return c
}

// connect returns a client that has joined the namespace with this auth payload.
func connect(t testing.TB, url, auth string) *client {
	t.Helper()
	c := dial(t, url)
	c.send("40" + auth)
	if answer := c.read(); !strings.HasPrefix(answer, `40{"sid":`) {
		t.Fatalf("CONNECT was answered %q", answer)
	}
	return c
}

func (c *client) send(packet string) {
	c.t.Helper()
	if err := wsutil.WriteClientText(c.conn, []byte(packet)); err != nil {
		c.t.Fatalf("send %q: %v", packet, err)
	}
}

func (c *client) emit(event string, arguments ...any) {
	c.t.Helper()
	text, err := json.Marshal(append([]any{event}, arguments...))
	if err != nil {
		c.t.Fatal(err)
	}
	c.send("42" + string(text))
}

// ask emits with an acknowledgement and returns everything up to it: other packets, then the acknowledgement's array.
func (c *client) ask(event string, arguments ...any) (before []string, answer string) {
	c.t.Helper()
	text, err := json.Marshal(append([]any{event}, arguments...))
	if err != nil {
		c.t.Fatal(err)
	}
	c.asked++
	id := string(rune('0' + c.asked%10))
	c.send("42" + id + string(text))
	for {
		packet := c.read()
		if answer, ok := strings.CutPrefix(packet, "43"+id); ok {
			return before, answer
		}
		before = append(before, packet)
	}
}

// read returns the next packet. It fails the test when the connection is closed.
func (c *client) read() string {
	c.t.Helper()
	packet, err := c.next()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return packet
}

func (c *client) next() (string, error) {
	data, err := wsutil.ReadServerText(c.conn)
	return string(data), err
}

// expect fails the test unless these packets come next.
func (c *client) expect(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		if got := c.read(); got != want {
			c.t.Fatalf("got %s, want %s", got, want)
		}
	}
}

// expectEnd fails the test unless the connection is closed, after other packets or none. It returns those.
func (c *client) expectEnd() (before []string) {
	c.t.Helper()
	for {
		packet, err := c.next()
		if timeout, ok := err.(interface{ Timeout() bool }); ok && timeout.Timeout() {
			c.t.Fatal("the connection is still open")
		}
		if err != nil {
			return before
		}
		before = append(before, packet)
	}
}

func (c *client) close() { _ = c.conn.Close() }

// wsWrite sends a packet to a server that may have closed the connection.
func wsWrite(c *client, packet string) error {
	return wsutil.WriteClientText(c.conn, []byte(packet))
}

// handshakeStatus is how the server answers a new polling client.
func handshakeStatus(t testing.TB, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http"+strings.TrimPrefix(url, "ws")+"/socket.io/?EIO=4&transport=polling", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}
