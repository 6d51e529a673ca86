package sockets

import (
	"sync"
	"testing"
	"testing/synctest"
)

func TestWorkersRunAllJobsAndKeepFewIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		w := newWorkers(stop)
		const jobs = 3 * maxIdleWorkers
		release := make(chan struct{})
		var all sync.WaitGroup
		var mu sync.Mutex
		running := 0
		for range jobs {
			all.Go(func() {
				w.run(func() {
					mu.Lock()
					running++
					mu.Unlock()
					<-release
				})
			})
		}
		synctest.Wait()
		if running != jobs {
			t.Errorf("%d jobs run at a time, want %d: one that waits must not delay another", running, jobs)
		}
		close(release)
		all.Wait()
		synctest.Wait()
		if idle := w.idle.Load(); idle != maxIdleWorkers {
			t.Errorf("%d workers are idle, want %d", idle, maxIdleWorkers)
		}
		w.run(func() {})
		synctest.Wait()
		if idle := w.idle.Load(); idle != maxIdleWorkers {
			t.Errorf("%d workers are idle after another job, want %d", idle, maxIdleWorkers)
		}
		close(stop)
		synctest.Wait() // Test fails if a worker does not end
	})
}

func TestWorkersPanicReachesCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		w := newWorkers(stop)
		defer close(stop)
		defer func() {
			if fault := recover(); fault != "fault" {
				t.Errorf("recovered %v", fault)
			}
			returned := false
			if w.run(func() { returned = true }); !returned {
				t.Error("no worker after a panic")
			}
		}()
		w.run(func() { panic("fault") })
	})
}
