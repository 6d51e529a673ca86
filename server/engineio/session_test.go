package engineio

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// emptyLibrary is a library in which nothing is registered.
type emptyLibrary struct{ http.Handler }

func (emptyLibrary) Remove(string) {}

// newTestSession returns a session that the library knows nothing of, and the client's end of the WebSocket that carries it.
func newTestSession(t *testing.T, options Options, revision int) (*Session, net.Conn) {
	t.Helper()
	transports := newTransports(options)
	transports.library = emptyLibrary{}
	ours, theirs := net.Pipe() // holds nothing: a write waits until it is read
	t.Cleanup(func() { theirs.Close() })
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	s := newSession(transports, request, request.URL.Query(), revision, &webSocket{conn: ours, limit: options.MaxPayload})
	s.name(randomID())
	s.recordHeartbeat() // as after the handshake
	t.Cleanup(func() { s.abort("the test is over") })
	return s, theirs
}
