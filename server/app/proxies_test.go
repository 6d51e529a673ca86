package app

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/config"
)

func networks(t testing.TB, text string) (all config.Networks) {
	t.Helper()
	if text == "" {
		return nil
	}
	if err := all.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestForwardedAddressCountsFromTrustedOnly(t *testing.T) {
	for name, tt := range map[string]struct{ trusted, peer, forwarded, want string }{
		"a client":                               {"10.0.0.0/8", "192.0.2.1", "", "192.0.2.1"},
		"a client that names another":            {"10.0.0.0/8", "192.0.2.1", "198.51.100.1", "192.0.2.1"},
		"a client that names a proxy":            {"10.0.0.0/8", "192.0.2.1", "198.51.100.1, 10.0.0.1", "192.0.2.1"},
		"behind a proxy":                         {"10.0.0.0/8", "10.0.0.1", "192.0.2.1", "192.0.2.1"},
		"behind a proxy, naming another":         {"10.0.0.0/8", "10.0.0.1", "198.51.100.1, 192.0.2.1", "192.0.2.1"},
		"behind a proxy, naming a proxy":         {"10.0.0.0/8", "10.0.0.1", "10.0.0.9, 192.0.2.1", "192.0.2.1"},
		"behind a proxy, in two lines":           {"10.0.0.0/8", "10.0.0.1", "198.51.100.1\n192.0.2.1", "192.0.2.1"},
		"behind two proxies":                     {"10.0.0.0/8", "10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"},
		"behind a proxy that is not trusted":     {"10.0.0.1", "10.0.0.1", "198.51.100.1, 10.0.0.2", "10.0.0.2"},
		"behind a proxy that says nothing":       {"10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"},
		"behind a proxy that passes on nonsense": {"10.0.0.0/8", "10.0.0.1", "192.0.2.1, unknown", "10.0.0.1"},
		"behind a proxy that appends a port":     {"10.0.0.0/8", "10.0.0.1", "192.0.2.1:4000", "192.0.2.1"},
		"a proxy itself":                         {"10.0.0.0/8", "10.0.0.1", "10.0.0.2", "10.0.0.2"},
		"IPv6":                                   {"2001:db8::/64", "2001:db8::1", "2001:db8:1::1", "2001:db8:1::1"},
		"IPv6 with a port":                       {"2001:db8::/64", "2001:db8::1", "[2001:db8:1::1]:4000", "2001:db8:1::1"},
		"IPv4 in IPv6":                           {"10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:192.0.2.1", "192.0.2.1"},
		"no proxy is trusted":                    {"", "10.0.0.1", "192.0.2.1", "10.0.0.1"},
	} {
		var lines []string
		if tt.forwarded != "" {
			lines = strings.Split(tt.forwarded, "\n")
		}
		peer := netip.MustParseAddr(tt.peer).Unmap()
		if got := clientBehind(peer, lines, networks(t, tt.trusted).Contain); got.String() != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

// Whatever a client writes, its proxy's entry counts.
func FuzzForwardedAddress(f *testing.F) {
	for _, seed := range []string{"", "192.0.2.1", "10.0.0.1,", "[::1]:80", "unknown, for=1", ",,,", "fe80::1%eth0", "10.0.0.1:99999"} {
		f.Add(seed)
	}
	trusted := networks(f, "10.0.0.0/8").Contain
	proxy, client := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("192.0.2.1")
	f.Fuzz(func(t *testing.T, written string) {
		if got := clientBehind(client, []string{written}, trusted); got != client {
			t.Errorf("%q made the client %v", written, got)
		}
		if got := clientBehind(proxy, []string{written + ", 192.0.2.1"}, trusted); got != client {
			t.Errorf("%q made the client behind the proxy %v", written, got)
		}
		if got := clientBehind(proxy, []string{written}, trusted); !got.IsValid() {
			t.Errorf("%q made the client no address", written)
		}
	})
}

// MAX_CONNECTIONS_PER_IP counts the real clients behind a proxy.
func TestConnectionsPerAddressCountRealClients(t *testing.T) {
	const handshake = "/socket.io/?EIO=4&transport=polling"
	for name, tt := range map[string]struct {
		trusted string
		clients []string // one after the other; the last is to be answered with status
		status  int
	}{
		"one client twice":               {"127.0.0.1", []string{"192.0.2.1", "192.0.2.1"}, http.StatusTooManyRequests},
		"two clients":                    {"127.0.0.1", []string{"192.0.2.1", "192.0.2.2"}, http.StatusOK},
		"one client under another name":  {"127.0.0.1", []string{"192.0.2.1", "198.51.100.9, 192.0.2.1"}, http.StatusTooManyRequests},
		"two names, no proxy is trusted": {"", []string{"192.0.2.1", "192.0.2.2"}, http.StatusTooManyRequests},
	} {
		a, _ := start(t, settings(t, "HOST=127.0.0.1", "MAX_CONNECTIONS_PER_IP=1", "TRUSTED_PROXIES="+tt.trusted))
		var status int
		for _, client := range tt.clients {
			status, _, _ = ask(t, http.MethodGet, a.URL()+handshake, "X-Forwarded-For", client)
		}
		if status != tt.status {
			t.Errorf("%s: the last is answered %d, want %d", name, status, tt.status)
		}
	}
}
