package engineio_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// Each reason to refuse a handshake has a status, one sentence and one kind that is counted. Who is in stays in, and the next client
// gets in when the reason has passed.
func TestRefusedHandshakeHasStatusAndKind(t *testing.T) {
	var memoryShort atomic.Bool
	for _, test := range []struct {
		kind    string
		options engineio.Options
		status  int
		begin   func(*server)                               // what makes the server refuse, beside the client that is in; may be nil
		end     func(t *testing.T, in *engineiotest.Socket) // what makes it let the next in; nil: nothing the test could do
	}{
		{
			kind: "too many connections", options: engineio.Options{MaxSessions: 1}, status: http.StatusServiceUnavailable,
			end: func(t *testing.T, in *engineiotest.Socket) { in.Send(t, "1") },
		},
		{
			kind: "too many connections from one address", options: engineio.Options{MaxFromNetwork: 1}, status: http.StatusTooManyRequests,
			end: func(t *testing.T, in *engineiotest.Socket) { in.Send(t, "1") },
		},
		{
			kind: "too many handshakes a second", options: engineio.Options{HandshakeRate: 1}, status: http.StatusServiceUnavailable,
			end: func(*testing.T, *engineiotest.Socket) {}, // a second later
		},
		{
			kind: "little memory left", options: engineio.Options{MemoryShort: memoryShort.Load}, status: http.StatusServiceUnavailable,
			begin: func(*server) { memoryShort.Store(true) },
			end:   func(*testing.T, *engineiotest.Socket) { memoryShort.Store(false) },
		},
		{
			kind: "too many sessions without a namespace", options: engineio.Options{MaxPending: 1, MinPendingTime: time.Hour}, status: http.StatusServiceUnavailable,
		},
		{
			kind: "the server stops", status: http.StatusServiceUnavailable,
			begin: func(s *server) { s.Refuse() },
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			kinds := make(chan string, 1000)
			test.options.Refused = func(kind, _, _ string) { kinds <- kind }
			s := serve(t, test.options, nil)
			in := s.connected(t, 4)
			if test.begin != nil {
				test.begin(s)
			}
			client := engineiotest.NewHTTPClient(t)
			var refused engineiotest.Response
			for refused.Status != test.status { // some let one client in first
				refused = engineiotest.Do(t, client, http.MethodGet, s.url+"?EIO=4&transport=polling", "")
			}
			if refused.Header.Get("Retry-After") == "" || strings.Count(refused.Body, "\n") != 1 || len(refused.Body) < 30 {
				t.Errorf("the answer is %v %q", refused.Header, refused.Body)
			}
			if _, err := engineiotest.TryDial(s.url + "?EIO=4&transport=websocket"); err != ws.StatusError(test.status) { //lint:ignore errorlint gobwas/ws returns it as it is
				t.Errorf("over WebSocket: %v", err)
			}
			for range 2 {
				if kind := <-kinds; kind != test.kind {
					t.Errorf("counted as %q", kind)
				}
			}
			checkAlive(t, in)
			if test.end == nil {
				return
			}
			test.end(t, in)
			engineiotest.Eventually(t, func() error {
				if response := engineiotest.Do(t, client, http.MethodGet, s.url+"?EIO=4&transport=polling", ""); response.Status != http.StatusOK {
					return fmt.Errorf("the next is answered %d", response.Status)
				}
				return nil
			})
		})
	}
}

func TestClientNetworkIsWhatItCannotChoose(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:40000":          "192.0.2.1/32",
		"192.0.2.1:40001":          "192.0.2.1/32",
		"[::ffff:192.0.2.1]:40000": "192.0.2.1/32",
		"192.0.2.2:40000":          "192.0.2.2/32",
		"[2001:db8::1]:40000":      "2001:db8::/64",
		"[2001:db8::ffff:1]:40000": "2001:db8::/64",
		"[2001:db8:0:1::1]:40000":  "2001:db8:0:1::/64",
		"[fe80::1%eth0]:40000":     "fe80::/64",
		"":                         "",
	} {
		if got := engineio.NetworkOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}
