package descriptor

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
)

// Dial connects for short questions with quick answers: the connection's reads and writes are those of this package. One
// goroutine at a time may read from it, and one write to it.
func Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return wrapped(conn)
}

// Listener returns a listener whose connections read and write like those of Dial.
func Listener(listener net.Listener) net.Listener { return rawListener{listener} }

type rawListener struct{ net.Listener }

// Accept implements net.Listener.
func (l rawListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return wrapped(conn)
}

// wrapped returns conn as it is where it has no descriptor. It closes it if it fails.
func wrapped(conn net.Conn) (net.Conn, error) {
	owner, ok := conn.(syscall.Conn)
	if !ok || !Available {
		return conn, nil
	}
	raw, err := owner.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	c := &rawConn{Conn: conn, raw: raw}
	c.readAttempt, c.writeAttempt = c.attemptRead, c.attemptWrite
	return c, nil
}

// rawConn is a connection whose reads and writes are those of this package.
type rawConn struct {
	net.Conn
	raw syscall.RawConn

	// Kept here because closures given to raw would be allocated each time.
	readAttempt, writeAttempt func(fd uintptr) (done bool)

	reading   []byte // what to read into
	readCount int
	readError error

	writing    []byte // what is still to be written
	writeError error
}

// SyscallConn implements syscall.Conn.
func (c *rawConn) SyscallConn() (syscall.RawConn, error) { return c.raw, nil }

// Read implements net.Conn.
func (c *rawConn) Read(buffer []byte) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	c.reading = buffer
	err := c.raw.Read(c.readAttempt)
	c.reading = nil
	switch {
	case err != nil:
		return 0, err
	case c.readError != nil:
		return 0, c.failed("read", c.readError)
	case c.readCount == 0:
		return 0, io.EOF
	}
	return c.readCount, nil
}

func (c *rawConn) attemptRead(fd uintptr) (done bool) {
	c.readCount, c.readError = Read(fd, c.reading)
	return !errors.Is(c.readError, syscall.EAGAIN)
}

// Write implements net.Conn.
func (c *rawConn) Write(data []byte) (int, error) {
	c.writing, c.writeError = data, nil
	err := c.raw.Write(c.writeAttempt)
	written := len(data) - len(c.writing)
	c.writing = nil
	if err == nil && c.writeError != nil {
		err = c.failed("write", c.writeError)
	}
	return written, err
}

func (c *rawConn) attemptWrite(fd uintptr) (done bool) {
	for len(c.writing) > 0 {
		n, err := Write(fd, c.writing)
		if errors.Is(err, syscall.EAGAIN) {
			return false
		}
		if err != nil {
			c.writeError = err
			return true
		}
		c.writing = c.writing[n:]
	}
	return true
}

// failed says what net says.
func (c *rawConn) failed(operation string, err error) error {
	return &net.OpError{Op: operation, Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}
