package engineio

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"

	"golang.org/x/time/rate"
)

// overload is a reason to refuse a handshake that passes with time. The sessions that are there go on.
type overload struct {
	kind       string // for Options.Refused
	setting    string // for Options.Refused: what decides
	reason     string // in Counts.Refused
	status     int
	retryAfter int // seconds
	sentence   string
}

var (
	overloadStopping = overload{
		"the server stops", "SIGTERM", reasonStopping, http.StatusServiceUnavailable, 1, "the server is shutting down; connect again in a moment",
	}
	overloadMemory = overload{
		"little memory left", "GOMEMLIMIT", reasonMemory, http.StatusServiceUnavailable, 10, "the server has little memory left; connect again later",
	}
	overloadRate = overload{
		"too many handshakes a second", "HANDSHAKE_RATE", reasonRate, http.StatusServiceUnavailable, 1, "too many clients connect at once; connect again in a moment",
	}
	overloadSessions = overload{
		"too many connections", "MAX_CONNECTIONS", reasonSessions, http.StatusServiceUnavailable, 10, "the server has as many connections as it may have; connect again later",
	}
	overloadNetwork = overload{
		"too many connections from one address", "MAX_CONNECTIONS_PER_IP", reasonNetwork, http.StatusTooManyRequests, 10,
		"your address has as many connections as it may have; close one, or connect again later",
	}
	overloadPending = overload{
		"too many sessions without a namespace", "MAX_PENDING", reasonPending, http.StatusServiceUnavailable, 1, "too many clients are connecting; connect again in a moment",
	}
)

// answer refuses the handshake.
func (o *overload) answer(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(o.retryAfter))
	_ = writeAnswer(w, o.status, typeText, []byte(o.sentence+"\n"), refusalTimeout) // the client is gone if this fails
}

// admit counts a session that is about to begin. It returns why the session cannot begin, and counts nothing then. What it counts,
// leave takes back.
func (t *Transports) admit(address string) *overload {
	switch {
	case t.options.MemoryShort():
		return &overloadMemory
	case !t.capacity.allow():
		return &overloadRate
	}
	if over := t.capacity.enter(address); over != nil {
		return over
	}
	if !t.reserve() {
		t.capacity.leave(address)
		return &overloadPending
	}
	if !t.enter() {
		t.dismiss(address)
		return &overloadStopping
	}
	return nil
}

// dismiss takes back what admit counted, if no session came of it.
func (t *Transports) dismiss(address string) {
	t.release()
	t.capacity.leave(address)
}

// capacity counts the sessions, in total and from each network.
type capacity struct {
	most, mostFromNetwork int           // zero: no limit
	handshakes            *rate.Limiter // nil: no limit

	mu          sync.Mutex
	sessions    int
	fromNetwork map[string]int // not kept without a limit
}

func newCapacity(options *Options) *capacity {
	c := &capacity{most: options.MaxSessions, mostFromNetwork: options.MaxFromNetwork, fromNetwork: make(map[string]int)}
	if options.HandshakeRate > 0 {
		c.handshakes = rate.NewLimiter(rate.Limit(options.HandshakeRate), options.HandshakeRate)
	}
	return c
}

// allow counts a handshake against the rate.
func (c *capacity) allow() bool { return c.handshakes == nil || c.handshakes.Allow() }

// enter counts a session, or returns why there can be no more.
func (c *capacity) enter(address string) *overload {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.most > 0 && c.sessions >= c.most {
		return &overloadSessions
	}
	if c.mostFromNetwork > 0 {
		network := NetworkOf(address)
		if c.fromNetwork[network] >= c.mostFromNetwork {
			return &overloadNetwork
		}
		c.fromNetwork[network]++
	}
	c.sessions++
	return nil
}

// leave no longer counts a session.
func (c *capacity) leave(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions--
	if c.mostFromNetwork == 0 {
		return
	}
	network := NetworkOf(address)
	if c.fromNetwork[network]--; c.fromNetwork[network] <= 0 {
		delete(c.fromNetwork, network)
	}
}

// NetworkOf returns the part of a client's address, host:port, that the client cannot choose: the address, for IPv6 its /64 prefix.
func NetworkOf(address string) string {
	peer, err := netip.ParseAddrPort(address)
	if err != nil {
		return address
	}
	host := peer.Addr().Unmap().WithZone("")
	bits := 64
	if host.Is4() {
		bits = 32
	}
	return netip.PrefixFrom(host, bits).Masked().String()
}
