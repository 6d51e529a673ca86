package app

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// client is a Socket.IO 5 client over WebSocket.
type client struct {
	t    *testing.T
	conn net.Conn
}

// dial connects a client; query is added to the address.
func dial(t *testing.T, a *App, query string) *client {
	t.Helper()
	address := "ws" + strings.TrimPrefix(a.URL(), "http") + "/socket.io/?EIO=4&transport=websocket" + query
	conn, _, _, err := ws.Dial(t.Context(), address) // the server's first packet comes after its answer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &client{t, conn}
	c.send("40")
	for !strings.HasPrefix(c.read(time.Now().Add(10*time.Second)), "40") {
		continue
	}
	return c
}

func (c *client) send(packet string) {
	c.t.Helper()
	if err := wsutil.WriteClientText(c.conn, []byte(packet)); err != nil {
		c.t.Fatal(err)
	}
}

// ask emits an event, given as the inside of its array, and returns its acknowledgement.
func (c *client) ask(event string) string {
	c.t.Helper()
	c.send("421[" + event + "]")
	for {
		if answer, ok := strings.CutPrefix(c.read(time.Now().Add(10*time.Second)), "431"); ok {
			return answer
		}
	}
}

func (c *client) read(deadline time.Time) string {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(deadline); err != nil {
		c.t.Fatal(err)
	}
	data, err := wsutil.ReadServerText(c.conn)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}
