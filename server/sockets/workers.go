package sockets

import "sync/atomic"

// maxIdleWorkers is how many workers wait for a job. More exist only while they have one.
const maxIdleWorkers = 16

// workers run handlers in goroutines whose stacks have grown already. Otherwise the goroutine of each connection would grow a stack of
// 16 kB for its first event, and keep it until garbage has been collected twice (docs/performance.md, "Memory").
type workers struct {
	jobs chan *job
	idle atomic.Int32
	stop <-chan struct{}
}

type job struct {
	do    func()
	fault any           // what do has panicked with
	done  chan struct{} // closed when do has returned or panicked
}

// newWorkers returns workers that end when stop is closed, and when they have done their jobs.
func newWorkers(stop <-chan struct{}) *workers { return &workers{jobs: make(chan *job), stop: stop} }

// run calls do in a worker and returns when do has returned. If do panics, run panics with the same.
func (w *workers) run(do func()) {
	j := &job{do: do, done: make(chan struct{})}
	select {
	case w.jobs <- j:
	default: // none is idle
		go w.work(j)
	}
	<-j.done
	if j.fault != nil {
		panic(j.fault)
	}
}

// work does a job and then others. It returns when enough workers are idle, or when the hub stops.
func (w *workers) work(j *job) {
	for {
		j.run()
		if w.idle.Add(1) > maxIdleWorkers {
			w.idle.Add(-1)
			return
		}
		select {
		case j = <-w.jobs:
			w.idle.Add(-1)
		case <-w.stop:
			return
		}
	}
}

func (j *job) run() {
	defer close(j.done)
	defer func() { j.fault = recover() }()
	j.do()
}
