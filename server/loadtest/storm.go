//go:build linux

package main

import "time"

// storm has the students of classes of 50, whose teachers are there already, connect, identify and join, spread evenly over some time.
// It measures the server's memory at the moment when the last one has joined.
func storm(connections int, over time.Duration) func(r *run) error {
	return func(r *run) error {
		const size = 49 // and a teacher
		l, err := r.loadWithTeachers(r.fitting(connections/(size+1), size+1), size)
		if err != nil {
			return err
		}
		defer l.close()
		empty, err := r.server.memory()
		if err != nil {
			return err
		}
		clients := l.students()
		var full int64
		spent, err := r.measure(l, func() error {
			if err := l.joinWithin(clients, over); err != nil {
				return err
			}
			full, err = r.server.memory()
			return err
		})
		if err != nil {
			return err
		}
		r.record("connections", "", float64(len(clients)))
		r.record("all joined after", "ms", micros(spent.elapsed)/1000)
		r.record("memory per connection", "kB", float64(full-empty)/1000/float64(len(clients)))
		r.record("server CPU per connection", "µs", micros(spent.server)/float64(len(clients)))
		return nil
	}
}

// joinWithin connects, identifies and joins the clients in order, spread evenly over the given time.
func (l *load) joinWithin(clients []*client, over time.Duration) error {
	start, joined := time.Now(), 0
	for i, client := range clients {
		if err := l.loop.sleepUntil(start.Add(over * time.Duration(i) / time.Duration(len(clients)))); err != nil {
			return err
		}
		finished := func() { joined++; l.progress++ }
		if err := client.connect(func() { client.identify(func() { client.join(finished) }) }); err != nil {
			return err
		}
	}
	return l.until("join", func() bool { return joined == len(clients) })
}
