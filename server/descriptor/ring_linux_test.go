//go:build !386 && !s390x

package descriptor

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
)

// newRing returns nil, and says so, where this process may not have one; who needs a ring does without it there.
func newRing(t *testing.T, size int) *Ring {
	t.Helper()
	ring, err := NewRing(size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
		t.Logf("nothing to test here: %v", err)
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// pair returns the descriptor of one end of a connection, and the other end. What the kernel holds for them is little.
func pair(t *testing.T) (ours uintptr, theirs net.Conn) {
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
	t.Cleanup(func() { dialled.Close() })
	if theirs, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	if err := errors.Join(dialled.(*net.TCPConn).SetWriteBuffer(4096), theirs.(*net.TCPConn).SetReadBuffer(4096)); err != nil {
		t.Fatal(err)
	}
	raw, err := dialled.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) { ours = fd }) // open until the test ends
	return ours, theirs
}

func TestARingWritesToEachSocketWhatIsItsOwn(t *testing.T) {
	const size, rounds = 8, 100
	ring := newRing(t, size)
	if ring == nil {
		return
	}
	var ours [size]uintptr
	var theirs [size]net.Conn
	for i := range size {
		ours[i], theirs[i] = pair(t)
	}
	for round := range rounds { // more often than the ring has places
		count := 1 + round%size
		for i := range count {
			room := ring.Add(ours[i], fmt.Appendf(nil, "round %03d to %d", round, i))
			if room != (i+1 < size) {
				t.Fatalf("room after %d of %d writes: %v", i+1, size, room)
			}
		}
		results := ring.Write()
		if len(results) != count {
			t.Fatalf("%d results of %d writes", len(results), count)
		}
		for i, result := range results {
			want := fmt.Sprintf("round %03d to %d", round, i)
			if result.Err != nil || result.Written != len(want) {
				t.Fatalf("round %d, socket %d: %+v", round, i, result)
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(theirs[i], got); err != nil || string(got) != want {
				t.Fatalf("received %q, %v, want %q", got, err, want)
			}
		}
	}
	if results := ring.Write(); len(results) != 0 {
		t.Errorf("%d results of no writes", len(results))
	}
}

// unread returns the descriptor of a socket that takes nothing more, because nobody reads.
func unread(t *testing.T) uintptr {
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

func TestARingTellsOfEachSocketHowItWent(t *testing.T) {
	ring := newRing(t, 4)
	if ring == nil {
		return
	}
	fine, reader := pair(t)
	full := unread(t)
	broken, gone := pair(t)
	large := bytes.Repeat([]byte("x"), 16<<20)
	_ = gone.(*net.TCPConn).SetLinger(0)
	gone.Close() // resets the connection
	var err error
	for err == nil { // until the reset has arrived
		_, err = syscall.Write(int(broken), []byte("x"))
	}
	small := []byte("hello")
	ring.Add(fine, small)
	ring.Add(full, small)
	ring.Add(broken, small)
	ring.Add(fine, large)
	results := ring.Write()
	if results[0] != (Result{Written: len(small)}) {
		t.Errorf("to who reads: %+v", results[0])
	}
	if !errors.Is(results[1].Err, syscall.EAGAIN) {
		t.Errorf("to who does not: %+v", results[1])
	}
	if !errors.Is(results[2].Err, syscall.EPIPE) {
		t.Errorf("to who has gone: %+v", results[2])
	}
	if n := results[3].Written; results[3].Err != nil || n <= 0 || n >= len(large) {
		t.Errorf("of what is too large for the kernel: %+v", results[3])
	}
	got := make([]byte, len(small)+results[3].Written)
	if _, err := io.ReadFull(reader, got); err != nil || !bytes.HasPrefix(got, small) {
		t.Errorf("received %d bytes, %v", len(got), err)
	}
}

func TestWhatARingCannotBeginIsAsIfTheSocketTookNothing(t *testing.T) {
	ring := newRing(t, 4)
	if ring == nil {
		return
	}
	ours, theirs := pair(t)
	kernels := ring.descriptor
	ring.descriptor = -1
	ring.Add(ours, []byte("never"))
	ring.Add(ours, []byte("sent"))
	for _, result := range ring.Write() {
		if !errors.Is(result.Err, syscall.EAGAIN) {
			t.Errorf("without a ring: %+v", result)
		}
	}
	ring.descriptor = kernels
	ring.Add(ours, []byte("now"))
	if results := ring.Write(); len(results) != 1 || results[0] != (Result{Written: 3}) {
		t.Errorf("with it: %+v", results)
	}
	got := make([]byte, 3)
	if _, err := io.ReadFull(theirs, got); err != nil || string(got) != "now" {
		t.Errorf("received %q, %v", got, err)
	}
}
