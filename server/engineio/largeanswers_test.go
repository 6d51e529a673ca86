package engineio

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// largeAnswerEnds are the ways in which a large answer stops taking memory.
var largeAnswerEnds = []struct {
	name    string
	polling bool
	end     func(t *testing.T, s *Session, client net.Conn)
}{
	{"client reads", false, func(t *testing.T, _ *Session, client net.Conn) { go io.Copy(io.Discard, client) }},
	{"client goes away", false, func(t *testing.T, _ *Session, client net.Conn) { client.Close() }},
	{"session closed", false, func(t *testing.T, s *Session, _ net.Conn) { s.Close("enough") }},
	{"session aborted", false, func(t *testing.T, s *Session, _ net.Conn) { s.abort("enough") }},
	{"polling client reads", true, func(t *testing.T, s *Session, _ net.Conn) {
		s.servePoll(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody))
	}},
	{"polling session closed", true, func(t *testing.T, s *Session, _ net.Conn) { s.Close("enough") }},
	{"polling session closed before last poll", true, func(t *testing.T, s *Session, _ net.Conn) {
		s.Close("enough")
		s.servePoll(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody))
	}},
}

// Many clients ask for large answers and do not read them. The answers are bounded in all, and once they are gone there is room again.
func TestLargeAnswersAreBoundedOverAllClients(t *testing.T) {
	const queueBytes = 10_000
	answer := codec.NewMessage(codec.TextPacket("4" + strings.Repeat("x", 2*queueBytes)))
	for _, test := range largeAnswerEnds {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refusals := 0
				transports := newTransports(Options{QueueBytes: queueBytes, Refused: func(kind, _, _ string) {
					if kind == "large answer" {
						refusals++
					}
				}})
				transports.library = emptyLibrary{}
				accept := func() (accepted int) {
					for range 100 {
						s, client := sessionOver(t, transports, test.polling)
						if s.SendAnswer(answer) {
							s.Send(answer) // as an acknowledgement, for which there must be room
							accepted++
							t.Cleanup(func() { s.abort("the test is over") })
							defer test.end(t, s, client)
						}
					}
					if waiting := transports.large.bytes.Load(); waiting > maxLargeTotal*queueBytes {
						t.Errorf("%d bytes of large answers wait", waiting)
					}
					return accepted
				}
				first := accept()
				if want := maxLargeTotal * queueBytes / (2 * answer.Size()); first != want || refusals != 100-want {
					t.Errorf("%d of 100 accepted, want %d; %d refused", first, want, refusals)
				}
				synctest.Wait()
				if waiting := transports.large.bytes.Load(); waiting != 0 {
					t.Errorf("%d bytes of large answers are counted after the end", waiting)
				}
				if second := accept(); second != first {
					t.Errorf("%d accepted at first, %d when those were gone", first, second)
				}
				synctest.Wait()
				small, _ := sessionOver(t, transports, true)
				transports.large.bytes.Store(1 << 40)
				if !small.SendAnswer(pingMessage) {
					t.Error("a small answer is refused")
				}
			})
		})
	}
}

// sessionOver returns a session of transports, and its client if it is not over polling.
func sessionOver(t *testing.T, transports *Transports, polling bool) (*Session, net.Conn) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	var ws *webSocket
	var client net.Conn
	if !polling {
		var ours net.Conn
		ours, client = net.Pipe() // holds nothing: a write waits until it is read
		t.Cleanup(func() { client.Close() })
		ws = &webSocket{conn: ours, limit: transports.options.MaxPayload}
	}
	s := newSession(transports, request, request.URL.Query(), codec.Revision4, ws)
	s.name(randomID())
	s.recordHeartbeat() // as after the handshake
	t.Cleanup(func() { s.abort("the test is over") })
	return s, client
}
