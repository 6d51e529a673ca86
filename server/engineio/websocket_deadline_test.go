package engineio

import (
	"net"
	"testing"
	"time"
)

// deadlineConn remembers its write deadline and takes everything.
type deadlineConn struct {
	net.Conn
	deadline time.Time
}

func (c *deadlineConn) SetWriteDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

func (c *deadlineConn) Write(data []byte) (int, error) { return len(data), nil }

func TestWriteDeadlineIsCleared(t *testing.T) {
	conn := &deadlineConn{}
	ws := &webSocket{conn: conn}
	if err := ws.write(time.Now().Add(handshakeWriteTimeout), []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if !conn.deadline.IsZero() {
		t.Errorf("the deadline %v is left behind; every write after it would fail", conn.deadline)
	}
}
