package engineio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// Before CONNECT is accepted, a message of 16 kB is the most that is taken; a token is not larger.
func TestMessageBeforeConnectIsLimited(t *testing.T) {
	s := serve(t, engineio.Options{Authenticate: func(_ *engineio.Session, _ string, auth json.RawMessage) (any, error) {
		if !strings.Contains(string(auth), "good") {
			return nil, errors.New("unauthorized")
		}
		return nil, nil
	}}, nil)
	connect := func(size int) string { return `40{"good":"` + strings.Repeat("x", size-len(`40{"good":""}`)) + `"}` }
	const most = 16 << 10
	for name, send := range map[string]func(t *testing.T, size int) (taken bool){
		"a frame": func(t *testing.T, size int) bool {
			socket := s.websocket(t, 4)
			socket.Send(t, connect(size))
			return answered(socket)
		},
		"a message in two frames": func(t *testing.T, size int) bool {
			socket := s.websocket(t, 4)
			text := connect(size)
			socket.SendFrame(t, ws.NewFrame(ws.OpText, false, []byte(text[:size/2])))
			_ = socket.TrySendFrame(ws.NewFrame(ws.OpContinuation, true, []byte(text[size/2:])))
			return answered(socket)
		},
		"a polling body": func(t *testing.T, size int) bool {
			session := s.polling(t, 4)
			return session.Post(t, connect(size)).Status == http.StatusOK
		},
		"a WebSocket that takes over": func(t *testing.T, size int) bool {
			session := s.polling(t, 4)
			socket := engineiotest.Dial(t, session.WebSocketURL())
			socket.Send(t, "2probe")
			socket.ExpectText(t, "3probe")
			socket.Send(t, "5", connect(size))
			return answered(socket)
		},
		"a client of revision 3 that was refused": func(t *testing.T, size int) bool {
			socket := s.websocket(t, 3)
			socket.ExpectText(t, `44"unauthorized"`)
			socket.Send(t, connect(size))
			return answered(socket)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if !send(t, most) {
				t.Errorf("%d bytes were not taken", most)
			}
			if send(t, most+10) {
				t.Errorf("%d bytes were taken", most+10)
			}
		})
	}
	t.Run("who is connected may send more", func(t *testing.T) {
		long := strings.Repeat("x", 500_000)
		socket := s.websocket(t, 4)
		socket.Send(t, connect(100))
		socket.ExpectPrefix(t, "40{")
		socket.Send(t, `42["echo","`+long+`"]`)
		socket.ExpectText(t, `42["back","`+long+`"]`)
	})
}

// answered tells whether a CONNECT is answered before the connection ends.
func answered(socket *engineiotest.Socket) bool {
	message, err := socket.TryReceive()
	return err == nil && strings.HasPrefix(message.Text, "40")
}

func TestPendingSessionsAreBounded(t *testing.T) {
	const most = 3
	refused := make(chan string, 100)
	s := serve(t, engineio.Options{MaxPending: most, MinPendingTime: time.Hour, Refused: func(kind, _, _ string) { refused <- kind }}, nil)
	client := engineiotest.NewHTTPClient(t)
	full := func(t *testing.T) {
		t.Helper()
		response := engineiotest.Do(t, client, http.MethodGet, s.url+"?EIO=4&transport=polling", "")
		if response.Status != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
			t.Errorf("a handshake too many over polling was answered %d %v", response.Status, response.Header)
		}
		if _, err := engineiotest.TryDial(s.url + "?EIO=4&transport=websocket"); err != ws.StatusError(http.StatusServiceUnavailable) { //lint:ignore errorlint gobwas/ws returns it as it is
			t.Errorf("a handshake too many over WebSocket: %v", err)
		}
		if kind := <-refused; kind != "too many sessions without a namespace" {
			t.Errorf("refused is %q", kind)
		}
	}
	s.connected(t, 4) // counts no more
	s.connected(t, 3)
	sockets := []*engineiotest.Socket{s.websocket(t, 4), s.websocket(t, 4)}
	s.polling(t, 4)
	full(t)

	sockets[0].Send(t, "40")
	sockets[0].ExpectPrefix(t, "40")
	third := s.websocket(t, 4)
	full(t)

	sockets[0].Send(t, "41")
	third.Send(t, "1") // makes room, which who has left the namespace takes
	third.ExpectClosed(t)
	sockets[0].Send(t, `40`)
	sockets[0].ExpectPrefix(t, "40")
	s.websocket(t, 4)
	full(t)

	_ = sockets[1].Close()
	engineiotest.Eventually(t, func() error {
		response := engineiotest.Do(t, client, http.MethodGet, s.url+"?EIO=4&transport=polling", "")
		if response.Status != http.StatusOK {
			return fmt.Errorf("a client has gone, and the next is answered %d", response.Status)
		}
		return nil
	})
}

// Clients that connect to no namespace keep nobody out for longer than a client needs to connect.
func TestOldestPendingSessionMakesRoom(t *testing.T) {
	const most = 3
	s := serve(t, engineio.Options{MaxPending: most, MinPendingTime: 300 * time.Millisecond}, nil)
	client := engineiotest.NewHTTPClient(t)
	var sockets []*engineiotest.Socket
	for range most {
		sockets = append(sockets, s.websocket(t, 4))
	}
	engineiotest.Eventually(t, func() error {
		response := engineiotest.Do(t, client, http.MethodGet, s.url+"?EIO=4&transport=polling", "")
		if response.Status != http.StatusOK {
			return fmt.Errorf("answered %d", response.Status)
		}
		return nil
	})
	sockets[0].ExpectClosed(t)
	sockets[2].Send(t, "40")
	sockets[2].ExpectPrefix(t, "40")
	s.expectSessions(t, most)
}

// A client that leaves a namespace and connects to it again receives events, as the official clients 2, 3 and 4 do with disconnect() and connect().
func TestReconnectedNamespaceReceivesEvents(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	for _, revision := range []int{3, 4} {
		for _, namespace := range []string{"", "/other,"} {
			for name, before := range map[string][]string{
				"at once":                           {},
				"with another namespace in between": {"40/other,"},
				"after a refused namespace":         {"40/nothing,"},
			} {
				if namespace != "" && len(before) > 0 {
					continue
				}
				t.Run(fmt.Sprintf("revision %d/%q %s", revision, namespace, name), func(t *testing.T) {
					socket := s.connected(t, revision)
					if namespace != "" {
						socket.Send(t, "40"+namespace)
						socket.ExpectPrefix(t, "40"+namespace)
					}
					for _, text := range before {
						socket.Send(t, text)
						socket.ExpectPrefix(t, "4")
					}
					for range 3 {
						socket.Send(t, "41"+namespace, "40"+namespace, `42`+namespace+`["echo",1]`)
						socket.ExpectPrefix(t, "40"+namespace)
						socket.ExpectText(t, `42`+namespace+`["back",1]`)
					}
					if members := s.library.RoomLen("/", everyone); members < 1 {
						t.Error("OnConnect did not run again")
					}
				})
			}
		}
	}
}

func TestSessionWithoutNamespaceIsClosed(t *testing.T) {
	s := serve(t, engineio.Options{ConnectTimeout: 200 * time.Millisecond}, nil)
	for name, packets := range map[string][]string{
		"that never had one":      nil,
		"that left its only one":  {"40", "41"},
		"that was refused":        {"40/nothing,"},
		"that left and came back": {"40", "41", "40", "41"},
	} {
		t.Run(name, func(t *testing.T) {
			socket := s.websocket(t, 4)
			socket.Send(t, packets...)
			socket.ExpectClosed(t)
		})
	}
	s.expectSessions(t, 0)
}

func TestCloseAtClosesSessionAtThatTime(t *testing.T) {
	for name, c := range map[string]struct {
		moments []time.Duration // from now, 0: never
		packets []string
		closed  bool
	}{
		"in a namespace":               {[]time.Duration{time.Millisecond}, nil, true},
		"out of every namespace":       {[]time.Duration{100 * time.Millisecond}, []string{"41"}, true},
		"in a namespace again":         {[]time.Duration{100 * time.Millisecond}, []string{"41", "40"}, true},
		"of which the last one counts": {[]time.Duration{time.Hour, time.Millisecond}, nil, true},
		"which was put off":            {[]time.Duration{time.Hour, 0}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			sessions := make(chan *engineio.Session, 10)
			s := serve(t, engineio.Options{}, func(s *server) {
				s.library.OnConnect("/", func(conn socketio.Conn) error {
					sessions <- engineio.SessionOf(conn)
					return nil
				})
			})
			socket := s.connected(t, 4)
			session := <-sessions
			for _, moment := range c.moments {
				at := time.Time{}
				if moment > 0 {
					at = time.Now().Add(moment)
				}
				session.CloseAt(at, "it is time")
			}
			for _, text := range c.packets {
				_ = socket.TrySendFrame(ws.NewTextFrame([]byte(text))) // the moment may have come
			}
			if c.closed {
				socket.ExpectClosed(t)
			} else {
				checkAlive(t, socket)
			}
		})
	}
}

func TestSessionKeepsChosenHandshakeParts(t *testing.T) {
	sessions := make(chan *engineio.Session, 1)
	s := serve(t, engineio.Options{Keep: func(header http.Header, query url.Values) (http.Header, url.Values) {
		return http.Header{"Authorization": header["Authorization"]}, url.Values{"token": query["token"]}
	}}, func(s *server) {
		s.library.OnConnect("/", func(conn socketio.Conn) error {
			sessions <- engineio.SessionOf(conn)
			return nil
		})
	})
	socket := engineiotest.Dial(t, s.url+"?EIO=4&transport=websocket&token=a%20b&room=1", "Authorization", "Bearer x", "X-Large", strings.Repeat("x", 1000))
	socket.Receive(t)
	socket.Send(t, "40")
	session := <-sessions
	if got := fmt.Sprint(session.Header(), session.Query()); got != "map[Authorization:[Bearer x]] map[token:[a b]]" {
		t.Errorf("kept %s", got)
	}
}
