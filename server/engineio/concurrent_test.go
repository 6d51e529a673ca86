package engineio_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// testClient is a client of any revision over any transport that counts what it receives.
type testClient struct {
	t        testing.TB
	revision int
	session  *engineiotest.Polling // nil over WebSocket
	socket   *engineiotest.Socket  // nil over polling
	received []string
	news     int // the number of the last news, -1 before the first
}

func newTestClient(t testing.TB, s *server, revision int, transport string) *testClient {
	t.Helper()
	v := &testClient{t: t, revision: revision, news: -1}
	if transport == "websocket" {
		v.socket = s.connected(t, revision)
		return v
	}
	v.session = s.polling(t, revision)
	join(t, v.session, revision)
	return v
}

func (v *testClient) send(packets ...string) {
	v.t.Helper()
	if v.socket != nil {
		v.socket.Send(v.t, packets...)
		return
	}
	if response := v.session.Post(v.t, payload(v.revision, packets...)); response.Body != "ok" {
		v.t.Fatalf("a payload is answered %d %q", response.Status, response.Body)
	}
}

// expect waits for a packet. News may come in between, without a gap.
func (v *testClient) expect(packet string) {
	v.t.Helper()
	for {
		for len(v.received) == 0 {
			if v.socket != nil {
				v.received = append(v.received, v.socket.Receive(v.t).Text)
			} else {
				v.received = split(v.t, v.revision, v.session.Get(v.t).Body)
			}
		}
		received := v.received[0]
		v.received = v.received[1:]
		switch {
		case received == packet:
			return
		case strings.HasPrefix(received, `42["news",`):
			v.take(received)
		case received != "6":
			v.t.Fatalf("received %q, want %q", received, packet)
		}
	}
}

func (v *testClient) take(news string) {
	v.t.Helper()
	var number int
	if _, err := fmt.Sscanf(news, `42["news",%d]`, &number); err != nil || v.news >= 0 && number != v.news+1 {
		v.t.Fatalf("received %q after news %d", news, v.news)
	}
	v.news = number
}

// upgrade goes on over WebSocket, while news come.
func (v *testClient) upgrade() {
	v.t.Helper()
	socket := engineiotest.Dial(v.t, v.session.WebSocketURL())
	pending := v.session.StartGet(v.t)
	socket.Send(v.t, "2probe")
	socket.ExpectText(v.t, "3probe")
	v.received = append(v.received, split(v.t, v.revision, pending.Wait(v.t).Body)...)
	socket.Send(v.t, "5")
	v.socket, v.session = socket, nil
}

// leave disconnects in one of several ways, with and without a closing handshake.
func (v *testClient) leave(way int) {
	v.t.Helper()
	switch {
	case way == 0:
		v.send("1")
	case way == 1:
		v.send("41", "1")
	case v.socket == nil:
		v.session.StartGet(v.t).Cancel(v.t)
	case way == 2:
		_ = v.socket.Close()
	default:
		reset(v.t, v.socket)
	}
}

// reset closes a connection as if its machine had crashed and come back.
func reset(t testing.TB, socket *engineiotest.Socket) {
	t.Helper()
	if err := socket.Conn.(*net.TCPConn).SetLinger(0); err != nil {
		t.Errorf("linger: %v", err)
	}
	_ = socket.Close()
}

func TestConcurrentClientsReceiveEverythingInOrder(t *testing.T) {
	const clients, visits = 200, 2
	s := serve(t, engineio.Options{}, func(s *server) {
		s.Handle("/", "join", func(conn socketio.Conn, event engineio.Event) {
			conn.Join("room")
			event.Acknowledge(codec.Arguments{JSON: []byte("[]")})
		})
		s.Handle("/", "leave", func(conn socketio.Conn, event engineio.Event) {
			conn.Leave("room")
			event.Acknowledge(codec.Arguments{JSON: []byte("[]")})
		})
	})
	var sending sync.Mutex // news come one after the other
	number := 0
	broadcast := func() {
		sending.Lock()
		defer sending.Unlock()
		message := codec.EncodeEvent("/", "news", codec.Arguments{JSON: fmt.Appendf(nil, "[%d]", number)})
		number++
		s.library.ForEach("/", "room", func(conn socketio.Conn) { engineio.SessionOf(conn).Send(message) })
	}
	engineiotest.Together(t, clients, func(t testing.TB, i int) {
		for round := range visits {
			way := i + round
			v := newTestClient(t, s, 3+way%2, []string{"websocket", "polling", "upgraded"}[way%3])
			v.send(`421["join"]`)
			v.expect("431[]")
			for n := range 3 {
				broadcast()
				broadcast()
				v.send(fmt.Sprintf(`42["echo",%d]`, n), fmt.Sprintf(`429%d["acknowledge",%d]`, n, n))
				v.expect(fmt.Sprintf(`42["back",%d]`, n))
				v.expect(fmt.Sprintf(`439%d[%d]`, n, n))
				if n == 1 && way%3 == 2 {
					v.upgrade()
				}
			}
			if way%5 == 0 || v.socket == nil { // so that no news answer a poll that is going to be cancelled
				v.send(`422["leave"]`)
				v.expect("432[]")
			}
			v.leave(way % 4)
		}
	})
	s.expectSessions(t, 0)
	engineiotest.EventuallyEqual(t, "clients in rooms", 0, func() int { return max(0, s.library.RoomLen("/", "room")) + max(0, s.library.RoomLen("/", everyone)) })
}
