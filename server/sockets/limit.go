package sockets

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/neuracampus/attendance/server/engineio"
)

// minSweep is the least number of users at which the idle ones are removed.
const minSweep = 1024

// limits bounds what each user, or each address, may do over all their sockets and requests. A new connection does not reset it.
type limits struct {
	rate    rate.Limit // zero: no limit on events
	burst   int
	sockets int // of one user; zero: no limit

	mu    sync.Mutex
	users map[string]*userLimit
	sweep int // the number of users at which the idle ones are removed
}

// userLimit is the limits of one user. limits.mu guards its sockets.
type userLimit struct {
	limiter *rate.Limiter // nil: no limit on events
	sockets []*Socket     // oldest first
}

func newLimits(perSecond, burst, sockets int) *limits {
	return &limits{rate: rate.Limit(perSecond), burst: burst, sockets: sockets, users: make(map[string]*userLimit), sweep: minSweep}
}

// usersPerAddress is how many users' events and requests the clients of an address may send together while the server does not know
// their users, and how many users' bursts their connections may begin with. A campus is one address, and so are all clients of a
// proxy.
const usersPerAddress = 10

// newLimiter returns a new limit on events, nil if there is none.
func (l *limits) newLimiter() *rate.Limiter {
	if l.rate == 0 {
		return nil
	}
	return rate.NewLimiter(l.rate, l.burst)
}

// startBurst is how many packets a new connection may send at once, whatever else its address has sent: CONNECT, and the events that
// frontends send first, under two names each.
const startBurst = 10

// newConnectionLimiter returns the limit on what one connection sends, whoever it says it is. Nil: there is none. Where tokens verify
// the user it begins with the whole burst, because the user's limit holds over all their connections. In open mode a client can be a
// new user with every connection. So there the burst beyond startBurst comes out of what the address has left of the bursts of ten
// users. The rate makes up for a missing burst within seconds.
func (h *Hub) newConnectionLimiter(address string) *rate.Limiter {
	limiter := h.limits.newLimiter()
	if limiter == nil || h.options.UserOf != nil {
		return limiter
	}
	now := time.Now()
	left := h.addressBursts.limiter(engineio.NetworkOf(address))
	granted := min(int(left.TokensAt(now)), limiter.Burst()-startBurst)
	if granted < 0 || !left.AllowN(now, granted) { // another connection was faster
		granted = 0
	}
	limiter.AllowN(now, max(0, limiter.Burst()-startBurst-granted))
	return limiter
}

// limiter returns the limit on the events of a user, nil if there is none.
func (l *limits) limiter(name string) *rate.Limiter {
	if l.rate == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.user(name).limiter
}

// user returns the limits of a user. The caller holds mu.
func (l *limits) user(name string) *userLimit {
	if known := l.users[name]; known != nil {
		return known
	}
	if len(l.users) >= l.sweep {
		for name, user := range l.users {
			if user.idle() {
				delete(l.users, name)
			}
		}
		l.sweep = max(minSweep, 2*len(l.users))
	}
	user := &userLimit{limiter: l.newLimiter()}
	l.users[name] = user
	return user
}

// idle tells whether a user has no socket and their whole burst, so that a new entry would be the same.
func (u *userLimit) idle() bool {
	return len(u.sockets) == 0 && (u.limiter == nil || u.limiter.Tokens() >= float64(u.limiter.Burst()))
}

// add counts a socket as one of a user's. It returns the limit on the user's events, and the oldest socket if the user has
// too many now: it has to be closed. The newest is not refused instead, because a phone in bad Wi-Fi leaves dead sockets behind
// that the server has not detected yet; they would lock it out.
func (l *limits) add(name string, socket *Socket) (limiter *rate.Limiter, oldest *Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	user := l.user(name)
	if l.sockets > 0 && len(user.sockets) >= l.sockets {
		oldest, user.sockets = user.sockets[0], user.sockets[1:]
	}
	user.sockets = append(user.sockets, socket)
	return user.limiter, oldest
}

// remove no longer counts a socket as one of a user's.
func (l *limits) remove(name string, socket *Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	user := l.users[name]
	if user == nil {
		return
	}
	for i, other := range user.sockets {
		if other == socket {
			// A new array: the old one would keep closed sockets alive.
			user.sockets = append(append([]*Socket(nil), user.sockets[:i]...), user.sockets[i+1:]...)
			return
		}
	}
}

// all returns the sockets of all users.
func (l *limits) all() (sockets []*Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, user := range l.users {
		sockets = append(sockets, user.sockets...)
	}
	return sockets
}

// allow counts a request of a user's, or of an address's, as so many events. Over the limit it returns how long to wait before the next.
func (l *limits) allow(name string, events int) (wait time.Duration) {
	limiter := l.limiter(name)
	if limiter == nil {
		return 0
	}
	events = min(events, limiter.Burst())
	if limiter.AllowN(time.Now(), events) {
		return 0
	}
	missing := max(0, float64(events)-limiter.Tokens())
	return time.Duration(math.Ceil(missing / float64(l.rate) * float64(time.Second)))
}
