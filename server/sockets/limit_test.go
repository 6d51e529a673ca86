package sockets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// Events and requests of a user count against one limit, and a new connection does not reset it.
func TestUserLimitSpansSocketsAndRequests(t *testing.T) {
	const burst = 4
	for _, test := range []struct {
		name  string
		spend func(t *testing.T, hub *sockets.Hub, url string)
	}{
		{"events of one socket", func(t *testing.T, _ *sockets.Hub, url string) {
			c := identified(t, url, "a")
			for range burst {
				c.ask("who")
			}
		}},
		{"events of several sockets", func(t *testing.T, _ *sockets.Hub, url string) {
			for range burst {
				identified(t, url, "a").ask("who")
			}
		}},
		{"requests", func(t *testing.T, hub *sockets.Hub, _ string) {
			for range burst {
				if wait := hub.Allow("a"); wait != 0 {
					t.Errorf("a request within the burst has to wait %v", wait)
				}
			}
		}},
		{"one event that costs much", func(t *testing.T, _ *sockets.Hub, url string) { identified(t, url, "a").ask("fetch") }},
		{"connections that have ended", func(t *testing.T, hub *sockets.Hub, url string) {
			for range burst {
				c := identified(t, url, "a")
				c.ask("who")
				_ = c.Close()
			}
			engineiotest.EventuallyEqual(t, "sockets", 0, hub.Sockets)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			hub := limited(sockets.Options{EventRate: 1, EventBurst: burst})
			hub.StopRefill()
			url := serve(t, hub)
			test.spend(t, hub, url)
			if wait := hub.Allow("a"); wait == 0 {
				t.Error("another request of the user is allowed")
			}
			if wait := hub.Allow("b"); wait != 0 {
				t.Errorf("another user has to wait %v", wait)
			}
		})
	}
}

// A new connection does not reset the limit of the sockets that have no user yet.
func TestUnidentifiedSocketsShareLimitOfAddress(t *testing.T) {
	const burst = 1 // of a user; an address has ten times as much
	hub := limited(sockets.Options{EventRate: 1, EventBurst: burst})
	hub.StopRefill()
	url := serve(t, hub)
	for range 10 * burst {
		c := connect(t, url, "")
		c.ask("who")
		_ = c.Close()
	}
	late := connect(t, url, "")
	late.emit("who")
	late.emit("who") // behind the first, which has been taken to be handled as soon as the limit allows it
	engineiotest.EventuallyEqual(t, "events that wait", 1, func() int { return int(hub.WaitingBytes() / sockets.WaitingCost) })
	identified(t, url, "a").ask("who") // users do not wait for them
	if hub.WaitingBytes() == 0 {
		t.Error("an event beyond the limit of the address no longer waits")
	}
}

func TestClientNetworkIsWhatItCannotChoose(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1:40000":          "192.0.2.1/32",
		"192.0.2.1:40001":          "192.0.2.1/32",
		"[::ffff:192.0.2.1]:40000": "192.0.2.1/32",
		"192.0.2.2:40000":          "192.0.2.2/32",
		"[2001:db8::1]:40000":      "2001:db8::/64",
		"[2001:db8::ffff:1]:40000": "2001:db8::/64",
		"[2001:db8:0:1::1]:40000":  "2001:db8:0:1::/64",
		"[fe80::1%eth0]:40000":     "fe80::/64",
		"":                         "",
	} {
		if got := sockets.NetworkOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

// Where the claims name the user, events that identify count against the user's limit, too.
func TestIdentifyOfKnownUserCountsAgainstLimit(t *testing.T) {
	const burst = 4
	hub := limited(sockets.Options{
		EventRate: 1, EventBurst: burst,
		Authenticate: func(string, http.Header, url.Values, json.RawMessage) (any, time.Time, error) {
			return "a", time.Time{}, nil
		},
		UserOf: func(claims any) string { return claims.(string) },
	})
	hub.StopRefill()
	address := serve(t, hub)
	for range burst {
		identified(t, address, "a")
	}
	if wait := hub.Allow("a"); wait == 0 {
		t.Error("another request of the user is allowed")
	}
}

// Neither a limit that is used up nor the count of the sockets is lost when idle users are removed.
func TestLimitsOfBusyUsersAreKept(t *testing.T) {
	const others = 5000
	hub := limited(sockets.Options{EventRate: 1, EventBurst: 1})
	hub.StopRefill()
	hub.Allow("a")
	for i := range others {
		hub.Allow(fmt.Sprint(i))
	}
	if wait := hub.Allow("a"); wait == 0 {
		t.Error("the limit that was used up is forgotten")
	}
	serve(t, hub)

	hub = limited(sockets.Options{EventRate: 1_000_000, EventBurst: 1_000_000, UserSockets: 1})
	url := serve(t, hub)
	first := identified(t, url, "a")
	for i := range others {
		hub.Allow(fmt.Sprint(i))
	}
	identified(t, url, "a")
	first.ExpectClosed(t)
}

func identified(t *testing.T, url, user string) *client {
	t.Helper()
	c := connect(t, url, "")
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
		{"with the event that identifies", sockets.Options{}, func(t *testing.T, url string) *client { return identified(t, url, "a") }},
		{
			"with the claims at once",
			sockets.Options{Authenticate: claims, UserOf: func(claims any) string { return claims.(string) }},
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
	hub := limited(sockets.Options{EventRate: 1_000_000, EventBurst: 1})
	for i := range 100_000 {
		hub.Allow(fmt.Sprint(i))
	}
	if kept := hub.LimitedUsers(); kept > 10_000 {
		t.Errorf("%d users are kept", kept)
	}
	serve(t, hub)
}
