package sockets

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// minSweep is how many users are kept before those who are idle are looked for.
const minSweep = 1024

// limits bounds what each user may do over all their sockets and requests. A new connection does not renew it.
type limits struct {
	rate    rate.Limit // zero: no limit on events
	burst   int
	sockets int // of one user; zero: no limit

	mu    sync.Mutex
	users map[string]*userLimit
	sweep int // the number of users at which the idle ones are forgotten
}

// userLimit is what limits keeps of one user. Its sockets are guarded by limits.mu.
type userLimit struct {
	limiter *rate.Limiter // nil: no limit on events
	sockets []*Socket     // oldest first
}

func newLimits(options Options) *limits {
	return &limits{
		rate: rate.Limit(options.EventRate), burst: options.EventBurst, sockets: options.UserSockets,
		users: make(map[string]*userLimit), sweep: minSweep,
	}
}

// limiter returns a new limit on events, nil if there is none.
func (l *limits) limiter() *rate.Limiter {
	if l.rate == 0 {
		return nil
	}
	return rate.NewLimiter(l.rate, l.burst)
}

// user returns what is kept of a user. The caller holds mu.
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
	user := &userLimit{limiter: l.limiter()}
	l.users[name] = user
	return user
}

// idle tells whether a user has no socket and their whole burst, so that a new entry would be the same.
func (u *userLimit) idle() bool {
	return len(u.sockets) == 0 && (u.limiter == nil || u.limiter.Tokens() >= float64(u.limiter.Burst()))
}

// add counts a socket as one of a user's. It returns the limit on the user's events, and the socket that has to go
// because the user has too many: the oldest. A phone in bad Wi-Fi leaves sockets behind of which nobody knows yet
// that they are dead. If the newest were refused instead, it would be locked out until they are.
func (l *limits) add(name string, socket *Socket) (limiter *rate.Limiter, surplus *Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	user := l.user(name)
	if l.sockets > 0 && len(user.sockets) >= l.sockets {
		surplus, user.sockets = user.sockets[0], user.sockets[1:]
	}
	user.sockets = append(user.sockets, socket)
	return user.limiter, surplus
}

// remove counts a socket out, if it is there.
func (l *limits) remove(name string, socket *Socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	user := l.users[name]
	if user == nil {
		return
	}
	for i, other := range user.sockets {
		if other == socket {
			// A new array: another one would keep the sockets that have gone.
			user.sockets = append(append([]*Socket(nil), user.sockets[:i]...), user.sockets[i+1:]...)
			return
		}
	}
}

// allow counts a request of a user's. Over the limit it returns how long to wait before the next.
func (l *limits) allow(name string) (wait time.Duration) {
	if l.rate == 0 {
		return 0
	}
	l.mu.Lock()
	limiter := l.user(name).limiter
	l.mu.Unlock()
	if limiter.Allow() {
		return 0
	}
	missing := max(0, 1-limiter.Tokens())
	return time.Duration(math.Ceil(missing / float64(l.rate) * float64(time.Second)))
}
