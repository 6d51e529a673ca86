//go:build linux

package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The scenarios in which clients connect, disconnect or stay idle.

// load makes the clients of a run. It refuses more than the limit of open files allows.
func (r *run) load(classes, size int, kinds ...kind) (*load, error) {
	if len(kinds) == 0 {
		kinds = []kind{modern}
	}
	connections := 0
	for i := range size {
		connections += classes
		if kinds[i%len(kinds)].polling {
			connections += classes // a second one, for posting
		}
	}
	if connections += classes; connections > r.files-reservedFiles {
		return nil, fmt.Errorf("%d connections do not fit under the limit of %d open files", connections, r.files)
	}
	return newLoad(r.addresses(), classes, size, kinds...)
}

// fitting returns how many classes fit under the limit of open files, at most wanted.
func (r *run) fitting(wanted, members int) int { return min(wanted, (r.files-reservedFiles)/members) }

// reservedFiles is how many files a server may need besides its clients: database connections, logs, epoll sets.
const reservedFiles = 200

// loadWithTeachers returns a load whose teachers are connected and in their classes. The caller closes it.
func (r *run) loadWithTeachers(classes, size int) (*load, error) {
	l, err := r.load(classes, size)
	if err != nil {
		return nil, err
	}
	if err = l.connect(l.teachers()); err == nil {
		err = l.join(l.teachers())
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// churn has clients connect, identify, join, leave and go, a window of them at a time.
func churn(classes, size int) func(r *run) error {
	return func(r *run) error {
		l, err := r.loadWithTeachers(classes, size)
		if err != nil {
			return err
		}
		defer l.close()
		visitors := l.students()
		// One student of every class after the other, so that few of a class are there at the same time.
		slices.SortStableFunc(visitors, func(a, b *client) int { return a.student - b.student })
		visit := func() error {
			return l.each("visit", visitors, func(client *client, finished func()) error {
				return client.connect(func() {
					client.identify(func() { client.join(func() { client.leave(func() { client.disconnect(); finished() }) }) })
				})
			})
		}
		if err := visit(); err != nil { // warms up, and puts all students on the roster
			return err
		}
		const rounds = 2
		var total cost
		for range rounds {
			spent, err := r.measure(l, visit)
			if err != nil {
				return err
			}
			total.add(spent)
		}
		visits := float64(rounds * len(visitors))
		r.record("server CPU per visit", "µs", micros(total.server)/visits)
		r.record("database CPU per visit", "µs", micros(total.database)/visits)
		r.record("visits per second", "1/s", visits/total.elapsed.Seconds())
		r.record("generator's share of a core", "%", 100*total.generator.Seconds()/total.elapsed.Seconds())
		return nil
	}
}

// disconnect has all students of classes of 50 lose their connections at once. The teachers receive userLeft for each.
func disconnect(students int) func(r *run) error {
	return func(r *run) error {
		const size = 50
		l, err := r.load(r.fitting(students/size, size+1), size)
		if err != nil {
			return err
		}
		defer l.close()
		if err := l.joinAll(); err != nil {
			return err
		}
		gone := l.students()
		var seen time.Duration
		var open map[string]int
		spent, err := r.measure(l, func() error {
			start := time.Now()
			for _, student := range gone {
				student.disconnect()
			}
			if err := l.until("userLeft", func() bool { return l.left >= len(gone) }); err != nil {
				return fmt.Errorf("%w (%d of %d seen to leave)", err, l.left, len(gone))
			}
			seen = time.Since(start)
			open, err = r.awaitClosed(l, len(l.classes))
			return err
		})
		if err != nil {
			return err
		}
		if l.left != len(gone) {
			return fmt.Errorf("%d students left, but userLeft came %d times", len(gone), l.left)
		}
		r.record("members", "", float64(len(gone)))
		r.record("all seen to leave after", "ms", micros(seen)/1000)
		r.record("all sockets closed after", "ms", micros(spent.elapsed)/1000)
		r.record("server CPU per member", "µs", micros(spent.server)/float64(len(gone)))
		r.record("sockets in CLOSE_WAIT", "", float64(open[stateCloseWait]))
		return nil
	}
}

// awaitClosed waits until the server's side of the connections is closed, except for as many as remain.
func (r *run) awaitClosed(l *load, remain int) (open map[string]int, err error) {
	var unreadable error
	err = l.loop.until(stall, func() bool {
		open, unreadable = sockets(r.server.port)
		return unreadable != nil || open[stateEstablished] == remain && open[stateCloseWait] == 0
	})
	if errors.Is(err, errDeadline) {
		err = fmt.Errorf("the server holds %d sockets open and %d in CLOSE_WAIT; %d should be left",
			open[stateEstablished], open[stateCloseWait], remain)
	}
	return open, errors.Join(err, unreadable)
}

// idle measures memory and CPU of clients that do nothing, first connected, then joined in classes of 50. Rest is how long the
// garbage collector has to return what connecting took.
func idle(connections int, rest, watch time.Duration) func(r *run) error {
	return func(r *run) error {
		const size = 49 // and a teacher
		l, err := r.load(r.fitting(connections/(size+1), size+1), size)
		if err != nil {
			return err
		}
		defer l.close()
		empty, err := r.server.memory()
		if err != nil {
			return err
		}
		everybody := append(l.teachers(), l.students()...)
		perConnection := func() (float64, error) {
			if err := l.loop.sleepUntil(time.Now().Add(rest)); err != nil {
				return 0, err
			}
			full, err := r.server.memory()
			return float64(full-empty) / 1000 / float64(len(everybody)), err
		}
		if err := l.connect(everybody); err != nil {
			return err
		}
		connected, err := perConnection()
		if err != nil {
			return err
		}
		spent, err := r.measure(l, func() error {
			if err := l.loop.sleepUntil(time.Now().Add(watch)); err != nil {
				return err
			}
			return l.failure
		})
		if err != nil {
			return err
		}
		if err := l.join(everybody); err != nil {
			return err
		}
		if err := l.awaitJoins(); err != nil {
			return err
		}
		joined, err := perConnection()
		if err != nil {
			return err
		}
		r.record("connections", "", float64(len(everybody)))
		r.record("memory per connection", "kB", connected)
		r.record("memory per connection, joined", "kB", joined)
		r.record("idle CPU", "% of a core", 100*spent.server.Seconds()/(spent.elapsed+settling).Seconds())
		return nil
	}
}
