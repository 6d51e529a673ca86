package engineio_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// The defects of go-socket.io, each with the test that fails without its remedy:
//
//	a small packet that ends the process      TestInvalidPacketClosesOnlyItsSession
//	session ids that can be guessed           TestSessionIDIsRandom
//	a slow client that freezes a room         TestSlowClientIsClosedAndDelaysNoOther
//	Emit in OnConnect, which never returns    TestSendInOnConnectReturns
//	acknowledgements without a request      TestUnrequestedAcknowledgementIsDropped
//	sessions that leak in the handshake       TestSessionEndedInHandshakeLeaksNothing
//	a panic at shutdown                       TestDrainDuringHandshakesAllowsClose
//	arguments of the wrong type               TestHandlerGetsArgumentsUndecoded
//	binary that goes through reflection       TestBinaryArgumentIsSentAsAttachment
//	errors in the log                         TestLibraryLogsAtDebugLevel
//	event names cut at a comma                TestLibraryHandlerGetsWholeEventName
//	placeholders that end the process         TestInvalidPacketClosesOnlyItsSession
//	a 400 for the fast client's next request  TestSessionIsRegisteredBeforeOPEN
//
// Leaving costs time in proportion to all rooms unless OnConnect leaves the socket's own: that is the application's to do.

func TestSessionIDIsRandom(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	seen := make(map[string]bool)
	var bits [160]int
	const sessions = 200
	for range sessions {
		sid := s.polling(t, 4).Handshake.SID
		id, err := base64.RawURLEncoding.DecodeString(sid)
		if err != nil || len(id) != 20 || seen[sid] {
			t.Fatalf("sid %q is not 20 bytes of its own: %v", sid, err)
		}
		seen[sid] = true
		for i := range bits {
			bits[i] += int(id[i/8] >> (i % 8) & 1)
		}
	}
	for i, set := range bits { // a fair bit is beyond these bounds once in 10^12 runs
		if set < sessions/4 || set > sessions*3/4 {
			t.Errorf("bit %d is set in %d of %d", i, set, sessions)
		}
	}
}

func TestSessionIsRegisteredBeforeOPEN(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	client := engineiotest.NewHTTPClient(t)
	for i := range 200 {
		session := engineiotest.Open(t, client, s.url, 4)
		if n := s.library.Count(); n != i+1 || session.First != "" { // OPEN comes when the library writes its CONNECT, and once
			t.Fatalf("the client has its sid, the library %d of %d sessions; OPEN is followed by %q", n, i+1, session.First)
		}
		if response := session.Post(t, "40"); response.Body != "ok" {
			t.Fatalf("the next request was answered %d %q", response.Status, response.Body)
		}
	}
}

func TestSendInOnConnectReturns(t *testing.T) {
	s := serve(t, engineio.Options{}, func(s *server) {
		for _, namespace := range []string{"/", "/other"} {
			s.library.OnConnect(namespace, func(conn socketio.Conn) error {
				engineio.SessionOf(conn).Send(codec.EncodeEvent(namespace, "welcome", codec.Arguments{JSON: []byte("[1]")}))
				return nil
			})
		}
	})
	for _, revision := range []int{3, 4} {
		socket := s.connected(t, revision)
		socket.ExpectText(t, `42["welcome",1]`)
		socket.Send(t, "40/other")
		socket.ExpectPrefix(t, "40/other")
		socket.ExpectText(t, `42/other,["welcome",1]`)
		checkAlive(t, socket)
	}
}

func TestUnrequestedAcknowledgementIsDropped(t *testing.T) {
	s := serve(t, engineio.Options{}, func(s *server) {
		s.library.OnEvent("/", "returns", func(socketio.Conn) string { return "something" })
	})
	for _, revision := range []int{3, 4} {
		socket := s.connected(t, revision)
		socket.Send(t, `42["returns"]`, `420["returns"]`, `42["returns"]`, `42["acknowledge"]`, `4217["returns"]`, `4299["unknown"]`)
		socket.ExpectText(t, `430["something"]`, `4317["something"]`, `4399[]`)
		checkAlive(t, socket)
	}
}

// The client goes while the library is still registering its session, which by itself it would keep for ever.
func TestSessionEndedInHandshakeLeaksNothing(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 500 {
		request := httptest.NewRequestWithContext(gone, http.MethodGet, "/socket.io/?EIO=4&transport=polling", http.NoBody)
		s.ServeHTTP(httptest.NewRecorder(), request)
	}
	s.expectSessions(t, 0)
}

func TestDrainDuringHandshakesAllowsClose(t *testing.T) {
	for range 20 {
		transports, library := engineio.New(engineio.Options{Logger: slog.New(slog.DiscardHandler)})
		library.OnConnect("/", func(socketio.Conn) error { return nil })
		served := make(chan error, 1)
		go func() { served <- library.Serve() }()

		ctx, cancel := context.WithCancel(t.Context())
		var clients sync.WaitGroup
		var coming sync.WaitGroup
		for range 20 {
			coming.Add(1)
			clients.Go(func() {
				coming.Done()
				for {
					answer := httptest.NewRecorder()
					transports.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/socket.io/?EIO=4&transport=polling", http.NoBody))
					if answer.Code == http.StatusServiceUnavailable {
						return
					}
				}
			})
		}
		coming.Wait()
		if err := transports.Drain(t.Context()); err != nil {
			t.Errorf("drain: %v", err)
		}
		if n := transports.Len(); n != 0 {
			t.Errorf("%d sessions after draining", n)
		}
		if err := library.Close(); err != nil { // panics if a handshake is still in the library
			t.Errorf("close: %v", err)
		}
		if err := <-served; !errors.Is(err, io.EOF) {
			t.Errorf("serve: %v", err)
		}
		clients.Wait()
		cancel()
	}
	checkNothingLeft(t)
}

func TestHandlerGetsArgumentsUndecoded(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	socket := s.connected(t, 4)
	for _, arguments := range []string{"", ",null", `,"text"`, ",1,2,3", `,{"a":[{}]}`, `,[],""`, `,{"_placeholder":true,"num":7}`} {
		socket.Send(t, `42["echo"`+arguments+"]")
		socket.ExpectText(t, `42["back"`+arguments+"]")
	}
}

func TestBinaryArgumentIsSentAsAttachment(t *testing.T) {
	attachment := make([]byte, 1_000_000)
	arguments := codec.Arguments{JSON: []byte(`[{"_placeholder":true,"num":0}]`), Attachments: [][]byte{attachment}}
	// The library would take each byte through reflection. The message is a handful of slices.
	if allocations := testing.AllocsPerRun(10, func() { codec.EncodeEvent("/", "file", arguments) }); allocations > 10 {
		t.Errorf("%.0f allocations for one attachment", allocations)
	}
	s := serve(t, engineio.Options{MaxPayload: 2_000_000}, nil)
	socket := s.connected(t, 4)
	checkAlive(t, socket)
	s.broadcast(codec.EncodeEvent("/", "file", arguments))
	socket.ExpectText(t, `451-["file",{"_placeholder":true,"num":0}]`)
	socket.Expect(t, engineiotest.Binary(attachment...))
}

func TestHandlerPanicClosesOnlyItsSession(t *testing.T) {
	s := serve(t, engineio.Options{}, func(s *server) {
		s.library.OnEvent("/", "panics", func(socketio.Conn) { panic(errors.New("a handler's own")) })
	})
	other, socket := s.connected(t, 4), s.connected(t, 4)
	socket.Send(t, `42["panics"]`)
	socket.ExpectClosed(t)
	checkAlive(t, other)
}

func TestDrainWaitsForWrites(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	socket := s.connected(t, 4)
	checkAlive(t, socket)
	arguments, err := codec.MarshalArguments(strings.Repeat("x", 3_000_000))
	if err != nil {
		t.Fatal(err)
	}
	closePacket := codec.EncodeEvent("/", "last", arguments)
	s.broadcast(closePacket)
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		done <- s.Drain(ctx)
	}()
	want := `42["last"` + "," + string(arguments.JSON[1:])
	if received := socket.ExpectClosed(t); len(received) != 1 || received[0] != want {
		t.Errorf("received %d messages, want the last event", len(received))
	}
	if err := <-done; err != nil {
		t.Errorf("drain: %v", err)
	}
	response := engineiotest.Do(t, engineiotest.NewHTTPClient(t), http.MethodGet, s.url+"?EIO=4&transport=polling", "")
	if response.Status != http.StatusServiceUnavailable {
		t.Errorf("a client that comes afterwards is answered %d", response.Status)
	}
}
