package engineio

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

func TestSendQueueOverLimitClosesSession(t *testing.T) {
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
					t.Errorf("%d messages are kept after the end", len(s.queue))
				}
			})
		})
	}
}

func TestReadSendQueueIsEmptyAgain(t *testing.T) {
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

func TestClientThatReadsNothingTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		begun := time.Now()
		s.Send(pingMessage)
		for !s.ended() {
			time.Sleep(time.Second) // of the test's clock
		}
		synctest.Wait() // until the goroutine that waited for the client is gone
		if waited := time.Since(begun); waited > s.transports.options.peerTimeout()+time.Second {
			t.Errorf("after %v", waited)
		}
	})
}

func TestCloseWritesSendQueueFirst(t *testing.T) {
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

func TestCloseDropsSendQueueOfSlowClient(t *testing.T) {
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

func TestEnqueuedMessageWaitsForFlush(t *testing.T) {
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

func TestCloseFlushesEnqueuedMessage(t *testing.T) {
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

func TestSendQueueCountsLargeMessagesApart(t *testing.T) {
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
						t.Fatalf("closed: %v, refused: %q", closed, refused)
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
