package engineio

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

func TestOpenPacketsLeaveTogetherAfterTheirDelay(t *testing.T) {
	const apart = 100 * time.Microsecond
	for _, test := range []struct {
		name   string
		begin  []time.Duration // after the start
		rounds int             // of writes, at different times
	}{
		{"one", []time.Duration{0}, 1},
		{"two at once", []time.Duration{0, 0}, 1},
		{"some within an interval", []time.Duration{0, apart, 2 * apart, 3 * apart}, 2},
		{"two far apart", []time.Duration{0, openDelay / 2}, 2},
		{"one after the timer has stopped", []time.Duration{0, 3 * openDelay}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transports := newTransports(Options{Logger: slog.New(slog.DiscardHandler)})
				transports.library = emptyLibrary{}
				start := time.Now()
				opened := make([]time.Time, len(test.begin))
				times := map[time.Time]bool{}
				received := make(chan int)
				for i, begin := range test.begin {
					time.Sleep(time.Until(start.Add(begin)))
					s, client := openedOver(t, transports)
					defer s.abort("the test is over")
					go func() { // ends with the first packet
						_, _ = client.Read(make([]byte, 4096))
						opened[i] = time.Now()
						received <- i
					}()
				}
				for range test.begin {
					i := <-received
					if delay := opened[i].Sub(start.Add(test.begin[i])); delay < openDelay || delay > openDelay+openInterval {
						t.Errorf("packet %d came after %v, want %v and at most %v more", i, delay, openDelay, openInterval)
					}
					times[opened[i]] = true
				}
				if len(times) != test.rounds {
					t.Errorf("the packets came at %d times, want %d", len(times), test.rounds)
				}
			})
		})
	}
}

// openedOver opens a session over a WebSocket and returns it and the client's end of the connection.
func openedOver(t *testing.T, transports *Transports) (*Session, net.Conn) {
	t.Helper()
	ours, client := net.Pipe()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?EIO=4", http.NoBody)
	s := newSession(transports, request, request.URL.Query(), codec.Revision4, &webSocket{conn: ours})
	s.name(randomID())
	s.open()
	return s, client
}
