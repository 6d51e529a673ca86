//go:build linux

package main

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// The scenarios in which people come and go, or just stay.

// campus prepares clients for a server; it refuses more than the machine's limit of open files carries.
func (r *run) campus(classes, size int, kinds ...kind) (*campus, error) {
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
	return newCampus(r.server.address(), classes, size, kinds...)
}

// fitting returns how many classes, wanted at the most, fit under the limit of open files.
func (r *run) fitting(wanted, members int) int { return min(wanted, (r.files-reservedFiles)/members) }

// reservedFiles is what a server may need besides its clients: database connections, logs, epoll sets.
const reservedFiles = 200

// churn has clients connect, identify, join, leave and go, a window of them at a time.
func churn(classes, size int) func(r *run) error {
	return func(r *run) error {
		c, err := r.campus(classes, size)
		if err != nil {
			return err
		}
		defer c.close()
		if err := c.connect(c.teachers()); err != nil {
			return err
		}
		if err := c.join(c.teachers()); err != nil {
			return err
		}
		visitors := c.students()
		// One student of every class after the other, so that few of a class are there at the same time.
		slices.SortStableFunc(visitors, func(a, b *client) int { return a.student - b.student })
		visit := func() error {
			return c.each("visit", visitors, func(client *client, finished func()) error {
				return client.connect(func() {
					client.identify(func() { client.join(func() { client.leave(func() { client.disconnect(); finished() }) }) })
				})
			})
		}
		if err := visit(); err != nil { // warms up, and puts everybody on the roster
			return err
		}
		const rounds = 2
		var total cost
		for range rounds {
			spent, err := r.measure(c, visit)
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

// vanish has all students of classes of 50 lose their connections at once. The teachers see when the server has
// understood the last of them.
func vanish(students int) func(r *run) error {
	return func(r *run) error {
		const size = 50
		c, err := r.campus(r.fitting(students/size, size+1), size)
		if err != nil {
			return err
		}
		defer c.close()
		if err := c.gather(); err != nil {
			return err
		}
		gone := c.students()
		var seen time.Duration
		var open map[string]int
		spent, err := r.measure(c, func() error {
			start := time.Now()
			for _, student := range gone {
				student.disconnect()
			}
			if err := c.until("userLeft", func() bool { return c.left >= len(gone) }); err != nil {
				return fmt.Errorf("%w (%d of %d seen to leave)", err, c.left, len(gone))
			}
			seen = time.Since(start)
			open, err = r.cleaned(c, len(c.classes))
			return err
		})
		if err != nil {
			return err
		}
		if c.left != len(gone) {
			return fmt.Errorf("%d students left, but userLeft came %d times", len(gone), c.left)
		}
		r.record("members", "", float64(len(gone)))
		r.record("all seen to leave after", "ms", micros(seen)/1000)
		r.record("all sockets closed after", "ms", micros(spent.elapsed)/1000)
		r.record("server CPU per member", "µs", micros(spent.server)/float64(len(gone)))
		r.record("sockets in CLOSE_WAIT", "", float64(open[stateCloseWait]))
		return nil
	}
}

// cleaned waits until the server's side of the connections is closed, except for as many as remain.
func (r *run) cleaned(c *campus, remain int) (open map[string]int, err error) {
	var unreadable error
	err = c.loop.until(stall, func() bool {
		open, unreadable = sockets(r.server.port)
		return unreadable != nil || open[stateEstablished] == remain && open[stateCloseWait] == 0
	})
	if errors.Is(err, errDeadline) {
		err = fmt.Errorf("the server holds %d sockets open and %d in CLOSE_WAIT; %d should be left",
			open[stateEstablished], open[stateCloseWait], remain)
	}
	return open, errors.Join(err, unreadable)
}

// idle has clients do nothing, first connected, then joined in classes of 50, and looks at memory and processor. Rest is
// how long a garbage collector has to give back what connecting took.
func idle(connections int, rest, watch time.Duration) func(r *run) error {
	return func(r *run) error {
		const size = 49 // and a teacher
		c, err := r.campus(r.fitting(connections/(size+1), size+1), size)
		if err != nil {
			return err
		}
		defer c.close()
		empty, err := r.server.memory()
		if err != nil {
			return err
		}
		everybody := append(c.teachers(), c.students()...)
		perConnection := func() (float64, error) {
			if err := c.loop.sleepUntil(time.Now().Add(rest)); err != nil {
				return 0, err
			}
			full, err := r.server.memory()
			return float64(full-empty) / 1000 / float64(len(everybody)), err
		}
		if err := c.connect(everybody); err != nil {
			return err
		}
		connected, err := perConnection()
		if err != nil {
			return err
		}
		spent, err := r.measure(c, func() error {
			if err := c.loop.sleepUntil(time.Now().Add(watch)); err != nil {
				return err
			}
			return c.failure
		})
		if err != nil {
			return err
		}
		if err := c.join(everybody); err != nil {
			return err
		}
		if err := c.settle(); err != nil {
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
