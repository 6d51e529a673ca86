package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// member is a client of a stream. It must be delivered what follows the state that it read, in order and once. What was delivered
// between its reading and its joining may be left out, unless it changes that state (isBarrier).
type member struct {
	stream string
	at     int64 // the last number that it was delivered, before the first the number at which it read the state
	joined bool  // and was not delivered anything yet
	lost   bool  // and was not delivered anything since
}

func isBarrier(seq int64) bool { return seq%4 == 0 }

// mayMiss tells whether what is above one number and below another can be left out for the member.
func (m *member) mayMiss(below int64) bool {
	if m.lost {
		return true
	}
	for seq := m.at + 1; seq < below; seq++ {
		if !m.joined || isBarrier(seq) {
			return false
		}
	}
	return true
}

func (m *member) receive(seq int64) error {
	if seq <= m.at && !m.lost || !m.mayMiss(seq) {
		return fmt.Errorf("%d of %s was delivered after %d", seq, m.stream, m.at)
	}
	m.at, m.joined, m.lost = seq, false, false
	return nil
}

// simulation runs a Reader against a fake log. A schedule of bytes decides what happens. All time is virtual.
type simulation struct {
	t        *testing.T
	log      *fakeLog
	reader   *Reader
	schedule []byte
	all      sync.WaitGroup

	mu      sync.Mutex
	members []*member
	losses  map[Reason]int
}

// decide returns a number below n.
func (s *simulation) decide(n int) int {
	if len(s.schedule) == 0 {
		return 0
	}
	decision := int(s.schedule[0]) % n
	s.schedule = s.schedule[1:]
	return decision
}

func (s *simulation) duration(most time.Duration) time.Duration {
	return most * time.Duration(s.decide(256)) / 255
}

func (s *simulation) stream() string { return fmt.Sprint("stream ", s.decide(3)) }

func (s *simulation) deliver(stream string, events []Event) (barrier bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, event := range events {
		if event.Stream != stream || string(event.Body) != fmt.Sprint(stream, event.Seq) {
			s.t.Errorf("%s was delivered %v", stream, event)
		}
		barrier = barrier || isBarrier(event.Seq)
		for _, m := range s.members {
			if m.stream != stream {
				continue
			}
			if err := m.receive(event.Seq); err != nil {
				s.t.Error(err)
			}
		}
	}
	return barrier
}

func (s *simulation) lose(stream string, reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.losses[reason]++
	for _, m := range s.members {
		if m.stream == stream {
			m.lost = true
		}
	}
}

// write commits events, now or later, or never. Another process writes them, or this one.
func (s *simulation) write() {
	events, ok := s.log.begin(s.stream(), 1+s.decide(3))
	if !ok {
		return
	}
	var delay time.Duration
	if s.decide(8) == 0 {
		delay = s.duration(6 * time.Second)
	}
	own, undone := s.decide(2) == 0, s.decide(8) == 0
	notifications := make([]time.Duration, s.decide(3))
	for i := range notifications {
		notifications[i] = s.duration(80 * time.Millisecond)
	}
	s.all.Go(func() {
		time.Sleep(delay)
		if undone {
			s.log.rollBack(events[0].Stream)
			return
		}
		s.log.commit(events)
		if own {
			s.reader.Receive(events)
		}
		for _, wait := range notifications {
			s.all.Go(func() {
				time.Sleep(wait)
				s.reader.Receive(events)
			})
		}
	})
}

// join adds a member to a stream, whose state it reads some time before.
func (s *simulation) join() {
	stream, wait := s.stream(), s.duration(30*time.Millisecond)
	s.all.Go(func() {
		for {
			seq := s.log.newest(stream)
			time.Sleep(wait)
			err := s.reader.Join(s.t.Context(), stream, seq, func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.members = append(s.members, &member{stream: stream, at: seq, joined: true})
			})
			if err == nil || errors.Is(err, errBroken) {
				return
			}
			if !errors.Is(err, ErrStale) {
				s.t.Error(err)
				return
			}
			wait = 0
		}
	})
}

func (s *simulation) leave() {
	s.mu.Lock()
	if len(s.members) == 0 {
		s.mu.Unlock()
		return
	}
	i := s.decide(len(s.members))
	stream := s.members[i].stream
	s.members = slices.Delete(s.members, i, i+1)
	s.mu.Unlock()
	s.reader.Leave(stream)
}

// breakDatabase makes every statement fail, or makes them slow.
func (s *simulation) breakDatabase() {
	s.log.mu.Lock()
	s.log.broken, s.log.delay = s.decide(2) == 0, s.duration(10*time.Millisecond)
	s.log.mu.Unlock()
}

func (s *simulation) repairDatabase() {
	s.log.mu.Lock()
	s.log.broken, s.log.delay = false, 0
	s.log.mu.Unlock()
}

// step does one thing that the schedule decides.
func (s *simulation) step(pruning bool) {
	switch s.decide(16) {
	case 0, 1:
		s.join()
	case 2:
		s.leave()
	case 3:
		s.breakDatabase()
	case 4, 5:
		s.repairDatabase()
	case 6:
		if pruning {
			s.log.prune(s.stream(), int64(s.decide(40)))
		}
	case 7:
		time.Sleep(s.duration(3 * time.Second))
	case 8:
		time.Sleep(s.duration(10 * time.Millisecond))
	default:
		s.write()
	}
}

// simulate runs a schedule and then waits until the reader must have delivered everything.
func simulate(t *testing.T, schedule []byte) (losses map[Reason]int) {
	s := &simulation{t: t, log: newFakeLog(), schedule: schedule, losses: make(map[Reason]int)}
	s.reader = NewReader(s.log, Options{Deliver: s.deliver, Lost: s.lose, Logger: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.reader.Run(ctx) })
	pruning := s.decide(4) == 3
	for len(s.schedule) > 0 {
		s.step(pruning)
	}
	s.repairDatabase()
	s.all.Wait()
	time.Sleep(2 * reconcileInterval)
	synctest.Wait()

	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.members {
		if newest := s.log.newest(m.stream); !m.mayMiss(newest + 1) {
			t.Errorf("a member of %s was delivered up to %d of %d", m.stream, m.at, newest)
		}
	}
	if !pruning && len(s.losses) > 0 || s.losses[WentBack] > 0 {
		t.Errorf("history was lost: %v", s.losses)
	}
	cancel()
	running.Wait()
	return s.losses
}

func TestReaderDeliversLogHistoryWhateverIsLost(t *testing.T) {
	pruned := 0
	for seed := range uint64(400) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			schedule := make([]byte, 100+random.IntN(1500))
			for i := range schedule {
				schedule[i] = byte(random.Uint32())
			}
			synctest.Test(t, func(t *testing.T) { pruned += simulate(t, schedule)[Pruned] })
		})
	}
	if pruned == 0 {
		t.Error("no schedule pruned events that were still to be read")
	}
}

func FuzzReaderHistory(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0c\x09\x09\x09"))
	f.Fuzz(func(t *testing.T, schedule []byte) {
		if len(schedule) > 4000 {
			t.Skip()
		}
		synctest.Test(t, func(t *testing.T) { simulate(t, schedule) })
	})
}
