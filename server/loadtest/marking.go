//go:build linux

package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The scenarios in which students mark themselves and everybody in the class hears of it.

const warmUpMarks = 50

// oneByOne has one student after the other mark; the next one waits until everybody has the update.
func oneByOne(classes, size, marks int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		c, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer c.close()
		if _, err := c.singly(min(warmUpMarks, marks)); err != nil {
			return err
		}
		c.latency = histogram{}
		deliveries := 0
		total, err := r.measure(c, func() error {
			deliveries, err = c.singly(marks)
			return err
		})
		if err != nil {
			return err
		}
		return r.recordDeliveries(c, total, marks, deliveries)
	}
}

// singly marks for as many students as wanted, going round the classes, and returns the number of deliveries.
func (c *campus) singly(marks int) (deliveries int, err error) {
	size := len(c.classes[0].students)
	for i := range marks {
		turn := i % (len(c.classes) * size)
		if turn == 0 {
			c.beginRound()
		}
		before := c.expected
		c.classes[turn%len(c.classes)].students[turn/len(c.classes)].mark()
		if err := c.complete(); err != nil {
			return 0, err
		}
		deliveries += c.expected - before
	}
	return deliveries, nil
}

// burst has all students mark, in random order, spread evenly over some time; and that several times over.
func burst(classes, size int, over time.Duration, rounds int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		c, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer c.close()
		order := c.students()
		if err := c.allAtOnce(order, 0); err != nil { // warms up
			return err
		}
		c.latency = histogram{}
		var total cost
		for range rounds {
			spent, err := r.measure(c, func() error { return c.allAtOnce(order, over) })
			if err != nil {
				return err
			}
			total.add(spent)
		}
		return r.recordDeliveries(c, total, rounds*len(order), rounds*c.expected)
	}
}

// allAtOnce has everybody in order mark within the given time and waits for the last delivery.
func (c *campus) allAtOnce(order []*client, over time.Duration) error {
	random := rand.New(rand.NewPCG(uint64(c.round), 7))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	c.beginRound()
	start := time.Now()
	for i, student := range order {
		if err := c.loop.sleepUntil(start.Add(over * time.Duration(i) / time.Duration(len(order)))); err != nil {
			return err
		}
		student.mark()
	}
	return c.complete()
}

// opened returns a campus whose classes are gathered and whose attendance is open.
func opened(r *run, classes, size int, kinds ...kind) (*campus, error) {
	c, err := r.campus(classes, size, kinds...)
	if err != nil {
		return nil, err
	}
	if err = c.gather(); err == nil {
		err = c.openAll()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// schoolDay is a morning of 40 classes of 50 students with clients of all sorts.
func schoolDay(r *run) error {
	const classes, size = 40, 50
	web, poll, old := kind{revision: 4}, kind{revision: 4, polling: true}, kind{revision: 3}
	c, err := r.campus(classes, size, web, web, web, web, web, web, web, poll, old, kind{revision: 3, polling: true})
	if err != nil {
		return err
	}
	defer c.close()
	students := c.students()
	var total cost
	phase := func(name string, work func() error) error {
		spent, err := r.measure(c, work)
		total.add(spent)
		r.record(name+": took", "ms", micros(spent.elapsed)/1000)
		r.record(name+": server CPU", "ms", micros(spent.server)/1000)
		return err
	}
	deliveries, marks := 0, 0
	marking := func(name string, work func() error) error {
		c.latency = histogram{}
		err := phase(name, work)
		deliveries += c.expected
		marks += c.sent
		r.record(name+": delivery p99", "ms", micros(c.latency.quantile(0.99))/1000)
		return err
	}
	steps := []func() error{
		func() error { return phase("joins before the hour", c.gather) },
		func() error { return phase("teachers open", c.openAll) },
		func() error {
			return marking("all mark within a second", func() error { return c.allAtOnce(slices.Clone(students), time.Second) })
		},
		func() error {
			return marking("200 correct themselves in 4 s", func() error { return c.allAtOnce(slices.Clone(students[:200]), 4*time.Second) })
		},
		func() error {
			return phase("Wi-Fi lost by half, all back", func() error { return c.wifiLoss(students[:len(students)/2]) })
		},
		func() error {
			return marking("all mark again at once", func() error { return c.allAtOnce(slices.Clone(students), 0) })
		},
		func() error { return phase("teachers end", c.endAll) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	r.record("whole day: server CPU", "ms", micros(total.server)/1000)
	r.record("whole day: database CPU", "ms", micros(total.database)/1000)
	r.record("whole day: marks delivered", "", float64(deliveries))
	r.record("generator's share of a core", "%", 100*total.generator.Seconds()/total.elapsed.Seconds())
	return c.faultless()
}
