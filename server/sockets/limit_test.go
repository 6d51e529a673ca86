package sockets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// Events and requests of a user count against one limit, and a new connection does not reset it.
func TestUserLimitSpansSocketsAndRequests(t *testing.T) {
	const burst = 4
	for _, test := range []struct {
		name  string
		left  int // of the burst
		spend func(t *testing.T, hub *sockets.Hub, network *engineiotest.Network)
	}{
		{"events of one socket", 2, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) {
			c := identified(t, network, "a")
			c.ask("who")
			c.ask("who") // CONNECT and identify count against the connection's limit only, which is used up now
		}},
		{"events of several sockets", 0, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) {
			for range burst {
				identified(t, network, "a").ask("who")
			}
		}},
		{"acknowledgements", 2, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) {
			identified(t, network, "a").Send(t, "431[]", "43[]")
			synctest.Wait() // until they are read
		}},
		{"requests", 0, func(t *testing.T, hub *sockets.Hub, _ *engineiotest.Network) {
			for range burst {
				if wait := hub.Allow("a", "", 1); wait != 0 {
					t.Errorf("a request within the burst has to wait %v", wait)
				}
			}
		}},
		{"one event that costs much", 0, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) {
			identified(t, network, "a").ask("fetch")
		}},
		{"connections that have ended", 0, func(t *testing.T, hub *sockets.Hub, network *engineiotest.Network) {
			for range burst {
				c := identified(t, network, "a")
				c.ask("who")
				_ = c.Close()
			}
			engineiotest.EventuallyEqual(t, "sockets", 0, hub.Sockets)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := limited(sockets.Options{EventRate: 1, EventBurst: burst})
				test.spend(t, hub, serveInMemory(t, hub))
				for range test.left {
					if wait := hub.Allow("a", "", 1); wait != 0 {
						t.Errorf("a request within the burst has to wait %v", wait)
					}
				}
				if wait := hub.Allow("a", "", 1); wait == 0 {
					t.Error("another request of the user is allowed")
				}
				if wait := hub.Allow("b", "", 1); wait != 0 {
					t.Errorf("another user has to wait %v", wait)
				}
			})
		})
	}
}

// nameOf is Options.UserOf for claims that are the user.
func nameOf(claims any) string { return claims.(string) }

// In open mode a client is bounded whoever it says it is. Each row sends packets as fast as it can, and all are handled. The limits of
// one user are the other's, so what is sent beyond the burst takes time.
func TestOpenModeNewUsersDoNotRenewLimit(t *testing.T) {
	const rate, burst, startBurst = 20, 30, 10
	const ofAddress = 10 // users, whose limits an address has
	for _, test := range []struct {
		name         string
		atOnce, rate int
		send         func(t *testing.T, hub *sockets.Hub, network *engineiotest.Network) (packets int)
	}{
		{"new user per identify on one connection", burst, rate, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) int {
			c := connectInMemory(t, network, "")
			for i := range burst {
				c.ask("identify", fmt.Sprint(i))
				c.ask("who")
			}
			return 1 + 2*burst
		}},
		{"new user per CONNECT on one connection", burst, rate, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) int {
			c := connectInMemory(t, network, "")
			for i := range burst {
				c.Send(t, "41", "40")
				c.ExpectPrefix(t, "40")
				c.ask("identify", fmt.Sprint(i))
			}
			return 1 + 3*burst
		}},
		{"new user per costly event on one connection", burst, rate, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) int {
			c := connectInMemory(t, network, "")
			for i := range 2 {
				c.ask("identify", fmt.Sprint(i))
				c.ask("fetch")
			}
			return 1 + 2 + burst + 1 // the second fetch has been handled, but its cost has not been waited for
		}},
		{"new user per connection", ofAddress*burst + 30*startBurst, (ofAddress + 1) * rate, func(t *testing.T, _ *sockets.Hub, network *engineiotest.Network) int {
			for i := range 30 {
				c := identified(t, network, fmt.Sprint(i))
				for range burst {
					c.ask("who")
				}
				_ = c.Close()
			}
			return 30 * (2 + burst)
		}},
		{"new user per request", ofAddress * burst, ofAddress * rate, func(_ *testing.T, hub *sockets.Hub, _ *engineiotest.Network) (allowed int) {
			for i := range 2 * ofAddress * burst {
				if hub.Allow(fmt.Sprint(i), "192.0.2.1:40000", 1) == 0 {
					allowed++
				}
			}
			return allowed
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hub := limited(sockets.Options{EventRate: rate, EventBurst: burst})
				network := serveInMemory(t, hub)
				began := time.Now()
				packets := test.send(t, hub, network)
				took := time.Since(began) // on the test's clock
				if most := test.atOnce + int(took.Seconds()*float64(test.rate)) + 1; packets > most {
					t.Errorf("%d packets in %v, want %d at the most", packets, took, most)
				}
			})
		})
	}
}

// A campus is one address: all its students may connect, identify, join and mark within a second.
func TestManyConnectionsOfAddressMaySendAtOnce(t *testing.T) {
	const burst = 400
	for _, test := range []struct {
		name                    string
		connections             int // before the one that counts
		user                    func(claims any) string
		packets, refusedPackets int
	}{
		{"open mode, first connection", 0, nil, burst, burst + 1},
		{"open mode, after 5000 students", 5000, nil, 10, burst},
		{"signed mode, after 5000 students", 5000, nameOf, burst, burst + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			hub := limited(sockets.Options{EventRate: 1, EventBurst: burst, UserOf: test.user})
			serve(t, hub)
			for i := range test.connections {
				if !hub.MaySend("192.0.2.1:40000", 10) {
					t.Fatalf("connection %d may not send 10 packets", i)
				}
			}
			if !hub.MaySend("192.0.2.1:40000", test.packets) {
				t.Errorf("the next connection may not send %d packets", test.packets)
			}
			if hub.MaySend("192.0.2.1:40000", test.refusedPackets) {
				t.Errorf("the next connection may send %d packets", test.refusedPackets)
			}
		})
	}
}

// A new connection does not reset the limit of the sockets that have no user yet.
func TestUnidentifiedSocketsShareLimitOfAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const events, rate, burst = 35, 1, 2 // of a user; an address has ten times as much
		network := serveInMemory(t, limited(sockets.Options{EventRate: rate, EventBurst: burst}))
		began := time.Now()
		for range events {
			c := connectInMemory(t, network, "")
			c.ask("who")
			_ = c.Close()
		}
		if took, least := time.Since(began), (events-10*burst)*time.Second/(10*rate); took < least { // on the test's clock
			t.Errorf("%d events of as many connections took %v, want %v at the least", events, took, least)
		}
		identified(t, network, "a").ask("who") // users do not wait for them
	})
}

// Where the claims name the user, events that identify count against the user's limit, too.
func TestIdentifyOfKnownUserCountsAgainstLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst = 4
		hub := limited(sockets.Options{
			EventRate: 1, EventBurst: burst,
			Authenticate: func(string, http.Header, url.Values, json.RawMessage) (any, time.Time, error) {
				return "a", time.Time{}, nil
			},
			UserOf: nameOf,
		})
		network := serveInMemory(t, hub)
		for range burst {
			identified(t, network, "a")
		}
		if wait := hub.Allow("a", "", 1); wait == 0 {
			t.Error("another request of the user is allowed")
		}
	})
}

// Neither a limit that is used up nor the count of the sockets is lost when idle users are removed.
func TestLimitsOfBusyUsersAreKept(t *testing.T) {
	const others = 5000
	synctest.Test(t, func(t *testing.T) {
		hub := limited(sockets.Options{EventRate: 1, EventBurst: 1, UserOf: nameOf})
		serveInMemory(t, hub)
		hub.Allow("a", "", 1)
		for i := range others {
			hub.Allow(fmt.Sprint(i), "", 1)
		}
		if wait := hub.Allow("a", "", 1); wait == 0 {
			t.Error("the limit that was used up is forgotten")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		hub := limited(sockets.Options{EventRate: 1_000_000, EventBurst: 1, UserSockets: 1, UserOf: nameOf})
		network := serveInMemory(t, hub)
		first := identified(t, network, "a")
		time.Sleep(time.Second) // everybody has their burst again
		for i := range others {
			hub.Allow(fmt.Sprint(i), "", 1)
			time.Sleep(time.Millisecond)
		}
		identified(t, network, "a")
		first.ExpectClosed(t)
	})
}

func identified(t *testing.T, network *engineiotest.Network, user string) *client {
	t.Helper()
	c := connectInMemory(t, network, "")
	c.ask("identify", user)
	return c
}

func TestSocketOverUserLimitClosesOldest(t *testing.T) {
	const most = 3
	claims := func(_ string, _ http.Header, _ url.Values, auth json.RawMessage) (any, time.Time, error) {
		return string(auth), time.Time{}, nil
	}
	for _, test := range []struct {
		name    string
		options sockets.Options
		connect func(t *testing.T, url string) *client
	}{
		{"with the event that identifies", sockets.Options{}, func(t *testing.T, url string) *client {
			c := connect(t, url, "")
			c.ask("identify", "a")
			return c
		}},
		{
			"with the claims at once",
			sockets.Options{Authenticate: claims, UserOf: nameOf},
			func(t *testing.T, url string) *client { return connect(t, url, `{"user":"a"}`) },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.UserSockets = most
			address := serve(t, limited(test.options))
			var all []*client
			for range most + 2 {
				all = append(all, test.connect(t, address))
			}
			for i, c := range all[:2] {
				if got := fmt.Sprint(c.ExpectClosed(t)); got != `[42["too many sockets",null] 41]` {
					t.Errorf("socket %d got %s", i, got)
				}
			}
			for i, c := range all[2:] {
				if before, _ := c.ask("who"); before != nil {
					t.Errorf("socket %d got %q", i+2, before)
				}
			}
		})
	}
}

func TestLimitsOfIdleUsersAreRemoved(t *testing.T) {
	hub := limited(sockets.Options{EventRate: 1_000_000, EventBurst: 1, UserOf: nameOf})
	for i := range 100_000 {
		hub.Allow(fmt.Sprint(i), "", 1)
	}
	if kept := hub.LimitedUsers(); kept > 10_000 {
		t.Errorf("%d users are kept", kept)
	}
	serve(t, hub)
}
