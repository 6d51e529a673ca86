package engineio

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	socketio "github.com/googollee/go-socket.io"
)

// hijackable is the response to a request whose connection is conn.
type hijackable struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

// Hijack implements http.Hijacker.
func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.conn, bufio.NewReadWriter(bufio.NewReader(h.conn), bufio.NewWriter(h.conn)), nil
}

// A client that adds its listeners when it knows that the WebSocket is open must not have read the OPEN packet by then.
func TestHandshakeAnswerPrecedesOPENByDelay(t *testing.T) {
	for target, opens := range map[string]string{"EIO=3": `0{"sid":`, "EIO=4": `0{"sid":`} {
		t.Run(target, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transports, library := New(Options{Logger: slog.New(slog.DiscardHandler)})
				library.OnConnect("/", func(socketio.Conn) error { return nil })
				go func() { _ = library.Serve() }() // ends with library.Close
				ours, theirs := net.Pipe()          // a read returns what one write has written
				request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?transport=websocket&"+target, http.NoBody)
				request.Header = http.Header{
					"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
					"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
				}
				go transports.ServeHTTP(hijackable{httptest.NewRecorder(), ours}, request)

				buffer := make([]byte, 4096)
				n, _ := theirs.Read(buffer)
				if answer := string(buffer[:n]); !strings.HasPrefix(answer, "HTTP/1.1 101 ") || strings.Index(answer, "\r\n\r\n") != n-4 {
					t.Errorf("the first write is %q, want the 101 and nothing else", answer)
				}
				answered := time.Now()
				n, _ = theirs.Read(buffer)
				if packet := string(buffer[:n]); !strings.HasPrefix(packet[2:], opens) {
					t.Errorf("the second write is %q, want the OPEN packet", packet)
				}
				if delay := time.Since(answered); delay < 10*time.Millisecond { // on the test's clock
					t.Errorf("it came after %v, want 10 ms: npm's ws has read both at once within less", delay)
				}

				go func() { _, _ = io.Copy(io.Discard, theirs) }() // ends with the connection
				if err := transports.Drain(t.Context()); err != nil {
					t.Error(err)
				}
				_ = library.Close()
			})
		})
	}
}
