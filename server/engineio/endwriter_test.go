package engineio_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// withoutWriters makes a server that ends the library's writer of each connection, and counts what it says of their ends.
func withoutWriters(ended, left *atomic.Int64) func(s *server) {
	return func(s *server) {
		s.library.OnConnect("/", func(conn socketio.Conn) error {
			engineio.EndWriter(conn, func() {
				conn.LeaveAll()
				ended.Add(1)
			})
			conn.Join(everyone)
			conn.SetContext("connected")
			return nil
		})
		s.library.OnDisconnect("/", func(conn socketio.Conn, _ string) {
			if conn.Context() != nil {
				left.Add(1)
			}
		})
		s.Handle("/", "panics", func(socketio.Conn, engineio.Event) { panic(errors.New("a handler's own")) })
		s.HandleOthers("/", func(socketio.Conn, engineio.Event) { panic("a handler's own") })
		s.Handle("/", "close", func(conn socketio.Conn, _ engineio.Event) { engineio.SessionOf(conn).Close("test") })
	}
}

func TestEndWriterReportsEndOnce(t *testing.T) {
	cases := []struct {
		name string
		end  func(t *testing.T, s *server, socket *engineiotest.Socket)
		left int // how often OnDisconnect runs
	}{
		{"the client closes", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, "1") }, 0},
		{"the connection breaks", func(t *testing.T, _ *server, socket *engineiotest.Socket) { reset(t, socket) }, 0},
		{"the client breaks the protocol", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, "4x") }, 0},
		{"a handler closes", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, `42["close"]`) }, 0},
		{"a handler panics", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, `42["panics"]`) }, 0},
		{"the handler of other events panics", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, `42["x"]`) }, 0},
		{"the handler of other events panics on an acknowledgement", func(t *testing.T, _ *server, socket *engineiotest.Socket) {
			socket.Send(t, "430[]")
		}, 0},
		{"the client leaves and closes", func(t *testing.T, _ *server, socket *engineiotest.Socket) { socket.Send(t, "41", "1") }, 1},
		{"the client leaves, returns and closes", func(t *testing.T, _ *server, socket *engineiotest.Socket) {
			socket.Send(t, "41", "40")
			socket.ExpectPrefix(t, "40")
			checkAlive(t, socket)
			socket.Send(t, "1")
		}, 1},
		{"the server drains", func(t *testing.T, s *server, _ *engineiotest.Socket) { s.drain(t) }, 0},
	}
	for _, test := range cases {
		for _, revision := range []int{3, 4} {
			t.Run(fmt.Sprintf("%s, revision %d", test.name, revision), func(t *testing.T) {
				var ended, left atomic.Int64
				t.Cleanup(func() { // after the server's, when nothing runs that could report another end
					if ended.Load() != 1 || int(left.Load()) != test.left {
						t.Errorf("%d ends and %d departures, want 1 and %d", ended.Load(), left.Load(), test.left)
					}
				})
				s := serve(t, engineio.Options{}, withoutWriters(&ended, &left))
				socket := s.connected(t, revision)
				checkAlive(t, socket)
				test.end(t, s, socket)
				engineiotest.EventuallyEqual(t, "sessions", 0, s.Len)
				engineiotest.EventuallyEqual(t, "ends", 1, func() int { return int(ended.Load()) })
				engineiotest.EventuallyEqual(t, "members of the room", 0, func() int { return max(0, s.library.RoomLen("/", everyone)) })
			})
		}
	}
}

func TestEndWriterLeavesIdleConnectionOneGoroutine(t *testing.T) {
	var ended, left atomic.Int64
	cases := []struct {
		name          string
		configure     func(*server)
		perConnection int
	}{
		{"the library's", nil, 3},
		{"without a writer", withoutWriters(&ended, &left), 1},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, engineio.Options{}, test.configure)
			const clients = 100
			before := runtime.NumGoroutine()
			_, sockets := connectAll(t, s, clients)
			for _, socket := range sockets {
				checkAlive(t, socket) // it has said something and is idle again
			}
			engineiotest.EventuallyEqual(t, "connections that are still HTTP's", 0, func() int { return int(s.open.Load()) })
			// No goroutine of ours: neither of a handler nor of a writer.
			engineiotest.Eventually(t, func() error {
				if grown := runtime.NumGoroutine() - before; grown > test.perConnection*clients {
					return fmt.Errorf("%d goroutines for %d clients", grown, clients)
				}
				return nil
			})
		})
	}
}
