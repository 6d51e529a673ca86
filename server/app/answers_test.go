//go:build unix

package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

const allowed = "http://localhost:5173"

// Without these headers a page cannot read an answer and reports "Failed to fetch". Only the answers of net/http itself, to malformed
// requests and to headers over the limit, have none.
func TestAnswerToAllowedOriginIsReadable(t *testing.T) {
	a, _ := start(t, settings(t, "MAX_PENDING=1"), func(a *App) {
		a.requests.bodyTimeout = 200 * time.Millisecond
		a.http.Handler.(*gin.Engine).GET("/panic", func(*gin.Context) { panic("a bug") })
	})
	const polling = "/socket.io/?EIO=4&transport=polling"
	large := "Content-Type: application/json\r\nContent-Length: 1100000\r\n\r\n{\"id\":\"" + strings.Repeat("x", 1_100_000)
	for _, test := range []struct {
		request, header string
		status          int
	}{
		{"GET /", "", 200},
		{"HEAD /", "", 200},
		{"POST /", "", 405},
		{"GET /unknown", "", 404},
		{"GET //", "", 404},
		{"GET /healthz", "", 200},
		{"GET /healthz/", "", 404},
		{"HEAD /healthz", "", 200},
		{"GET /HEALTHZ", "", 404},
		{"GET /readyz", "", 200},
		{"GET /docs", "", 200},
		{"GET /docs/", "", 404},
		{"GET /api/openapi.json", "", 200},
		{"GET /api/asyncapi.json", "", 200},
		{"GET /api/classes", "X-User: a\r\n", 200},
		{"GET /api/classes", "", 401},
		{"GET /api/classes/", "X-User: a\r\n", 404},
		{"POST /api/classes/", "X-User: a\r\n", 404},
		{"GET /API/classes", "X-User: a\r\n", 404},
		{"GET /api//classes", "X-User: a\r\n", 404},
		{"PUT /api/classes", "X-User: a\r\n", 404},
		{"TRACE /api/classes", "", 404},
		{"BREW /api/classes", "", 404},
		{"BREW /", "", 405},
		{"GET /api/classes/none", "X-User: a\r\n", 404},
		{"POST /api/classes", "X-User: a\r\n" + large, 413},
		{"POST /api/classes", "X-User: a\r\nContent-Type: application/json\r\nContent-Length: 10\r\n", 408},
		{"POST /api/classes", "X-User: a\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n", 413},
		{"PUT /api/classes/c/roster", "X-User: a\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n", 413},
		{"GET /api/classes", "X-User: a\r\nContent-Length: 100000000\r\n", 413},
		{"POST /api/classes", "X-User: a\r\nContent-Type: text/plain\r\n", 415},
		{"OPTIONS /api/classes", "", 204},
		{"OPTIONS /unknown", "", 204},
		{"OPTIONS *", "", 204},
		{"GET /panic", "", 500},
		{"GET /socket.io/", "", 400},
		{"GET /socket.io/?EIO=9&transport=polling", "", 400},
		{"POST " + polling, "", 400},
		{"BREW " + polling, "", 404},
		{"GET " + polling + "&sid=unknown", "", 400},
		{"GET /socket.io/?EIO=4&transport=websocket", "", 400},
		{"OPTIONS " + polling, "", 204},
		{"GET " + polling, "", 200},
		{"GET " + polling, "", 503}, // MAX_PENDING
	} {
		t.Run(fmt.Sprint(test.request, " ", test.status), func(t *testing.T) {
			status, header := raw(t, a, test.request, "Origin: "+allowed+"\r\n"+test.header)
			if status != test.status {
				t.Errorf("answered %d, want %d", status, test.status)
			}
			if got := header.Get("Access-Control-Allow-Origin"); got != allowed || header.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("allows %q", got)
			}
			if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("lacks the security headers: %v", header)
			}
			isSocket := strings.Contains(test.request, "/socket.io") && !strings.HasPrefix(test.request, "BREW")
			if isSocket != (header.Get("Content-Security-Policy") == "") {
				t.Errorf("policy %q", header.Get("Content-Security-Policy"))
			}
		})
	}
}

// raw sends a request line and header as they are and returns the answer's status and header.
func raw(t *testing.T, a *App, request, header string) (int, http.Header) {
	t.Helper()
	conn := engineiotest.DialTCP(t, a.listener.Addr().String())
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n", request, header)
	method, _, _ := strings.Cut(request, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func TestPageMayConnectToItsOwnHostOnly(t *testing.T) {
	for _, test := range []struct{ host, want string }{
		{"localhost:5014", "connect-src 'self' ws://localhost:5014 wss://localhost:5014;"},
		{"attendance.campus.example", "connect-src 'self' ws://attendance.campus.example wss://attendance.campus.example;"},
		{"[::1]:5014", "connect-src 'self' ws://[::1]:5014 wss://[::1]:5014;"},
		{"", "connect-src 'self';"},
		{"a;script-src *", "connect-src 'self';"},
		{"a.example,b.example", "connect-src 'self';"},
		{"*", "connect-src 'self';"},
		{"a.example:80 *", "connect-src 'self';"},
	} {
		if policy := policyFor(test.host); !strings.Contains(policy, test.want) || strings.Contains(policy, "ws:;") || strings.Contains(policy, "ws: ") {
			t.Errorf("%q: %s", test.host, policy)
		}
	}
}

func TestPagePolicyNamesTheRequestedHost(t *testing.T) {
	a, _ := start(t, settings(t))
	for _, host := range []string{"localhost:5014", "127.0.0.1:1"} {
		if _, header, _ := ask(t, http.MethodGet, a.URL()+"/", "Host", host); header.Get("Content-Security-Policy") != policyFor(host) {
			t.Errorf("%s: %s", host, header.Get("Content-Security-Policy"))
		}
	}
}

func TestHealthShowsDetailsOnThisMachineOnly(t *testing.T) {
	a, _ := start(t, settings(t, signed))
	for _, test := range []struct {
		name, peer string
		header     http.Header
		host       string
		everything bool
	}{
		{"this machine", "127.0.0.1:40000", nil, "localhost:5014", true},
		{"this machine by address", "127.0.0.1:40000", nil, "127.0.0.1:5014", true},
		{"this machine, newer address", "[::1]:40000", nil, "[::1]:5014", true},
		{"this machine, mapped address", "[::ffff:127.0.0.1]:40000", nil, "localhost", true},
		{"another machine", "10.0.0.7:40000", nil, "localhost", false},
		{"through a proxy", "127.0.0.1:40000", http.Header{"X-Forwarded-For": {"10.0.0.7"}}, "localhost", false},
		{"through another proxy", "127.0.0.1:40000", http.Header{"Forwarded": {"for=10.0.0.7"}}, "localhost", false},
		{"through a proxy that keeps the host only", "127.0.0.1:40000", nil, "attendance.campus.example", false},
		{"no address", "", nil, "localhost", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+test.host+"/healthz", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.RemoteAddr = test.peer
			for name, values := range test.header {
				request.Header[name] = values
			}
			answer := httptest.NewRecorder()
			a.http.Handler.ServeHTTP(answer, request)
			var got map[string]any
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if _, version := got["version"]; version != test.everything || got["status"] != "up" || got["identity"] != "signed" {
				t.Errorf("answered %v", got)
			}
		})
	}
}
