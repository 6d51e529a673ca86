package engineio_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// path returns a request's path and query without the server's address.
func path(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		panic(err) // the test's own
	}
	return parsed.RequestURI()
}

// The deadlines of one request must not be those of the next one on the same connection, which may be another client's: net/http
// takes them back, and this notices if it ceases to.
func TestDeadlineEndsWithItsRequest(t *testing.T) {
	const timeout = 100 * time.Millisecond
	s := newServer(t, engineio.Options{PingInterval: timeout / 2, PingTimeout: timeout / 2}, nil)
	s.listen(t, func(handler http.Handler) *httptest.Server {
		mux := http.NewServeMux()
		mux.Handle("/socket.io/", handler)
		mux.HandleFunc("/slow/", func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(2 * timeout): // what it does takes so long
				_, _ = io.WriteString(w, "done")
			case <-r.Context().Done():
			}
		})
		return httptest.NewServer(mux)
	})
	for name, request := range map[string]string{
		"a handshake":          "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n",
		"a handshake's body":   "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n4",
		"a payload":            "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n6",
		"a refusal":            "GET /socket.io/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"a refusal of a body":  "POST /socket.io/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n4",
		"a refusal of no body": "HEAD /socket.io/ HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(request, "%s") {
				request = fmt.Sprintf(request, path(s.polling(t, 4).URL))
			}
			conn := engineiotest.DialTCP(t, s.http.Listener.Addr().String())
			reader := bufio.NewReader(conn)
			fmt.Fprint(conn, request)
			method, _, _ := strings.Cut(request, " ")
			if _, err := readAnswer(reader, method); err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, "GET /slow/ HTTP/1.1\r\nHost: x\r\n\r\n")
			if body, err := readAnswer(reader, http.MethodGet); err != nil || body != "done" {
				t.Errorf("the next request was answered %q, %v", body, err)
			}
		})
	}
}

func readAnswer(reader *bufio.Reader, method string) (string, error) {
	response, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestUnreadAnswerTimesOut(t *testing.T) {
	const size = 32 << 20 // more than the two sockets hold
	arguments, err := codec.MarshalArguments(strings.Repeat("x", size))
	if err != nil {
		t.Fatal(err)
	}
	large := codec.EncodeEvent("/", "large", arguments)
	sent := make(chan struct{})
	s := serve(t, engineio.Options{PingInterval: time.Second, PingTimeout: time.Second, QueueBytes: 2 * size}, func(s *server) {
		s.library.OnConnect("/", func(conn socketio.Conn) error {
			engineio.SessionOf(conn).Send(large)
			close(sent)
			return nil
		})
	})
	session := s.polling(t, 4)
	session.Post(t, "40")
	select {
	case <-sent:
	case <-time.After(engineiotest.Deadline):
		t.Fatal("OnConnect was not called")
	}
	conn := engineiotest.DialTCP(t, s.http.Listener.Addr().String())
	if err := conn.SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path(session.URL))
	s.expectSessions(t, 0)
	// The session ends by itself; that its request does too is shown by the server, which waits for it when the test ends.
	engineiotest.EventuallyEqual(t, "goroutines that write an answer", 0, func() int {
		stacks := make([]byte, 1<<20)
		return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "engineio.writeAnswer")
	})
}

func TestPayloadOverLimitTakesNoMemory(t *testing.T) {
	const limit = 100_000
	s := serve(t, engineio.Options{MaxPayload: limit}, nil)
	chunk := bytes.Repeat([]byte("x"), limit)
	framed := fmt.Appendf(nil, "%x\r\n%s\r\n", len(chunk), chunk)
	piece := ws.MustCompileFrame(ws.MaskFrame(ws.NewFrame(ws.OpContinuation, false, chunk[:limit/100])))
	attachment := ws.MustCompileFrame(ws.MaskFrame(ws.NewBinaryFrame(chunk[:limit/5])))
	// Each sends as much of a hundred times the limit as the server takes.
	paths := map[string]func(t *testing.T){
		"a body that says how long it is": func(t *testing.T) {
			conn := engineiotest.DialTCP(t, s.http.Listener.Addr().String())
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n4", path(s.polling(t, 4).URL), 100*limit)
			pour(conn, chunk)
			expectStatus(t, conn, http.StatusRequestEntityTooLarge)
		},
		"a body that does not say": func(t *testing.T) {
			conn := engineiotest.DialTCP(t, s.http.Listener.Addr().String())
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n4\r\n", path(s.polling(t, 4).URL))
			pour(conn, framed)
			expectStatus(t, conn, http.StatusRequestEntityTooLarge)
		},
		"a frame": func(t *testing.T) {
			socket := s.connected(t, 4)
			_, _ = socket.Write([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 100 * limit >> 16, 0, 0, 0, 0, 0, 0})
			pour(socket, chunk)
			socket.ExpectClosed(t)
		},
		"frames that belong together": func(t *testing.T) {
			socket := s.connected(t, 4)
			socket.SendFrame(t, ws.NewFrame(ws.OpText, false, []byte("4")))
			pour(socket, bytes.Repeat(piece, 100))
			socket.ExpectClosed(t)
		},
		"a frame that promises and does not come": func(t *testing.T) {
			socket := s.connected(t, 4)
			_, _ = socket.Write([]byte{0x81, 0xff, 0, 0, 0, 0, 0, limit >> 16, limit >> 8 & 0xff, 0, 0, 0, 0, 0})
		},
		"attachments": func(t *testing.T) {
			socket := s.connected(t, 4)
			socket.Send(t, `459-["echo"]`)
			pour(socket, bytes.Repeat(attachment, 10))
			socket.ExpectClosed(t)
		},
	}
	for name, send := range paths {
		t.Run(name, func(t *testing.T) {
			const clients = 4 // net/http lingers for half a second with each that it refuses
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range clients {
				send(t)
			}
			runtime.ReadMemStats(&after)
			// A body grows by being copied, and the clients need something too; all that is sent is 10 MB for each.
			if grown := (after.TotalAlloc - before.TotalAlloc) / clients; grown > 10*limit {
				t.Errorf("each client took %d bytes", grown)
			}
		})
	}
}

// pour writes a hundred times the same, or until the connection is closed.
func pour(conn net.Conn, data []byte) {
	for range 100 {
		if _, err := conn.Write(data); err != nil {
			return
		}
	}
}

func expectStatus(t *testing.T, conn net.Conn, status int) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return // the connection was reset, for what came after the limit
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		t.Errorf("answered %d, want %d", response.StatusCode, status)
	}
}
