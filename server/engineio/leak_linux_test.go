package engineio_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

func descriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestAbruptDisconnectsLeakNothing(t *testing.T) {
	const rounds, atATime = 1050, 20 // each of the 210 kinds of rounds five times
	s := serve(t, engineio.Options{}, nil)
	round := func(t testing.TB, i int) {
		revision := 3 + i%2
		if i%10 == 0 {
			client := engineiotest.NewHTTPClient(t)
			defer client.CloseIdleConnections()
			session := engineiotest.Open(t, client, s.url, revision)
			join(t, session, revision)
			session.StartGet(t).Cancel(t)
			return
		}
		socket, err := engineiotest.TryDial(s.url + map[int]string{3: "?EIO=3&transport=websocket", 4: "?EIO=4&transport=websocket"}[revision])
		if err != nil {
			t.Fatal(err)
		}
		if i%3 > 0 {
			socket.Send(t, "40")
		}
		if i%3 > 1 && revision == 4 {
			socket.ExpectPrefix(t, "0{")
			socket.ExpectPrefix(t, "40{")
		}
		if i%7 == 0 {
			_ = socket.Close()
		} else {
			reset(t, socket)
		}
	}
	round(t, 0) // what is made once is there before anything is counted
	round(t, 1)
	s.expectSessions(t, 0)
	engineiotest.EventuallyEqual(t, "connections", 0, func() int { return int(s.open.Load()) })
	runtime.GC()
	goroutines, files := runtime.NumGoroutine(), descriptors(t)

	engineiotest.Together(t, atATime, func(t testing.TB, i int) {
		for n := i; n < rounds; n += atATime {
			round(t, n)
		}
	})
	s.expectSessions(t, 0)
	engineiotest.EventuallyEqual(t, "goroutines", goroutines, runtime.NumGoroutine)
	// There may be fewer: those that an earlier test left to the garbage collector.
	engineiotest.EventuallyEqual(t, "descriptors more than before", 0, func() int { return max(0, descriptors(t)-files) })
}
