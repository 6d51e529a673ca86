package sockets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// limited returns a hub that acknowledges events over the limit with "refused" and warns with the event "slow down".
func limited(options sockets.Options) *sockets.Hub {
	hub := newHub(options)
	hub.OnRateLimited(func(socket *sockets.Socket, warn bool) any {
		if warn {
			socket.Emit("slow down", nil)
		}
		return "refused"
	})
	hub.OnTooManySockets(func(socket *sockets.Socket) { socket.Emit("too many sockets", nil) })
	hub.Handle("who", func(_ context.Context, socket *sockets.Socket, _ json.RawMessage) any { return socket.User() })
	hub.Handle("fetch", func(_ context.Context, socket *sockets.Socket, _ json.RawMessage) any {
		socket.Spend(1000)
		return nil
	})
	hub.HandleIdentify("identify", func(_ context.Context, socket *sockets.Socket, arguments json.RawMessage) any {
		var user []string
		if json.Unmarshal(arguments, &user) == nil && len(user) == 1 {
			socket.SetUser(user[0])
		}
		return "identified"
	})
	return hub
}

// Every event that asks for an acknowledgement is answered: it waits, or beyond the bound it is refused.
func TestEventsOverLimitAreAllAcknowledged(t *testing.T) {
	for _, test := range []struct {
		name           string
		rate, sent     int
		argument       string
		refused, atMax int
	}{
		{"under the bound all are handled", 1000, 600, "x", 0, 0},
		{"beyond the bound of events", 1, 4500, "x", 300, 403},
		{"beyond the bound of bytes", 1, 40, strings.Repeat("x", 100_000), 10, 19},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := limited(sockets.Options{EventRate: test.rate, EventBurst: 1})
				c := identified(t, serveInMemory(t, hub), "a")
				event := encode(t, "join", []any{test.argument})
				sending := make(chan struct{})
				go func() {
					defer close(sending)
					for i := range test.sent {
						_ = c.TrySendFrame(ws.NewTextFrame(fmt.Appendf(nil, "42%d%s", i, event)))
					}
				}()
				refused, warned := 0, 0
				wanted := test.sent
				if test.refused > 0 {
					wanted = test.refused // the events that wait are answered much later
				}
				for answered := 0; answered < wanted; {
					packet := c.Receive(t).Text
					switch {
					case strings.HasSuffix(packet, `["refused"]`):
						refused++
						answered++
					case packet == `42["slow down",null]`:
						warned++
					case test.refused == 0:
						if !strings.HasPrefix(packet, fmt.Sprintf("43%d[", answered)) {
							t.Fatalf("answer %d is %s: out of order", answered, packet)
						}
						answered++
					}
				}
				<-sending
				if refused < test.refused || refused > test.atMax || (refused > 0) != (warned > 0) {
					t.Errorf("%d were refused, want %d to %d; warned %d times", refused, test.refused, test.atMax, warned)
				}
			})
		})
	}
}

// A client that sends much more than it may is closed, whatever it sends. It also sends no heartbeats, for which it would be closed later,
// so the reason counts.
func TestClientIgnoringLimitIsClosed(t *testing.T) {
	for name, packet := range map[string]string{
		"events":                  `42["who"]`,
		"events with an answer":   `421["who"]`,
		"acknowledgements":        "431[]",
		"acknowledgements, no id": "43[]",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refused := make(chan string, 1)
				hub := limited(sockets.Options{EventRate: 1, EventBurst: 1, Refused: func(kind, _, _ string) {
					select {
					case refused <- kind:
					default: // what was read before the end is refused, too
					}
				}})
				c := identified(t, serveInMemory(t, hub), "a")
				go func() {
					for range 4096 + 4*4096 + 100 {
						if c.TrySendFrame(ws.NewTextFrame([]byte(packet))) != nil {
							return // closed by the server
						}
					}
				}()
				c.ExpectClosed(t)
				select {
				case kind := <-refused:
					if kind != "event flood" {
						t.Errorf("closed for %q", kind)
					}
				default:
					t.Error("closed, but not for what it sent")
				}
			})
		})
	}
}

// The events wait several times as long as the heartbeat's timeout.
func TestHeartbeatSurvivesWaitingEvents(t *testing.T) {
	const events = 30
	for _, revision := range []int{3, 4} {
		t.Run(fmt.Sprint("revision ", revision), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := limited(sockets.Options{EventRate: 10, EventBurst: 1, PingInterval: 300 * time.Millisecond, PingTimeout: 500 * time.Millisecond})
				socket, _ := serveInMemory(t, hub).Connect(t, revision)
				if revision == 4 {
					socket.Send(t, "40")
				}
				socket.ExpectPrefix(t, "40")
				socket.Send(t, `42["identify","a"]`)
				for range events {
					socket.Send(t, `427["who"]`)
				}
				for answered := 0; answered < events; {
					switch socket.Receive(t).Text {
					case "2":
						socket.Send(t, "3")
					case `437["a"]`:
						answered++
						if revision == 3 && answered%3 == 0 {
							socket.Send(t, "2")
						}
					}
				}
			})
		})
	}
}

func TestWaitingEventsAfterDisconnectAreHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 10
		network := serveInMemory(t, limited(sockets.Options{EventRate: 20, EventBurst: 1}))
		listener, sender := connectInMemory(t, network, ""), identified(t, network, "a")
		listener.ask("join", "room")
		var want []string
		for i := range events {
			sender.emit("say", fmt.Sprint(i))
			want = append(want, fmt.Sprintf(`42["said","%d"]`, i))
		}
		sender.Send(t, "41")
		_ = sender.Close()
		listener.expect(want...)
	})
}

// A connection that leaves the namespace and connects again has no more events that wait: CONNECT waits behind them.
func TestConnectWaitsBehindWaitingEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 5
		c := identified(t, serveInMemory(t, limited(sockets.Options{EventRate: 2, EventBurst: 1})), "a")
		for range events {
			c.Send(t, `427["who"]`)
		}
		c.Send(t, "41", "40")
		answered := 0
		for ; !strings.HasPrefix(c.Receive(t).Text, "40"); answered++ {
		}
		if answered < events-2 { // the last ones may be handled a moment later than they are due
			t.Errorf("%d of %d events were answered before CONNECT", answered, events)
		}
	})
}

func TestWaitingEventsAfterClaimsExpireNotHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events = 5 // the last one's turn comes long after the claims have expired
		expires := time.Now().Add(time.Second)
		handled := make(chan struct{}, events)
		hub := limited(sockets.Options{
			EventRate: 1, EventBurst: 1,
			Authenticate: func(string, http.Header, url.Values, json.RawMessage) (any, time.Time, error) {
				return "a", expires, nil
			},
			UserOf: nameOf,
		})
		hub.Handle("work", func(context.Context, *sockets.Socket, json.RawMessage) any {
			handled <- struct{}{}
			return nil
		})
		c := connectInMemory(t, serveInMemory(t, hub), "")
		for range events {
			c.emit("work")
		}
		c.ExpectClosed(t)
		time.Sleep(events * time.Second) // on the test's clock
		ctx, cancel := context.WithTimeout(t.Context(), engineiotest.Deadline)
		defer cancel()
		if err := hub.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		if n := len(handled); n > 2 {
			t.Errorf("%d were handled, also after the claims had expired", n)
		}
	})
}

// Events before the one that identifies the user wait for it and keep their order behind it.
func TestEventsBeforeIdentifyWaitInOrder(t *testing.T) {
	const long, short = time.Hour, 50 * time.Millisecond
	for _, test := range []struct {
		name   string
		await  time.Duration
		events string // sent at once
		want   string // the acknowledgements, in this order
	}{
		{"wait for it", long, `1["who"] 2["join","room"] 3["who"] 4["identify","a"]`, `4["identified"] 1["a"] 2[true] 3["a"]`},
		{"wait also behind one that fails", long, `1["who"] 2["identify"] 3["identify","a"]`, `2["identified"] 3["identified"] 1["a"]`},
		{"are handled without it after the timeout", short, `1["who"] 2["join","room"]`, `1[""] 2[true]`},
		{"wait only once", short, `1["who"] 2["who"] 3["join","room"]`, `1[""] 2[""] 3[true]`},
		{"do not wait without a timeout", 0, `1["who"] 2["identify","a"] 3["who"]`, `1[""] 2["identified"] 3["a"]`},
		{"are in order when the user identifies first", long, `1["identify","a"] 2["who"] 3["identify","b"] 4["who"]`, `1["identified"] 2["a"] 3["identified"] 4["b"]`},
		{"wait also if they are unknown", long, `1["what"] 2["identify","a"] 3["who"]`, `2["identified"] 1[null] 3["a"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := connectInMemory(t, serveInMemory(t, limited(sockets.Options{IdentifyTimeout: test.await})), "")
				for event := range strings.SplitSeq(test.events, " ") {
					c.Send(t, "42"+event)
				}
				for answer := range strings.SplitSeq(test.want, " ") {
					c.expect("43" + answer)
				}
				if _, answer := c.ask("identify", "z"); answer != `["identified"]` {
					t.Errorf("afterwards: %s", answer)
				}
			})
		})
	}
}

func TestWaitingEventsAfterConnectionLossAreHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := serveInMemory(t, limited(sockets.Options{IdentifyTimeout: 200 * time.Millisecond}))
		listener, sender := connectInMemory(t, network, ""), connectInMemory(t, network, "")
		listener.ask("join", "room")
		sender.emit("say", "hello")
		_ = sender.Close()
		listener.expect(`42["said","hello"]`)
	})
}
