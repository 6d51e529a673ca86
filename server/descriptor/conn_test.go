package descriptor_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/descriptor"
)

// connected returns both ends of a connection, ours being one of Dial's.
func connected(t *testing.T) (ours net.Conn, theirs *net.TCPConn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if ours, err = descriptor.Dial(t.Context(), "tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	return ours, accepted.(*net.TCPConn)
}

func TestMoreGoesThroughThanTheKernelHolds(t *testing.T) {
	ours, theirs := connected(t)
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	echoed := make(chan error, 1)
	go func() {
		_, err := io.Copy(theirs, theirs)
		echoed <- errors.Join(err, theirs.CloseWrite())
	}()
	written := make(chan error, 1)
	go func() {
		n, err := ours.Write(sent)
		if err == nil && n != len(sent) {
			err = io.ErrShortWrite
		}
		written <- err
	}()
	received := make([]byte, len(sent))
	if _, err := io.ReadFull(ours, received); err != nil || !bytes.Equal(received, sent) {
		t.Errorf("what came back is not what was sent: %v", err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	_ = theirs.CloseRead()
	ours.Close()
	<-echoed
}

func TestTheEndsOfAConnectionAreThoseOfNet(t *testing.T) {
	ours, theirs := connected(t)
	if n, err := ours.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing: %d, %v", n, err)
	}
	_ = ours.SetReadDeadline(time.Now())
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	_ = ours.SetReadDeadline(time.Time{})
	if err := theirs.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the peer's end: %v", err)
	}
	_ = theirs.SetLinger(0)
	theirs.Close() // resets the connection
	var err error
	for err == nil { // until the reset has arrived
		_, err = ours.Write([]byte("x"))
	}
	var failure *net.OpError
	if !errors.As(err, &failure) || !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("after a reset: %v", err)
	}
	ours.Close()
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after our own end: %v", err)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if _, err := descriptor.Dial(t.Context(), "tcp", listener.Addr().String()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}
