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

// Users with two sockets each join, speak and vanish all at once. Nobody misses a word, and nobody is left over.
func TestCrowdsComeSpeakAndVanish(t *testing.T) {
	const users, words = 60, 10
	hub := newHub(sockets.Options{Presence: sockets.NewLocalPresence(time.Minute)})
	var gone sync.WaitGroup
	gone.Add(users)
	hub.OnLeft(func(string, string, any) { gone.Done() })
	url := serve(t, hub)

	var ready sync.WaitGroup
	ready.Add(2 * users)
	engineiotest.Together(t, 2*users, func(t testing.TB, i int) {
		arrived := sync.OnceFunc(ready.Done) // also when this one fails, or the others would wait
		defer arrived()
		c := as(connect(t, url, ""), fmt.Sprint("user", i/2))
		c.ask("join", "room")
		arrived()
		ready.Wait()
		for word := range words {
			c.emit("say", fmt.Sprintf("%d.%d", i, word))
		}
		next := make(map[string]int) // speaker → the word that comes next
		for range 2 * users * words {
			speaker, word, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(c.Receive(t).Text, `42["said","`), `"]`), ".")
			if word != fmt.Sprint(next[speaker]) {
				t.Errorf("of %s came word %s, want %d", speaker, word, next[speaker])
				break
			}
			next[speaker]++
		}
		_ = c.Close()
	})
	everybody := make(chan struct{})
	go func() {
		gone.Wait()
		close(everybody)
	}()
	select {
	case <-everybody:
	case <-time.After(engineiotest.Deadline):
		t.Fatalf("still there: %q", hub.Users("room"))
	}
	if left := hub.Users("room"); len(left) != 0 {
		t.Errorf("left over: %q", left)
	}
}
