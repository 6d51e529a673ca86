package engineio

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	libraryslog "golang.org/x/exp/slog"

	"github.com/googollee/go-socket.io/logger"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// nobody is a library in which nothing is registered.
type nobody struct{ http.Handler }

func (nobody) Remove(string) {}

// newTestSession returns a session that the library knows nothing of, and the client's end of the WebSocket that carries it.
func newTestSession(t *testing.T, options Options, revision int) (*Session, net.Conn) {
	t.Helper()
	transports := newTransports(options)
	transports.library = nobody{}
	ours, theirs := net.Pipe() // holds nothing: a write waits until it is read
	t.Cleanup(func() { theirs.Close() })
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	s := newSession(transports, request, revision, &webSocket{conn: ours, limit: options.MaxPayload})
	s.name(randomID())
	s.alive() // as after the handshake
	t.Cleanup(func() { s.abort("the test is over") })
	return s, theirs
}

func TestAQueueHoldsExactlyWhatItMay(t *testing.T) {
	message := codec.NewMessage(codec.TextPacket("4" + strings.Repeat("x", 99))) // a frame of 102 bytes
	for name, c := range map[string]struct {
		options Options
		fits    int
	}{
		"packets": {Options{QueuePackets: 10}, 10},
		"bytes":   {Options{QueueBytes: 1019}, 9},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newTestSession(t, c.options, codec.Revision4)
				for range c.fits {
					s.Send(message)
				}
				if s.closed {
					t.Fatalf("closed (%s) before the queue was full", s.reason)
				}
				s.Send(message)
				synctest.Wait() // until the goroutine that waited for the client is gone
				if !s.closed || s.reason != "slow: the send queue is full" || s.transports.Len() != 0 {
					t.Fatalf("closed: %v, %q", s.closed, s.reason)
				}
				if len(s.queue) != 0 {
					t.Errorf("%d messages are kept for nobody", len(s.queue))
				}
			})
		})
	}
}

func TestAQueueThatIsReadIsEmptyAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSession(t, Options{QueuePackets: 10}, codec.Revision4)
		for range 5 {
			for range 10 {
				s.Send(pingMessage)
			}
			received := make([]byte, 10*len(pingMessage.Frames(codec.Revision4)))
			if _, err := io.ReadFull(client, received); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if s.queued != 0 || s.queuedSize != 0 || s.queue != nil || s.flushing {
				t.Fatalf("%d packets, %d bytes, flushing: %v", s.queued, s.queuedSize, s.flushing)
			}
		}
	})
}

func TestAClientThatTakesNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		begun := time.Now()
		s.Send(pingMessage)
		for !s.ended() {
			time.Sleep(time.Second) // of the test's clock
		}
		synctest.Wait() // until the goroutine that waited for the client is gone
		if waited := time.Since(begun); waited > s.transports.options.patience()+time.Second {
			t.Errorf("after %v", waited)
		}
	})
}

func TestWhatIsQueuedGoesOutAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSession(t, Options{}, codec.Revision4)
		s.Send(pingMessage)
		s.Send(pongMessage)
		s.Close("enough")
		s.Send(noopMessage) // too late
		received, err := io.ReadAll(client)
		if want := string(pingMessage.Frames(codec.Revision4)) + string(pongMessage.Frames(codec.Revision4)); err != nil || string(received) != want {
			t.Errorf("received %q, want %q: %v", received, want, err)
		}
	})
}

func TestWhatIsQueuedForACloserWhoDoesNotReadIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSession(t, Options{}, codec.Revision4)
		s.Send(pingMessage)
		s.Close("enough")
		time.Sleep(lingerTimeout + time.Second) // of the test's clock
		synctest.Wait()
		if received, err := io.ReadAll(client); err != nil || len(received) != 0 {
			t.Errorf("received %q, %v", received, err)
		}
	})
}

func TestWhatIsEnqueuedWaitsForAFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSession(t, Options{}, codec.Revision4)
		if first, second := s.Enqueue(pingMessage), s.Enqueue(pongMessage); !first || second {
			t.Errorf("to be flushed by the first caller: %v, by the second: %v", first, second)
		}
		synctest.Wait()
		if s.flushing {
			t.Error("something is being written already")
		}
		s.Flush()
		if s.Enqueue(noopMessage) {
			t.Error("a flush is asked for while one is under way")
		}
		want := string(pingMessage.Frames(codec.Revision4)) + string(pongMessage.Frames(codec.Revision4)) + string(noopMessage.Frames(codec.Revision4))
		received := make([]byte, len(want))
		if _, err := io.ReadFull(client, received); err != nil || string(received) != want {
			t.Errorf("received %q, want %q: %v", received, want, err)
		}
	})
}

func TestWhatIsEnqueuedGoesOutWithTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSession(t, Options{}, codec.Revision4)
		s.Enqueue(pingMessage)
		s.Close("enough")
		received, err := io.ReadAll(client)
		if want := string(pingMessage.Frames(codec.Revision4)); err != nil || string(received) != want {
			t.Errorf("received %q, want %q: %v", received, want, err)
		}
	})
}

func TestAPollThatWaitsForAnUpgradeIsAnsweredWhenThereIsSomethingToSend(t *testing.T) {
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

func TestTheHeartbeatOfEachRevision(t *testing.T) {
	second := time.Second
	for name, c := range map[string]struct {
		revision int
		alive    time.Duration // when the client shows life for the last time
		end      time.Duration
		pings    int
	}{
		"revision 4, silent":   {codec.Revision4, 0, 45 * second, 1},
		"revision 4, one pong": {codec.Revision4, 26 * second, (26 + 45) * second, 2},
		"revision 3, silent":   {codec.Revision3, 0, 45 * second, 0},
		"revision 3, one ping": {codec.Revision3, 30 * second, (30 + 45) * second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, client := newTestSession(t, Options{}, c.revision)
				received := make(chan int)
				go func() {
					data, _ := io.ReadAll(client)
					received <- strings.Count(string(data), string(pingMessage.Frames(codec.Revision4)))
				}()
				begun := time.Now()
				if c.alive > 0 {
					time.Sleep(c.alive)
					s.alive()
				}
				time.Sleep(c.end - time.Since(begun) - time.Millisecond)
				synctest.Wait()
				if s.ended() {
					t.Fatalf("ended early: %s", s.reason)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				if !s.ended() || s.reason != "ping timeout" {
					t.Errorf("not ended in time: %q", s.reason)
				}
				if pings := <-received; pings != c.pings {
					t.Errorf("%d pings, want %d", pings, c.pings)
				}
			})
		})
	}
}

func TestPingsThatAreDueAtAboutTheSameTimeGoOutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		transports, interval := s.transports, s.transports.options.PingInterval
		step := interval / pingsTogether
		for range 3 * pingsTogether {
			time.Sleep(step / 7) // of the test's clock
			heard := time.Now()
			due := heard.Add(transports.untilPing(heard))
			if early := heard.Add(interval).Sub(due); early < 0 || early >= step {
				t.Fatalf("a ping is due %v before the interval is over, want less than %v", early, step)
			}
			if off := due.Sub(transports.began) % step; off != 0 {
				t.Fatalf("a ping is due %v after the moment of others", off)
			}
		}
		s.Close("enough")
	})
}

// However late the library is with registering a session, its client hears of nothing before the handshake.
func TestNoPingComesBeforeTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transports := newTransports(Options{})
		transports.library = nobody{}
		begin := func() *Session {
			s := newSession(transports, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody), codec.Revision4, nil)
			s.name(randomID())
			return s
		}
		late, inTime := begin(), begin()
		time.Sleep(transports.options.PingInterval + time.Second) // of the test's clock
		inTime.open()
		time.Sleep(transports.options.PingInterval)
		synctest.Wait()
		if len(inTime.queue) != 2 || inTime.queue[1] != pingMessage {
			t.Errorf("%d messages, want the handshake and a ping", len(inTime.queue))
		}
		if len(late.queue) > 0 || !late.ended() {
			t.Errorf("without a handshake: %d messages, ended: %v", len(late.queue), late.ended())
		}
		inTime.Close("enough")
	})
}

func TestAnInboxMakesPostsWait(t *testing.T) {
	for name, data := range map[string][]byte{"of empty messages": nil, "of large ones": make([]byte, 100_000)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newTestSession(t, Options{}, codec.Revision4)
				s.ws = nil // polling
				pushed, done := 0, make(chan bool)
				go func() {
					for range 100_000 {
						if !s.push(codec.Packet{Data: data}) {
							done <- false
							return
						}
						pushed++
					}
					done <- true
				}()
				synctest.Wait() // until it waits, or is through
				if s.inboxBytes > maxInboxBytes+len(data)+inboxCost || len(s.inbox) > maxInboxBytes/inboxCost+1 {
					t.Fatalf("%d messages of %d bytes wait for a handler that is busy", len(s.inbox), s.inboxBytes)
				}
				waiting := pushed
				for range waiting + 1 {
					s.await()
					if _, _, err := s.receive(); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				if pushed <= waiting {
					t.Fatal("the next POST still waits although there is room")
				}
				s.Close("enough")
				if <-done {
					t.Error("a POST succeeded after the end of the session")
				}
			})
		})
	}
}

// deadlineRecorder is a response that remembers its request's read deadline.
type deadlineRecorder struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (d *deadlineRecorder) SetReadDeadline(deadline time.Time) error {
	d.read = deadline
	return nil
}

// net/http goes on reading after the body, to notice when the client goes: a deadline of the body's would look like that.
func TestTheDeadlineOfABodyEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		s.ws = nil // polling
		s.inboxBytes = maxInboxBytes + 1
		answer := &deadlineRecorder{ResponseRecorder: httptest.NewRecorder(), read: time.Now().Add(time.Hour)} // as the HTTP server has set it
		target := "/?EIO=4&transport=polling&sid=" + s.id
		go s.transports.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, io.MultiReader(
			strings.NewReader("4text"), readerFunc(func([]byte) (int, error) {
				if answer.read.IsZero() {
					t.Error("the deadline ends before the body")
				}
				return 0, io.EOF
			}))))
		synctest.Wait() // the handler is behind
		if !answer.read.IsZero() {
			t.Error("the deadline stays while the handlers are behind")
		}
		s.Close("enough")
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(data []byte) (int, error) { return f(data) }

func TestTheLibrarysNoiseIsForDebugging(t *testing.T) {
	quietLibrary(nil)
	if _, ok := logger.Log.Handler().(debugHandler); !ok {
		t.Fatalf("the library logs to %T", logger.Log.Handler())
	}
	var text strings.Builder
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug} {
		text.Reset()
		handler := debugHandler{slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: level}))}
		libraryslog.New(handler).Error("a client went away", "why", "it rained")
		switch got := text.String(); {
		case level == slog.LevelInfo && got != "":
			t.Errorf("logged %q", got)
		case level == slog.LevelDebug && !strings.Contains(got, `level=DEBUG msg=go-socket.io why="it rained" message="a client went away"`):
			t.Errorf("logged %q", got)
		}
	}
	if (debugHandler{slog.New(slog.DiscardHandler)}).Enabled(context.Background(), libraryslog.LevelError) {
		t.Error("records are made for nobody")
	}
}

func TestQueueAdmitsLargeMessagesBesideTheRest(t *testing.T) {
	const limit = 10_000
	message := func(size int) *codec.Message {
		return codec.NewMessage(codec.TextPacket("4" + strings.Repeat("x", size)))
	}
	small, large, tooLarge := message(100), message(3*limit), message(maxLarge*limit)
	for name, c := range map[string]struct {
		sent []*codec.Message
		open bool
	}{
		"a large one alone":               {[]*codec.Message{large}, true},
		"a large one and small ones":      {[]*codec.Message{small, large, small, small}, true},
		"a large one behind a full queue": {append(slices.Repeat([]*codec.Message{small}, 95), large), true},
		"small ones up to the limit":      {append([]*codec.Message{large}, slices.Repeat([]*codec.Message{small}, 95)...), true},
		"small ones over the limit":       {append([]*codec.Message{large}, slices.Repeat([]*codec.Message{small}, 100)...), false},
		"two large ones":                  {[]*codec.Message{large, large, small}, true},
		"three large ones":                {[]*codec.Message{large, large, large}, false},
		"three that fit together":         {slices.Repeat([]*codec.Message{message(limit/4 + 100)}, 3), true},
		"four that do not":                {slices.Repeat([]*codec.Message{message(limit/4 + 100)}, 4), false},
		"one that is too large":           {[]*codec.Message{tooLarge}, false},
	} {
		for transport, carry := range map[string]func(*Session){"websocket": func(*Session) {}, "polling": func(s *Session) { s.ws = nil }} {
			t.Run(name+"/"+transport, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var refused string
					s, client := newTestSession(t, Options{QueueBytes: limit, Refused: func(kind, _, _ string) { refused = kind }}, codec.Revision4)
					carry(s)
					for _, m := range c.sent {
						s.Send(m)
					}
					s.mu.Lock()
					closed := s.closed
					s.mu.Unlock()
					if closed == c.open || c.open != (refused == "") {
						t.Fatalf("closed: %v, told of %q", closed, refused)
					}
					if !c.open {
						return
					}
					// Who has read everything may be sent the same again.
					go func() { _, _ = io.Copy(io.Discard, client) }() // ends with the connection
					if transport == "polling" {
						s.servePoll(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
					}
					synctest.Wait()
					if s.queued != 0 || s.queuedSize != 0 || s.larges != 0 || s.largeSize != 0 {
						t.Errorf("%d packets of %d bytes are left, %d large ones of %d", s.queued, s.queuedSize, s.larges, s.largeSize)
					}
				})
			})
		}
	}
}
