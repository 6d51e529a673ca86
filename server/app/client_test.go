package app

import (
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// client is a Socket.IO 5 client over WebSocket.
type client struct {
	*engineiotest.Socket
	t testing.TB
}

func dial(t testing.TB, a *App) *client {
	t.Helper()
	socket, _ := engineiotest.Connect(t, a.URL()+"/socket.io/", 4)
	socket.Send(t, "40")
	socket.ExpectPrefix(t, "40")
	return &client{socket, t}
}

// ask emits an event, given as the elements of its JSON array, and returns its acknowledgement.
func (c *client) ask(event string) string {
	c.t.Helper()
	_, answer := c.askInOrder(event)
	return answer
}

// askInOrder is ask, and also returns the events that came before the acknowledgement.
func (c *client) askInOrder(event string) (before []string, answer string) {
	c.t.Helper()
	c.Send(c.t, "421["+event+"]")
	for {
		text := c.Receive(c.t).Text
		if answer, ok := strings.CutPrefix(text, "431"); ok {
			return before, answer
		}
		before = append(before, text)
	}
}
