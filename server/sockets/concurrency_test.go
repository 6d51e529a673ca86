package sockets_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// Users with two sockets each join, broadcast and disconnect at the same time. Every member receives every message, in the
// order of its sender, and no member is left over.
func TestConcurrentBroadcastsReachAllInOrder(t *testing.T) {
	const users, messages = 60, 10
	hub := newHub(sockets.Options{Presence: sockets.NewLocalPresence(time.Minute)})
	var left sync.WaitGroup
	left.Add(users)
	hub.OnUserLeft(func(string, string, any) { left.Done() })
	url := serve(t, hub)

	var joined sync.WaitGroup
	joined.Add(2 * users)
	engineiotest.Together(t, 2*users, func(t testing.TB, i int) {
		done := sync.OnceFunc(joined.Done) // also if this client fails: the others wait for it
		defer done()
		c := as(connect(t, url, ""), fmt.Sprint("user", i/2))
		c.ask("join", "room")
		done()
		joined.Wait()
		for message := range messages {
			c.emit("say", fmt.Sprintf("%d.%d", i, message))
		}
		next := make(map[string]int) // sender → the number of its next message
		for range 2 * users * messages {
			sender, message, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(c.Receive(t).Text, `42["said","`), `"]`), ".")
			if message != fmt.Sprint(next[sender]) {
				t.Errorf("sender %s: received message %s, want %d", sender, message, next[sender])
				break
			}
			next[sender]++
		}
		_ = c.Close()
	})
	all := make(chan struct{})
	go func() {
		left.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-time.After(engineiotest.Deadline):
		t.Fatalf("not disconnected: %q", usersOf(t, hub))
	}
	if users := usersOf(t, hub); len(users) != 0 {
		t.Errorf("left over: %q", users)
	}
}
