//go:build amd64 || arm64

package iouring

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// newRing returns a ring. Where the kernel allows none, the test that needs one is skipped; the server does without it there.
func newRing(t *testing.T, size int) *Ring {
	t.Helper()
	ring, err := New(size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
		t.Skipf("the kernel allows no io_uring: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// connection returns the descriptor of one end of a connection, and the other end. The kernel holds little for either.
func connection(t *testing.T) (descriptor uintptr, peer *net.TCPConn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	own, peer := dialled.(*net.TCPConn), accepted.(*net.TCPConn)
	t.Cleanup(func() { _ = errors.Join(own.Close(), peer.Close()) }) // some tests have closed the peer
	raw, err := own.SyscallConn()
	if err == nil {
		err = errors.Join(own.SetWriteBuffer(4096), peer.SetReadBuffer(4096), raw.Control(func(fd uintptr) { descriptor = fd }))
	}
	if err != nil {
		t.Fatal(err)
	}
	return descriptor, peer
}

func TestRingSendsItsOwnDataToEachSocket(t *testing.T) {
	const size, rounds = 8, 100
	ring := newRing(t, size)
	var descriptors [size]uintptr
	var peers [size]net.Conn
	for i := range size {
		descriptors[i], peers[i] = connection(t)
	}
	for round := range rounds { // more often than the ring has places
		count := 1 + round%size
		for i := range count {
			if room := ring.Add(descriptors[i], fmt.Appendf(nil, "round %03d to %d", round, i)); room != (i+1 < size) {
				t.Fatalf("room after %d of %d sends: %v", i+1, size, room)
			}
		}
		runtime.GC() // the ring keeps the data
		results := ring.Send()
		if len(results) != count {
			t.Fatalf("%d results of %d sends", len(results), count)
		}
		for i, result := range results {
			want := fmt.Sprintf("round %03d to %d", round, i)
			if result != (Result{Sent: len(want)}) {
				t.Fatalf("round %d, socket %d: %+v", round, i, result)
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(peers[i], got); err != nil || string(got) != want {
				t.Fatalf("received %q, %v, want %q", got, err, want)
			}
		}
	}
	if results := ring.Send(); len(results) != 0 {
		t.Errorf("%d results of no sends", len(results))
	}
}

// Each row is a socket in the same round as the others, and how the send to it must go.
func TestRingReportsEachSendByItself(t *testing.T) {
	large := bytes.Repeat([]byte("x"), 16<<20)
	small := []byte("hello")
	rows := []struct {
		name   string
		socket func(t *testing.T) uintptr
		data   []byte
		sent   func(n int) bool
		err    error
	}{
		{"reader", func(t *testing.T) uintptr { fd, _ := connection(t); return fd }, small, func(n int) bool { return n == len(small) }, nil},
		{"more than the kernel holds", func(t *testing.T) uintptr { fd, _ := connection(t); return fd }, large, func(n int) bool { return n > 0 && n < len(large) }, nil},
		{"full", full, small, func(n int) bool { return n == 0 }, syscall.EAGAIN},
		{"reset by the peer", broken, small, func(n int) bool { return n == 0 }, syscall.EPIPE},
		{"no descriptor", func(*testing.T) uintptr { return 1 << 20 }, small, func(n int) bool { return n == 0 }, syscall.EBADF},
	}
	ring := newRing(t, 8)
	for _, row := range rows {
		ring.Add(row.socket(t), row.data)
	}
	for i, result := range ring.Send() {
		if row := rows[i]; !row.sent(result.Sent) || !errors.Is(result.Err, row.err) {
			t.Errorf("%s: %+v", row.name, result)
		}
	}
}

// full returns the descriptor of a socket that takes nothing more, because its peer does not read.
func full(t *testing.T) uintptr {
	t.Helper()
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = errors.Join(syscall.Close(ends[0]), syscall.Close(ends[1])) })
	for err == nil {
		_, err = syscall.Write(ends[0], make([]byte, 4096))
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatal(err)
	}
	return uintptr(ends[0])
}

// broken returns the descriptor of a connection that the peer has reset.
func broken(t *testing.T) uintptr {
	t.Helper()
	descriptor, peer := connection(t)
	if err := errors.Join(peer.SetLinger(0), peer.Close()); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := syscall.Write(int(descriptor), []byte("x")); errors.Is(err, syscall.EPIPE) {
			return descriptor
		}
	}
	t.Fatal("the reset did not arrive")
	return 0
}
