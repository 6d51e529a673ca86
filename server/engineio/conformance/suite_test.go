package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// The tests of this package hold what the public suites hold, case by case, in words of their own. Differences: they wait for
// events where the suites sleep, and where the heartbeat plays no role it is too slow to interfere.

const (
	engineIO = "/engine.io/"
	socketIO = "/socket.io/"
)

// serve returns the address of a server with these settings.
func serve(t *testing.T, options engineio.Options) string {
	t.Helper()
	server := httptest.NewServer(handler(options))
	t.Cleanup(server.Close)
	return server.URL
}

// withoutTimeouts returns the suites' settings with a heartbeat and a connect timeout that no test lives to see.
func withoutTimeouts() engineio.Options {
	options := published()
	options.PingInterval, options.PingTimeout, options.ConnectTimeout = time.Hour, time.Hour, time.Hour
	return options
}

// withPings returns the suites' settings with as many pings, but all the time in the world to answer.
func withPings() engineio.Options {
	options := withoutTimeouts()
	options.PingInterval = published().PingInterval
	return options
}

func checkHandshake(t *testing.T, handshake engineiotest.Handshake, upgrades ...string) {
	t.Helper()
	if handshake.SID == "" {
		t.Error("the handshake has no sid")
	}
	if handshake.Upgrades == nil || strings.Join(handshake.Upgrades, ",") != strings.Join(upgrades, ",") {
		t.Errorf("upgrades %q, want %q", handshake.Upgrades, upgrades)
	}
	if handshake.PingInterval != 300 || handshake.PingTimeout != 200 || handshake.MaxPayload != 1_000_000 {
		t.Errorf("handshake %+v, want the suites' settings", handshake)
	}
}

// checkRefused requests path with each query and wants the official server's refusal with code.
func checkRefused(t *testing.T, method, url string, code string, queries ...string) {
	t.Helper()
	client := engineiotest.NewHTTPClient(t)
	for _, query := range queries {
		response := engineiotest.Do(t, client, method, url+"?"+query, "")
		if response.Status != http.StatusBadRequest || !strings.HasPrefix(response.Body, `{"code":`+code+`,"message":"`) {
			t.Errorf("%s ?%s answered %d %q, want 400 with code %s", method, query, response.Status, response.Body, code)
		}
	}
}

// checkNoWebSocket opens a WebSocket with each query, which must fail.
func checkNoWebSocket(t *testing.T, url string, queries ...string) {
	t.Helper()
	for _, query := range queries {
		if socket, err := engineiotest.TryDial(url + "?" + query); err == nil {
			_ = socket.Close()
			t.Errorf("a WebSocket opened with ?%s", query)
		}
	}
}

func checkAnswer(t *testing.T, response engineiotest.Response, want string) {
	t.Helper()
	if response.Status != http.StatusOK || response.Body != want {
		t.Fatalf("answered %d %q, want 200 %q", response.Status, response.Body, want)
	}
}

func refused(response engineiotest.Response) bool { return response.Status == http.StatusBadRequest }

// checkOver fails unless the session has come to its end, or soon does.
func checkOver(t *testing.T, session *engineiotest.Polling) {
	t.Helper()
	session.GetUntil(t, func(response engineiotest.Response) bool {
		if refused(response) && !strings.Contains(response.Body, "Session ID unknown") {
			t.Fatalf("refused with %q, want an unknown session", response.Body)
		}
		return refused(response)
	})
}

// checkTimedOut polls until the session times out. The last poll gets closePacket, unless it comes after the end.
func checkTimedOut(t *testing.T, session *engineiotest.Polling, closePacket string) {
	t.Helper()
	session.GetUntil(t, func(response engineiotest.Response) bool { return response.Body == closePacket || refused(response) })
	checkOver(t, session)
}

// checkClientClose closes a polling session while a poll waits, which gets noop. closePacket must not overtake the poll, which the
// test cannot see; when it does, the test goes again.
func checkClientClose(t *testing.T, open func() *engineiotest.Polling, closePacket, noop string) {
	t.Helper()
	for range 20 {
		session := open()
		poll := session.StartGet(t)
		checkAnswer(t, session.Post(t, closePacket), "ok")
		response := poll.Wait(t)
		checkOver(t, session)
		if !refused(response) {
			checkAnswer(t, response, noop)
			return
		}
	}
	t.Fatal("no pending poll was answered when its session was closed")
}

// probe opens a WebSocket for a polling session and finishes the upgrade up to its last packet.
func probe(t *testing.T, session *engineiotest.Polling) *engineiotest.Socket {
	t.Helper()
	socket := engineiotest.Dial(t, session.WebSocketURL())
	socket.Send(t, "2probe")
	socket.ExpectText(t, "3probe")
	return socket
}
