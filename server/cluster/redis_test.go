package cluster

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// pair is two processes with one log. The first commits, and the second has a member of stream "a".
type pair struct {
	t         *testing.T
	log       *fakeLog // the database of both
	committer *Reader
	delivered chan int64  // to the member
	received  chan string // what others published, by Listen
	next      int64
}

// deadline is far longer than anything here takes.
const deadline = 20 * time.Second

// startPair has both processes use the Redis of an address.
func startPair(t *testing.T, address string) *pair {
	t.Helper()
	p := &pair{t: t, log: newFakeLog(), delivered: make(chan int64, 10_000), received: make(chan string, 10)}
	p.committer = p.startReader(address, func(string, []Event) bool { return false })
	follower := p.startReader(address, func(_ string, events []Event) bool {
		for _, event := range events {
			p.delivered <- event.Seq
		}
		return false
	})
	if err := follower.Join(t.Context(), "a", 0, func() {}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pair) startReader(address string, deliver func(string, []Event) bool) *Reader {
	p.t.Helper()
	logger := slog.New(slog.DiscardHandler)
	redis, err := NewRedis(address, "test:", logger)
	if err != nil {
		p.t.Fatal(err)
	}
	redis.Listen(func(channel, message string) { p.received <- channel + " " + message }, "others#*")
	reader := NewReader(p.log, Options{
		Deliver: deliver, Lost: func(stream string, reason Reason) { p.t.Errorf("%s: %s", stream, reason) }, Redis: redis, Logger: logger,
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { reader.Run(ctx) })
	p.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return reader
}

// commit commits an event, and waits until it was delivered, as the only one.
func (p *pair) commit() {
	p.t.Helper()
	p.committer.Commit(p.log.write("a", 1))
	p.next++
	select {
	case seq := <-p.delivered:
		if seq != p.next {
			p.t.Fatalf("%d was delivered instead of %d", seq, p.next)
		}
	case <-time.After(deadline):
		p.t.Fatalf("%d was not delivered", p.next)
	}
}

// notified waits until a commit is delivered through Redis alone.
func (p *pair) notified() {
	p.t.Helper()
	for end := time.Now().Add(deadline); ; {
		p.log.setBroken(true)
		p.committer.Commit(p.log.write("a", 1))
		p.next++
		var seq int64
		select {
		case seq = <-p.delivered:
		case <-time.After(100 * time.Millisecond): // Redis is not back yet: let polling find it
		}
		p.log.setBroken(false)
		if seq == p.next {
			return
		}
		if seq != 0 || time.Now().After(end) {
			p.t.Fatalf("%d was delivered instead of %d", seq, p.next)
		}
		if seq = <-p.delivered; seq != p.next {
			p.t.Fatalf("%d was delivered instead of %d", seq, p.next)
		}
	}
}

// receives has another program publish something, and waits until a listener got it.
func (p *pair) receives(server *redisServer) {
	p.t.Helper()
	server.must("PUBLISH others#a text")
	select {
	case received := <-p.received:
		if received != "others#a text" {
			p.t.Errorf("received %q", received)
		}
	case <-time.After(deadline):
		p.t.Error("nothing was received")
	}
}

// TestRedisFaultChangesOnlyLatency has a line for each thing that can happen to Redis. During and after it every commit is delivered once
// and in order, and in the end Redis notifies again.
func TestRedisFaultChangesOnlyLatency(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault func(s *redisServer)
		heal  func(s *redisServer)
	}{
		{"nothing", func(*redisServer) {}, func(*redisServer) {}},
		{"killed and started again", (*redisServer).kill, (*redisServer).start},
		{"paused", func(s *redisServer) { s.signal(syscall.SIGSTOP) }, func(s *redisServer) { s.signal(syscall.SIGCONT) }},
		{"full", (*redisServer).fill, func(*redisServer) {}},
		{"flushed", func(s *redisServer) { s.must("FLUSHALL") }, func(*redisServer) {}},
		{"connections killed", func(s *redisServer) { s.must("CLIENT KILL TYPE pubsub") }, func(*redisServer) {}},
		{"restarted", func(s *redisServer) { s.kill(); s.start() }, func(*redisServer) {}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := startRedis(t)
			p := startPair(t, server.url())
			p.notified()
			test.fault(server)
			for range 20 {
				p.commit()
			}
			test.heal(server)
			p.notified()
			p.receives(server)
		})
	}
}

func TestRedisThatIsAwayAtStartIsUsedLater(t *testing.T) {
	server := startRedis(t)
	server.kill()
	p := startPair(t, server.url())
	p.commit()
	server.start()
	p.notified()
}

func TestRedisWithWrongPasswordIsNotUsed(t *testing.T) {
	server := startRedis(t)
	p := startPair(t, strings.Replace(server.url(), redisPassword, "wrong", 1))
	p.commit()
	if p.committer.options.Redis.Working() {
		t.Error("Redis is said to work")
	}
}

func TestRedisAddressErrorHidesPassword(t *testing.T) {
	for _, address := range []string{"redis://:secret@host:port", "http://:secret@host", "redis://:secret@host/x", "redis://:secret@host?dial_timeout=x"} {
		if _, err := NewRedis(address, "", nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestRedisLeavesNoGoroutines(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("run", func(t *testing.T) {
		p := startPair(t, startRedis(t).url())
		p.notified()
	})
	goleak.VerifyNone(t, before)
}

func FuzzDecodeNotification(f *testing.F) {
	for _, message := range []string{"1 body", "12 ", "0 x", "-1 x", "1", " ", "9223372036854775808 x"} {
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message string) {
		event, err := decodeNotification("a", message)
		if err != nil {
			return
		}
		again, err := decodeNotification("a", encodeNotification(event))
		if err != nil || again.Seq != event.Seq || string(again.Body) != string(event.Body) || event.Seq < 1 {
			t.Errorf("%q was read as %v, and again as %v, %v", message, event, again, err)
		}
	})
}
