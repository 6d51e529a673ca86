package engineio_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	socketio "github.com/googollee/go-socket.io"
	"go.uber.org/goleak"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// server is the package with go-socket.io in it, behind a real HTTP server.
type server struct {
	*engineio.Transports
	library *socketio.Server
	http    *httptest.Server
	url     string       // of the handler
	open    atomic.Int64 // connections that are the HTTP server's, not WebSockets
}

// everyone is a room.
const everyone = "everyone"

// serve starts a server. In the root namespace and in /other there are "echo", which is answered with "back" and the same arguments,
// and "acknowledge", which acknowledges with its own; configure adds to it. At the end of the test the server is drained, and
// nothing of it is left.
func serve(t testing.TB, options engineio.Options, configure func(*server)) *server {
	t.Helper()
	s := newServer(t, options, configure)
	s.listen(t, func(handler http.Handler) *httptest.Server {
		unstarted := httptest.NewUnstartedServer(handler)
		unstarted.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.open.Add(1)
			case http.StateClosed, http.StateHijacked:
				s.open.Add(-1)
			case http.StateActive, http.StateIdle:
			}
		}
		unstarted.Start()
		return unstarted
	})
	return s
}

func newServer(t testing.TB, options engineio.Options, configure func(*server)) *server {
	t.Helper()
	if _, isTest := t.(*testing.T); isTest { // around a benchmark there are goroutines of testing's
		t.Cleanup(func() { checkNothingLeft(t) })
	}
	if options.PingInterval == 0 { // no heartbeat interferes, however slow the machine is
		options.PingInterval, options.PingTimeout = time.Hour, time.Hour
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &server{}
	s.Transports, s.library = engineio.New(options)
	for _, namespace := range []string{"/", "/other"} {
		s.library.OnConnect(namespace, func(conn socketio.Conn) error {
			conn.Join(everyone)
			return nil
		})
		s.Handle(namespace, "echo", func(conn socketio.Conn, event engineio.Event) {
			engineio.SessionOf(conn).Send(codec.EncodeEvent(namespace, "back", event.Arguments))
		})
		s.Handle(namespace, "acknowledge", func(_ socketio.Conn, event engineio.Event) { event.Acknowledge(event.Arguments) })
	}
	if configure != nil {
		configure(s)
	}
	return s
}

func (s *server) listen(t testing.TB, start func(http.Handler) *httptest.Server) {
	t.Helper()
	served := make(chan error, 1)
	go func() { served <- s.library.Serve() }() // ends with library.Close
	s.http = start(s)
	s.url = s.http.URL + "/socket.io/"
	t.Cleanup(func() {
		s.http.CloseClientConnections() // but not those that became WebSockets
		s.drain(t)
		s.http.Close()
		if err := s.library.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != io.EOF { //lint:ignore errorlint the library documents no more than this
			t.Errorf("serve: %v", err)
		}
		if n := s.library.Count(); n != 0 {
			t.Errorf("the library still has %d sessions", n)
		}
	})
}

func (s *server) drain(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), engineiotest.Deadline)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Errorf("drain: %v", err)
	}
}

// checkNothingLeft fails if a goroutine of the test's does not end.
func checkNothingLeft(t testing.TB) {
	t.Helper()
	var err error
	for begun := time.Now(); time.Since(begun) < engineiotest.Deadline; {
		if err = goleak.Find(); err == nil { // it waits a little itself
			return
		}
	}
	t.Error(err)
}

// broadcast sends a message to everyone in the root namespace.
func (s *server) broadcast(m *codec.Message) {
	s.library.ForEach("/", everyone, func(conn socketio.Conn) { engineio.SessionOf(conn).Send(m) })
}

// expectSessions waits until there are n sessions.
func (s *server) expectSessions(t testing.TB, n int) {
	t.Helper()
	engineiotest.EventuallyEqual(t, "sessions", n, s.Len)
	engineiotest.EventuallyEqual(t, "sessions in the library", n, s.library.Count)
}

// polling opens a session over long-polling, websocket one over WebSocket.
func (s *server) polling(t testing.TB, revision int) *engineiotest.Polling {
	t.Helper()
	return engineiotest.Open(t, engineiotest.NewHTTPClient(t), s.url, revision)
}

func (s *server) websocket(t testing.TB, revision int) *engineiotest.Socket {
	t.Helper()
	socket, _ := engineiotest.Connect(t, s.url, revision)
	return socket
}

// connected opens a session over WebSocket whose client is in the root namespace.
func (s *server) connected(t testing.TB, revision int) *engineiotest.Socket {
	t.Helper()
	socket := s.websocket(t, revision)
	if revision == 3 {
		socket.ExpectText(t, "40")
		return socket
	}
	socket.Send(t, "40")
	socket.ExpectPrefix(t, `40{"sid":`)
	return socket
}

// checkAlive fails unless the client is still served.
func checkAlive(t testing.TB, socket *engineiotest.Socket) {
	t.Helper()
	socket.Send(t, `42["echo","alive"]`)
	socket.ExpectText(t, `42["back","alive"]`)
}
