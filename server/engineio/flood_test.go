package engineio_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

func TestAbandonedHandshakesLeakNothing(t *testing.T) {
	const rounds, each = 3, 1000
	s := serve(t, engineio.Options{PingInterval: 500 * time.Millisecond, PingTimeout: 500 * time.Millisecond}, nil)
	client := engineiotest.NewHTTPClient(t)
	var goroutines, memory [rounds]int
	for round := range rounds {
		for i := range each {
			session := engineiotest.Open(t, client, s.url, 3+i%2) // and never a word again
			if i%10 == 0 {
				session.Post(t, map[int]string{0: "2:40", 1: "40"}[i%2]) // but from some
			}
		}
		s.expectSessions(t, 0)
		client.CloseIdleConnections()
		engineiotest.EventuallyEqual(t, "connections", 0, func() int { return int(s.open.Load()) })
		runtime.GC()
		runtime.GC() // what was pooled goes with the second
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		memory[round] = int(stats.HeapInuse)
		engineiotest.Eventually(t, func() error {
			if goroutines[round] = runtime.NumGoroutine(); goroutines[round] > goroutines[0] {
				return fmt.Errorf("%d goroutines, after the first round %d", goroutines[round], goroutines[0])
			}
			return nil
		})
	}
	// A session is some kilobytes with the library's part, so a thousand that stay would be some megabytes.
	if grown := memory[rounds-1] - memory[0]; grown > 1<<20 {
		t.Errorf("%d bytes stay after %d sessions", grown, (rounds-1)*each)
	}
}

func TestConnectFloodToUnknownNamespacesIsClosed(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	other, socket := s.connected(t, 4), s.connected(t, 4)
	for i := range 1000 {
		if err := socket.TrySendFrame(ws.NewTextFrame(fmt.Appendf(nil, "40/%d", i))); err != nil {
			break // closed already
		}
	}
	refusals := socket.ExpectClosed(t)
	if len(refusals) > 101 {
		t.Errorf("%d refusals", len(refusals))
	}
	for i, refusal := range refusals {
		if want := fmt.Sprintf(`44/%d,{"message":"Invalid namespace"}`, i); refusal != want {
			t.Fatalf("refused with %q, want %q", refusal, want)
		}
	}
	s.expectSessions(t, 1)
	checkAlive(t, other)
}

// CONNECT and DISCONNECT count against the limit of the session. Over it the server reads nothing more, not even heartbeats, so a client
// that goes on is closed.
func TestConnectFloodIsBoundedBySessionLimit(t *testing.T) {
	const burst = 12
	for _, test := range []struct {
		name     string
		revision int
		polling  bool
		flood    string // repeated
		answer   string // what each CONNECT in it is answered with
		answers  int
	}{
		{"root namespace", 4, false, "41 40", "40{", 5},
		{"root namespace over polling", 4, true, "41 40", "40{", 5},
		{"root namespace of Engine.IO 3", 3, false, "41 40", "40", 6}, // it is connected without a CONNECT of the client
		{"other namespace", 4, false, "40/other, 41/other,", "40/other,", 6},
		{"two namespaces", 4, false, "40/other, 41/other, 41 40", "40", 5},
		{"unknown namespace", 4, false, "40/none,", "44/none,", 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, engineio.Options{
				PingInterval: 500 * time.Millisecond, PingTimeout: 500 * time.Millisecond,
				NewLimiter: func(string) *rate.Limiter { return rate.NewLimiter(rate.Every(time.Hour), burst) },
			}, nil)
			packets := strings.Fields(strings.Repeat(test.flood+" ", 3*burst))
			var received []string
			if test.polling {
				session := s.polling(t, test.revision)
				session.Post(t, "40")
				session.Get(t)
				session.Post(t, strings.Join(packets, "\x1e"))
				for response := session.Get(t); response.Status == http.StatusOK; response = session.Get(t) {
					received = append(received, strings.Split(response.Body, "\x1e")...)
				}
			} else {
				socket := s.connected(t, test.revision)
				for _, packet := range packets {
					if socket.TrySendFrame(ws.NewTextFrame([]byte(packet))) != nil {
						break // closed by the server
					}
				}
				received = socket.ExpectClosed(t)
			}
			answers := 0
			for _, packet := range received {
				if strings.HasPrefix(packet, test.answer) {
					answers++
				}
			}
			if answers != test.answers {
				t.Errorf("%d CONNECT packets were answered, want %d: %q", answers, test.answers, received)
			}
			s.expectSessions(t, 0)
		})
	}
}

func TestPingFloodIsClosed(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	other := s.connected(t, 4)
	t.Run("of Engine.IO 3 over websocket", func(t *testing.T) {
		socket := s.connected(t, 3)
		flood(socket, ws.NewTextFrame([]byte("2")))
		if pongs := len(socket.ExpectClosed(t)); pongs > 100 {
			t.Errorf("%d pongs", pongs)
		}
	})
	t.Run("of Engine.IO 3 over polling", func(t *testing.T) {
		session := s.polling(t, 3)
		if response := session.Post(t, strings.Repeat("1:2", 100)); response.Body != "ok" {
			t.Errorf("a hundred pings answered %d %q", response.Status, response.Body)
		}
		if response := session.Post(t, "1:2"); response.Status != http.StatusBadRequest {
			t.Errorf("one more answered %d %q", response.Status, response.Body)
		}
	})
	t.Run("of WebSocket", func(t *testing.T) {
		socket := s.connected(t, 4)
		flood(socket, ws.NewPingFrame([]byte("x")))
		if pongs := len(socket.ExpectClosed(t)); pongs > 100 {
			t.Errorf("%d pongs", pongs)
		}
	})
	s.expectSessions(t, 1)
	checkAlive(t, other)
}

func flood(socket *engineiotest.Socket, frame ws.Frame) {
	for range 10_000 {
		if socket.TrySendFrame(frame) != nil {
			return
		}
	}
}

func TestUnfinishedFrameTimesOut(t *testing.T) {
	s := serve(t, engineio.Options{PingInterval: 500 * time.Millisecond, PingTimeout: 500 * time.Millisecond}, nil)
	var sockets []*engineiotest.Socket
	for _, begun := range [][]byte{{}, {0x81}, {0x81, 0xfe, 0x10}, {0x81, 0x85, 1, 2, 3, 4, 'x'}, ws.MustCompileFrame(ws.MaskFrame(ws.NewFrame(ws.OpText, false, []byte("4"))))} {
		socket := s.websocket(t, 4)
		if _, err := socket.Write(begun); err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, socket)
	}
	for _, socket := range sockets {
		socket.ExpectClosed(t)
	}
	s.expectSessions(t, 0)
}

// Clients that stop reading are dropped when their queue is full, in packets or in bytes, while all others get each message. The test
// goes on only when they have, so a server that waited for the slow would stand still.
func TestSlowClientIsClosedAndDelaysNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		options engineio.Options
		size    int
	}{
		"by packets": {engineio.Options{QueuePackets: 64}, 64_000},
		"by bytes":   {engineio.Options{QueueBytes: 1_000_000}, 64_000},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.options, nil)
			stopped := []*engineiotest.Socket{s.connected(t, 3), s.connected(t, 4)}
			idle := s.polling(t, 4) // its client never polls again
			idle.Post(t, "40")
			idle.Get(t)
			readers := []*engineiotest.Socket{s.connected(t, 3), s.connected(t, 4), s.connected(t, 4)}
			for _, socket := range append(readers, stopped...) {
				checkAlive(t, socket)
			}
			session := s.polling(t, 4)
			session.Post(t, "40")
			session.Get(t)
			engineiotest.EventuallyEqual(t, "clients in the room", 7, func() int { return s.library.RoomLen("/", everyone) })

			padding := strings.Repeat("x", c.size)
			sent := 0
			for ; s.Len() > len(readers)+1; sent++ {
				if sent == 5000 {
					t.Fatalf("%d sessions after %d messages: who does not read is not dropped", s.Len(), sent)
				}
				arguments, err := codec.MarshalArguments(sent, padding)
				if err != nil {
					t.Fatal(err)
				}
				s.broadcast(codec.EncodeEvent("/", "news", arguments))
				want := fmt.Sprintf(`42["news",%d,"%s"]`, sent, padding)
				for _, socket := range readers {
					if got := socket.Receive(t).Text; got != want {
						t.Fatalf("received %.100q, want message %d", got, sent)
					}
				}
				if got := session.Get(t).Body; got != want {
					t.Fatalf("a poll received %.100q, want message %d", got, sent)
				}
			}
			if sent < 10 {
				t.Errorf("dropped after %d messages, before the queue can have been full", sent)
			}
			for _, socket := range stopped { // what had been written is there, in order, and whole
				for i, message := range socket.ExpectClosed(t) {
					if !strings.HasPrefix(message, fmt.Sprintf(`42["news",%d,`, i)) {
						t.Fatalf("message %d is %.100q", i, message)
					}
				}
			}
			for _, socket := range readers {
				checkAlive(t, socket)
			}
		})
	}
}
