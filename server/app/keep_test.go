package app

import (
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/identity"
)

// TestOpenSocketKeepsNoHandshakeHeader opens sockets with large headers. While they are open, the memory of these headers is freed, also
// that of the cookies, of which a server in signed mode keeps the token.
func TestOpenSocketKeepsNoHandshakeHeader(t *testing.T) {
	token, err := identity.Sign([]byte(strings.TrimPrefix(signed, "JWT_SECRET=")), "asha", "teacher", "", "", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 4000)
	headers := map[string]string{"X-Large": large, "Cookie": "theme=" + large + "; accessToken=" + token}
	for _, mode := range []string{"", signed} {
		for _, transport := range []string{"websocket", "polling"} {
			t.Run(transport+" "+mode, func(t *testing.T) {
				var freed atomic.Int32
				a, _ := start(t, settings(t, mode), func(a *App) {
					next := a.http.Handler
					a.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						for name := range headers {
							if value := strings.Clone(r.Header.Get(name)); value != "" {
								runtime.AddCleanup(unsafe.StringData(value), func(struct{}) { freed.Add(1) }, struct{}{})
								r.Header[name] = []string{value}
							}
						}
						next.ServeHTTP(w, r)
					})
				})
				connected := connectWith(t, a, transport, headers)
				engineiotest.Eventually(t, func() error {
					runtime.GC()
					if int(freed.Load()) != len(headers) {
						return errors.New("the headers are kept")
					}
					return nil
				})
				connected()
			})
		}
	}
}

// connectWith opens a session with these headers and connects to the namespace. It returns a function that fails unless the session is
// still there.
func connectWith(t *testing.T, a *App, transport string, headers map[string]string) (connected func()) {
	t.Helper()
	var fields []string
	for name, value := range headers {
		fields = append(fields, name, value)
	}
	url := a.URL() + "/socket.io/?EIO=4&transport=" + transport
	const unknown, answered = `421["unknown"]`, `431[{"success":false`
	if transport == "websocket" {
		socket := engineiotest.Dial(t, url, fields...)
		socket.ExpectPrefix(t, "0")
		socket.Send(t, "40")
		socket.ExpectPrefix(t, "40{")
		return func() {
			t.Helper()
			socket.Send(t, unknown)
			socket.ExpectPrefix(t, answered)
		}
	}
	client := engineiotest.NewHTTPClient(t)
	handshake := engineiotest.ParseHandshake(t, engineiotest.Do(t, client, http.MethodGet, url, "", fields...).Body)
	url += "&sid=" + handshake.SID
	poll := func(packet, answer string) {
		t.Helper()
		engineiotest.Do(t, client, http.MethodPost, url, packet)
		if got := engineiotest.Do(t, client, http.MethodGet, url, "").Body; !strings.HasPrefix(got, answer) {
			t.Errorf("%s is answered %s", packet, got)
		}
	}
	poll("40", "40{")
	return func() {
		t.Helper()
		poll(unknown, answered)
	}
}
