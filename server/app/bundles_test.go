package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

var bundles = []string{
	"socket.io.js", "socket.io.js.map", "socket.io.min.js", "socket.io.min.js.map",
	"socket.io.esm.min.js", "socket.io.esm.min.js.map", "socket.io.msgpack.min.js", "socket.io.msgpack.min.js.map",
}

func TestClientBundlesAreServedBelowSocketPath(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings []string
		path     string
		served   bool
	}{
		{"default", nil, "/socket.io/", true},
		{"another path", []string{"SOCKET_PATH=/campus/live"}, "/campus/live/", true},
		{"another path with a slash at its end", []string{"SOCKET_PATH=/campus/live/"}, "/campus/live/", true},
		{"default path, another is set", []string{"SOCKET_PATH=/campus/live"}, "/socket.io/", false},
		{"switched off", []string{"SERVE_CLIENT=false"}, "/socket.io/", false},
		{"directory of the build", nil, "/socket.io-client/", false},
	} {
		a, _ := start(t, settings(t, test.settings...))
		for _, name := range bundles {
			address := a.URL() + test.path + name
			status, header, body := ask(t, http.MethodGet, address, "Accept-Encoding", "gzip")
			if !test.served {
				if status != http.StatusNotFound {
					t.Errorf("%s: %s is answered %d", test.name, name, status)
				}
				continue
			}
			kind := "text/javascript; charset=utf-8"
			if strings.HasSuffix(name, ".map") {
				kind = "application/json"
			}
			if status != http.StatusOK || header.Get("Content-Type") != kind || header.Get("Content-Encoding") != "gzip" || len(body) < 10_000 {
				t.Errorf("%s: %s is answered %d %v, %d bytes; is public/dist built?", test.name, name, status, header, len(body))
			}
			if status, _, body := ask(t, http.MethodGet, address, "Accept-Encoding", "gzip", "If-None-Match", header.Get("ETag")); status != http.StatusNotModified || body != "" {
				t.Errorf("%s: %s with its ETag is answered %d", test.name, name, status)
			}
			if status, head, body := ask(t, http.MethodHead, address, "Accept-Encoding", "gzip"); status != http.StatusOK || head.Get("ETag") != header.Get("ETag") || body != "" {
				t.Errorf("%s: HEAD %s is answered %d %v", test.name, name, status, head)
			}
		}
	}
}

func TestSocketsConnectAtSocketPathOnly(t *testing.T) {
	for _, test := range []struct {
		setting, path string
		served        bool
	}{
		{"", "/socket.io/", true},
		{"", "/socket.io", true},
		{"SOCKET_PATH=/socket.io/", "/socket.io", true},
		{"SOCKET_PATH=/campus/live", "/campus/live/", true},
		{"SOCKET_PATH=/campus/live", "/campus/live", true},
		{"SOCKET_PATH=/campus/live", "/socket.io/", false},
		{"SOCKET_PATH=/campus/live", "/campus/", false},
		{"SOCKET_PATH=/campus/live", "/campus/live/more/", false},
	} {
		a, _ := start(t, settings(t, test.setting))
		address := a.URL() + test.path + "?EIO=4&transport="
		if status, _, body := ask(t, http.MethodGet, address+"polling"); test.served != (status == http.StatusOK && strings.HasPrefix(body, `0{"sid":`)) {
			t.Errorf("%s: polling at %s is answered %d %s", test.setting, test.path, status, body)
		}
		socket, err := engineiotest.TryDial(address + "websocket")
		if test.served != (err == nil) {
			t.Errorf("%s: WebSocket at %s: %v", test.setting, test.path, err)
		}
		if err == nil {
			_ = socket.Close()
		}
	}
}
