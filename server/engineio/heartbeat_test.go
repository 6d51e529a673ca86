package engineio

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

func TestMissedHeartbeatClosesSession(t *testing.T) {
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
					s.recordHeartbeat()
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

func TestPingTimesAreAligned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		transports, interval := s.transports, s.transports.options.PingInterval
		step := interval / pingTimes
		for range 3 * pingTimes {
			time.Sleep(step / 7) // of the test's clock
			received := time.Now()
			due := received.Add(transports.untilPing(received))
			if early := received.Add(interval).Sub(due); early < 0 || early >= step {
				t.Fatalf("a ping is due %v before the interval is over, want less than %v", early, step)
			}
			if off := due.Sub(transports.began) % step; off != 0 {
				t.Fatalf("a ping is due %v after the moment of others", off)
			}
		}
		s.Close("enough")
	})
}

// However late the library is with registering a session, the client receives nothing before the handshake.
func TestPingNeverPrecedesHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transports := newTransports(Options{})
		transports.library = emptyLibrary{}
		begin := func() *Session {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
			s := newSession(transports, request, request.URL.Query(), codec.Revision4, nil)
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
