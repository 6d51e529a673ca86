package app

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/neuracampus/attendance/server/refusals"
)

// connections is what the server knows of its connections as a whole.
type connections struct {
	refusals *refusals.Log
	silent   atomic.Int64 // those whose client has not sent anything yet
}

const (
	// requestInterval is how long a stop gives requests that have arrived to reach their handlers.
	requestInterval = 100 * time.Millisecond
	// firstRequestTimeout is how long a stop waits for the first requests of connections that it has accepted. They come at once, except
	// from browsers, which open connections for later.
	firstRequestTimeout = 500 * time.Millisecond
)

// awaitFirstRequests waits until every connection has sent something, and its request has reached a handler.
func (c *connections) awaitFirstRequests(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstRequestTimeout)
	defer cancel()
	ticker := time.NewTicker(requestInterval)
	defer ticker.Stop()
	for silent := int64(1); silent > 0; silent = c.silent.Load() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// countingListener counts the connections that it could not accept because the process has no file descriptors left, and those whose
// clients do not finish a body or do not read the answers.
type countingListener struct {
	net.Listener
	connections *connections
}

// Accept implements net.Listener.
func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		l.connections.refusals.Add("no descriptor left", l.Addr().String(), err.Error())
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &countingConn{TCPConn: tcp, connections: l.connections}, nil
	}
	return conn, err
}

// countingConn counts a client that does not finish a body, or does not read an answer, before the deadline. It counts here and not
// where a handler reads, because net/http itself reads the bodies that no handler reads. It does not count the clients of WebSockets:
// most of them are phones that lost their network.
type countingConn struct {
	*net.TCPConn
	connections *connections
	state       atomic.Int32 // the http.ConnState
	// awaited: the read deadline has not been counted yet. Those in the past do not count: net/http ends its own reads with them.
	awaited atomic.Bool
}

// SetReadDeadline implements net.Conn.
func (c *countingConn) SetReadDeadline(deadline time.Time) error {
	c.awaited.Store(deadline.After(time.Now()))
	return c.TCPConn.SetReadDeadline(deadline)
}

// Read implements net.Conn. While a request is active, net/http reads nothing but its body with a deadline.
func (c *countingConn) Read(data []byte) (int, error) {
	n, err := c.TCPConn.Read(data)
	if errors.Is(err, os.ErrDeadlineExceeded) && c.is(http.StateActive) && c.awaited.Swap(false) {
		c.connections.refusals.Add("unfinished body", c.RemoteAddr().String(), err.Error())
	}
	return n, err
}

// Write implements net.Conn.
func (c *countingConn) Write(data []byte) (int, error) {
	n, err := c.TCPConn.Write(data)
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.is(http.StateHijacked) {
		c.connections.refusals.Add("unread answer", c.RemoteAddr().String(), err.Error())
	}
	return n, err
}

func (c *countingConn) is(state http.ConnState) bool { return http.ConnState(c.state.Load()) == state }

// connState is http.Server.ConnState. Only WebSockets take over a connection.
func connState(conn net.Conn, state http.ConnState) {
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	counting, ok := conn.(*countingConn)
	if !ok {
		return
	}
	switch before := http.ConnState(counting.state.Swap(int32(state))); {
	case state == http.StateNew:
		counting.connections.silent.Add(1)
	case before == http.StateNew:
		counting.connections.silent.Add(-1)
	}
}
