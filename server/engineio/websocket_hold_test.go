package engineio

import (
	"io"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/descriptor"
	"github.com/neuracampus/attendance/server/engineio/codec"
)

// connection returns both ends of a connection, ours as ServeHTTP has it.
func connection(t *testing.T) (ours *webSocket, theirs net.Conn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if theirs, err = new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ours = &webSocket{conn: conn}
	if ours.raw, err = conn.(syscall.Conn).SyscallConn(); err == nil {
		err = ours.raw.Control(func(fd uintptr) { ours.descriptor = fd })
	}
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

func expectAll(t *testing.T, theirs net.Conn, want string) {
	t.Helper()
	_ = theirs.SetReadDeadline(time.Now().Add(30 * time.Second)) // ReadAll says so if it fails
	if received, err := io.ReadAll(theirs); err != nil || string(received) != want {
		t.Errorf("received %q, %v, want %q and the end", received, err, want)
	}
}

// A descriptor that is closed while somebody writes to it may be another client's before the write begins.
func TestAConnectionIsClosedWhenNobodyUsesItsDescriptor(t *testing.T) {
	ws, theirs := connection(t)
	for range 2 {
		if !ws.hold() {
			t.Fatal("an open connection is not held")
		}
	}
	ws.close()
	ws.let()
	if ws.hold() {
		t.Error("a connection that is to be closed is held once more")
	}
	if _, err := ws.tryWrite([]byte("no")); err == nil {
		t.Error("a connection that is to be closed is written to by somebody else")
	}
	ws.close() // once more
	if n, err := descriptor.Write(ws.descriptor, []byte("last")); n != 4 || err != nil {
		t.Errorf("who holds it cannot write: %d, %v", n, err)
	}
	ws.let()
	expectAll(t, theirs, "last")
	if (&webSocket{conn: ws.conn}).hold() {
		t.Error("a connection that hides its descriptor is held")
	}
}

var flushes = map[string]func(*Session){
	"by itself": (*Session).Flush,
	"together":  func(s *Session) { NewWriter(slog.Default()).Flush([]*Session{s}) },
}

func TestNobodyHearsWhatIsForAConnectionThatIsClosed(t *testing.T) {
	for name, flush := range flushes {
		t.Run(name, func(t *testing.T) {
			s, _ := newTestSession(t, Options{}, codec.Revision4)
			gone, _ := connection(t)
			next, theirs := connection(t)
			gone.close()
			gone.descriptor = next.descriptor // as if the kernel had given it away again
			s.ws = gone
			s.Enqueue(pingMessage)
			flush(s)
			if !s.ended() {
				t.Error("the session goes on")
			}
			next.close()
			expectAll(t, theirs, "")
		})
	}
}

func TestAConnectionIsClosedAfterItWasWrittenTo(t *testing.T) {
	for name, flush := range flushes {
		t.Run(name, func(t *testing.T) {
			s, _ := newTestSession(t, Options{}, codec.Revision4)
			ws, theirs := connection(t)
			s.ws = ws
			s.Enqueue(pingMessage)
			flush(s)
			s.Close("enough")
			expectAll(t, theirs, string(pingMessage.Frames(codec.Revision4))+string(closeFrame))
		})
	}
}
