//go:build unix

package engineio

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// newTCPSession returns a session whose WebSocket is a real connection, and the client's end of it.
func newTCPSession(t *testing.T) (*Session, *net.TCPConn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	transports := newTransports(Options{Logger: slog.New(slog.DiscardHandler)})
	transports.library = emptyLibrary{}
	ws := &webSocket{conn: conn, limit: transports.options.MaxPayload}
	if err := ws.useDescriptor(); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	s := newSession(transports, request, request.URL.Query(), codec.Revision4, ws)
	s.name(randomID())
	s.recordHeartbeat() // as after the handshake
	t.Cleanup(func() { s.abort("the test is over") })
	return s, client.(*net.TCPConn)
}

// isOpen returns whether the descriptor of a WebSocket is still its own.
func isOpen(ws *webSocket) bool { return ws.raw.Control(func(uintptr) {}) == nil }

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	engineiotest.Eventually(t, func() error {
		if !is() {
			return errors.New("it is not so: " + what)
		}
		return nil
	})
}

// A descriptor that is closed while it is written to may be another client's before the write begins.
func TestDescriptorStaysOpenWhileWritten(t *testing.T) {
	message := codec.NewMessage(codec.MessagePacket([]byte("hello")))
	for _, test := range []struct {
		name string
		end  func(s *Session, client *net.TCPConn)
	}{
		{"closed by the server", func(s *Session, _ *net.TCPConn) { s.Close("enough") }},
		{"aborted", func(s *Session, _ *net.TCPConn) { s.abort("slow") }},
		{"closed and then aborted", func(s *Session, _ *net.TCPConn) { s.Close("enough"); s.abort("slow") }},
		{"token expired", func(s *Session, _ *net.TCPConn) { s.CloseAt(time.Now(), "expired") }},
		{"connection closed by the client", func(s *Session, client *net.TCPConn) { client.Close(); receiveAll(s) }},
		{"connection reset by the client", func(s *Session, client *net.TCPConn) { _ = client.SetLinger(0); client.Close(); receiveAll(s) }},
		{"frame that breaks the protocol", func(s *Session, client *net.TCPConn) { _, _ = client.Write([]byte("xxxxxx")); receiveAll(s) }},
	} {
		for _, full := range []bool{false, true} {
			t.Run(test.name+map[bool]string{false: ", write succeeds", true: ", client is behind"}[full], func(t *testing.T) {
				s, client := newTCPSession(t)
				s.Enqueue(message)
				next, ok := s.beginFlush()
				if !ok {
					t.Fatal("nothing to write")
				}
				test.end(s, client)
				eventually(t, "the session has ended", s.ended)
				if !isOpen(next.ws) {
					t.Fatal("the descriptor is closed while it is written to")
				}
				if full {
					s.written(next, 0, nil) // the rest waits for the client
				} else {
					s.written(next, len(next.data), nil)
				}
				eventually(t, "the descriptor is closed", func() bool { return !isOpen(next.ws) })
			})
		}
	}
}

// receiveAll reads from a session until it ends.
func receiveAll(s *Session) {
	for {
		s.await()
		if _, _, err := s.receive(); err != nil {
			return
		}
	}
}

func TestEndedWebSocketKeepsNoReadBuffer(t *testing.T) {
	frame := codec.AppendFrame(nil, codec.OpcodeText, []byte("4hello"), []byte{1, 2, 3, 4})
	for _, test := range []struct {
		name string
		end  func(client *net.TCPConn) error
	}{
		{"closed", func(client *net.TCPConn) error { return client.Close() }},
		{"reset", func(client *net.TCPConn) error { return errors.Join(client.SetLinger(0), client.Close()) }},
		{"closing handshake", func(client *net.TCPConn) error {
			return write(client, codec.AppendFrame(nil, codec.OpcodeClose, nil, []byte{1, 2, 3, 4}))
		}},
		{"bad frame", func(client *net.TCPConn) error { return write(client, []byte("xxxxxx")) }},
		{"frame over the limit", func(client *net.TCPConn) error { return write(client, []byte{0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0}) }},
		{"half a frame", func(client *net.TCPConn) error { return errors.Join(write(client, frame[:5]), client.Close()) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, client := newTCPSession(t)
			if err := errors.Join(write(client, frame), test.end(client)); err != nil {
				t.Fatal(err)
			}
			receiveAll(s)
			if s.ws.buffer != nil {
				t.Error("the buffer did not go back to its pool")
			}
		})
	}
}

func write(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}

// waitingConn tells when the first write begins that may wait for the client.
type waitingConn struct {
	*net.TCPConn
	waits context.CancelFunc
}

// SetWriteDeadline implements net.Conn.
func (c waitingConn) SetWriteDeadline(t time.Time) error {
	c.waits()
	return c.TCPConn.SetWriteDeadline(t)
}

// The write could wait for as long as a missed heartbeat takes.
func TestAbortEndsWriteThatWaits(t *testing.T) {
	s, client := newTCPSession(t)
	conn := s.ws.conn.(*net.TCPConn)
	// Buffers of a fixed size. The kernel lets others grow, and then takes the rest although nobody reads.
	if err := errors.Join(conn.SetWriteBuffer(64<<10), client.SetReadBuffer(64<<10)); err != nil {
		t.Fatal(err)
	}
	waits, begun := context.WithCancel(t.Context())
	s.ws.conn = waitingConn{conn, begun}
	for s.Queued() == 0 { // until the kernel holds no more
		s.Send(codec.NewMessage(codec.MessagePacket(make([]byte, 256<<10))))
	}
	<-waits.Done()
	s.abort("slow")
	eventually(t, "the descriptor is closed", func() bool { return !isOpen(s.ws) })
}
