package engineio

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// newPollingSession returns a session over polling that the library knows nothing of.
func newPollingSession(t *testing.T) *Session {
	t.Helper()
	s, _ := newTestSession(t, Options{}, codec.Revision4)
	s.ws = nil
	return s
}

// startPoll polls. The poll waits, or is over, when synctest.Wait returns; its answer is good when done is closed.
func startPoll(ctx context.Context, s *Session) (*httptest.ResponseRecorder, chan struct{}) {
	answer, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		s.servePoll(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
	}()
	synctest.Wait()
	return answer, done
}

func checkPoll(t *testing.T, answer *httptest.ResponseRecorder, done chan struct{}, status int, body string) {
	t.Helper()
	<-done
	if answer.Code != status || status == http.StatusOK && answer.Body.String() != body {
		t.Errorf("the poll was answered %d %q, want %d %q", answer.Code, answer.Body, status, body)
	}
}

func TestSecondPollEndsFirstWithClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		first, firstDone := startPoll(t.Context(), s)
		second, secondDone := startPoll(t.Context(), s)
		checkPoll(t, first, firstDone, http.StatusOK, "1")
		checkPoll(t, second, secondDone, http.StatusBadRequest, "")
	})
}

func TestWaitingPollGetsNoopOnClientClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		answer, done := startPoll(t.Context(), s)
		if _, _, err := s.accept(codec.TextPacket("1")); err == nil {
			t.Error("the session goes on")
		}
		checkPoll(t, answer, done, http.StatusOK, "6")
	})
}

func TestCancelledPollClosesSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		ctx, cancel := context.WithCancel(t.Context())
		_, done := startPoll(ctx, s)
		cancel()
		<-done
		if !s.ended() || s.reason != "poll cancelled" {
			t.Errorf("ended: %v, %q", s.ended(), s.reason)
		}
	})
}

// probeOver begins the upgrade of a session over a connection of which the other end is returned.
func probeOver(s *Session) (client net.Conn) {
	ours, client := net.Pipe()
	go func() { _ = s.probeWith(&webSocket{conn: ours, limit: 100}) }() // ends with the upgrade or its timeout
	return client
}

func TestWaitingPollGetsNoopOnProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		answer, done := startPoll(t.Context(), s)
		s.beginProbe()
		client := probeOver(s)
		defer client.Close()
		_, _ = client.Write(maskedFrame(true, codec.OpcodeText, []byte("2probe")))
		pong := make([]byte, len("..3probe"))
		if _, err := io.ReadFull(client, pong); err != nil || string(pong[2:]) != "3probe" {
			t.Fatalf("received %q, %v", pong, err)
		}
		checkPoll(t, answer, done, http.StatusOK, "6")
	})
}

func TestPollBeforeUpgradePacketIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		s.beginProbe() // the client has its WebSocket, and has sent all that follows; nothing of it has been read
		answer, done := startPoll(t.Context(), s)
		client := probeOver(s)
		defer client.Close()
		_, _ = client.Write(maskedFrame(true, codec.OpcodeText, []byte("2probe")))
		_, _ = io.ReadFull(client, make([]byte, len("..3probe")))
		_, _ = client.Write(maskedFrame(true, codec.OpcodeText, []byte("5")))
		checkPoll(t, answer, done, http.StatusBadRequest, "")
		if s.ended() || s.Transport() != transportWebSocket {
			t.Errorf("ended: %v, over %s", s.ended(), s.Transport())
		}
	})
}

// endingLibrary holds a session at the point where it has ended and is still known.
type endingLibrary struct {
	http.Handler
	removing chan struct{}
}

func (l endingLibrary) Remove(string) { <-l.removing }

// The official server knows a session until it closes, and answers every later request with code 1, whatever it is.
func TestRequestToEndingSessionIsUnknownSession(t *testing.T) {
	// Each request is served in a goroutine, before or after end is called.
	for name, request := range map[string]func(s *Session, serve func(method, transport string, body io.Reader), end func()){
		"poll after the end": func(_ *Session, serve func(string, string, io.Reader), end func()) {
			end()
			serve("GET", "polling", nil)
		},
		"POST after the end": func(_ *Session, serve func(string, string, io.Reader), end func()) {
			end()
			serve("POST", "polling", strings.NewReader("3"))
		},
		"WebSocket after the end": func(_ *Session, serve func(string, string, io.Reader), end func()) {
			end()
			serve("GET", "websocket", nil)
		},
		"other method after the end": func(_ *Session, serve func(string, string, io.Reader), end func()) {
			end()
			serve("PUT", "polling", nil)
		},
		"poll after the end, over WebSocket": func(s *Session, serve func(string, string, io.Reader), end func()) {
			ours, theirs := net.Pipe()
			theirs.Close()
			s.ws = &webSocket{conn: ours}
			end()
			serve("GET", "polling", nil)
		},
		"poll that waits for an upgrade": func(s *Session, serve func(string, string, io.Reader), end func()) {
			s.beginProbe()
			serve("GET", "polling", nil)
			end()
		},
		"POST whose body comes late": func(_ *Session, serve func(string, string, io.Reader), end func()) {
			body, client := io.Pipe()
			serve("POST", "polling", body)
			end()
			_, _ = client.Write([]byte("3"))
			client.Close()
		},
		"POST that waits for the handlers": func(s *Session, serve func(string, string, io.Reader), end func()) {
			s.inboxBytes = maxInboxBytes + 1
			serve("POST", "polling", strings.NewReader("4text"))
			end()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newPollingSession(t)
				library := endingLibrary{removing: make(chan struct{})}
				s.transports.library = library
				answer, done := httptest.NewRecorder(), make(chan struct{})
				request(s, func(method, transport string, body io.Reader) {
					target := "/?EIO=4&transport=" + transport + "&sid=" + s.id
					go func() {
						defer close(done)
						s.transports.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), method, target, body))
					}()
					synctest.Wait()
				}, func() {
					go s.close(pingTimeout, closeMessage) // returns when the library has removed the session
					synctest.Wait()
				})
				<-done
				if want := `{"code":1,"message":"Session ID unknown"}`; answer.Code != http.StatusBadRequest || answer.Body.String() != want {
					t.Errorf("answered %d %s, want 400 %s", answer.Code, answer.Body, want)
				}
				close(library.removing)
			})
		})
	}
}

func TestPollDuringProbeGetsNextMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		s.ws, s.probing = nil, true // as between the opening of a WebSocket and its probe
		answered := make(chan string)
		go func() {
			recorder := httptest.NewRecorder()
			s.servePoll(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody))
			answered <- recorder.Body.String()
		}()
		synctest.Wait()
		sent := time.Now()
		s.Send(pingMessage)
		if body := <-answered; body != "2" {
			t.Errorf("answered %q", body)
		}
		if waited := time.Since(sent); waited != 0 { // on the test's clock
			t.Errorf("after %v", waited)
		}
	})
}

// A client that is between two polls when the server stops gets the close packet, as the official server's clients do.
func TestDrainAnswersNextPollWithClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPollingSession(t)
		drained := make(chan error, 1)
		go func() { drained <- s.transports.Drain(t.Context()) }()
		synctest.Wait()
		answer, done := startPoll(t.Context(), s)
		checkPoll(t, answer, done, http.StatusOK, "1")
		if err := <-drained; err != nil {
			t.Error(err)
		}
	})
}
