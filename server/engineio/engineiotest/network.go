package engineiotest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

// Network is a network in memory that one server listens on, for tests on a clock of their own (testing/synctest): no time passes while
// data travels.
type Network struct {
	dialed chan net.Conn
	closed chan struct{}
	close  sync.Once
}

// NewNetwork returns a network on which a server may listen, once.
func NewNetwork() *Network {
	return &Network{dialed: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (n *Network) Accept() (net.Conn, error) {
	select {
	case conn := <-n.dialed:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *Network) Close() error {
	n.close.Do(func() { close(n.closed) })
	return nil
}

// Addr implements net.Listener.
func (n *Network) Addr() net.Addr { return memoryAddress }

// memoryAddress is the server's and every client's.
var memoryAddress = &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 40_000}

// Connect opens a session over WebSocket and returns its handshake. It does not outlive the test.
func (n *Network) Connect(t testing.TB, revision int) (*Socket, Handshake) {
	t.Helper()
	s, err := tryDial(ws.Dialer{NetDial: n.dial}, fmt.Sprintf("ws://%v/socket.io/?EIO=%d&transport=websocket", memoryAddress, revision))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = s.Conn.Close() })
	return s, ParseHandshake(t, s.Receive(t).Text)
}

func (n *Network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	server, client := net.Pipe()
	select {
	case n.dialed <- serverEnd{server}:
		return newClientEnd(client), nil
	case <-n.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serverEnd has an address, unlike a pipe.
type serverEnd struct{ net.Conn }

func (serverEnd) RemoteAddr() net.Addr { return memoryAddress }

// clientEnd holds everything that arrives until it is read, so that a client and a server that both write do not wait for each other.
type clientEnd struct {
	net.Conn

	mu      sync.Mutex
	arrived *sync.Cond
	data    []byte
	err     error
}

func newClientEnd(conn net.Conn) *clientEnd {
	c := &clientEnd{Conn: conn}
	c.arrived = sync.NewCond(&c.mu)
	go c.receive()
	return c
}

// receive ends with the connection.
func (c *clientEnd) receive() {
	buffer := make([]byte, 4096)
	for {
		n, err := c.Conn.Read(buffer)
		c.mu.Lock()
		c.data, c.err = append(c.data, buffer[:n]...), err
		c.arrived.Broadcast()
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// SetDeadline does nothing: on a clock of its own, a test that hangs ends at once.
func (c *clientEnd) SetDeadline(time.Time) error { return nil }

func (c *clientEnd) Read(into []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.data) == 0 && c.err == nil {
		c.arrived.Wait()
	}
	if len(c.data) == 0 {
		return 0, c.err
	}
	n := copy(into, c.data)
	c.data = c.data[n:]
	return n, nil
}
