//go:build linux

package main

import (
	"math/rand/v2"
	"time"
)

// The scenarios in which students mark themselves and everybody in the class hears of it.

// oneByOne has one student after the other mark; the next one waits until everybody has the update. All of it is done twice and the
// second time is measured, so that in many classes too everybody has marked before, as in one class the few have again and again.
func oneByOne(classes, size, marks int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		c, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer c.close()
		if _, err := c.singly(marks); err != nil {
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

// rest is how long a server is left alone after so many have joined: collecting the garbage of that is no part of what marks cost.
func rest(clients int) time.Duration {
	return min(time.Duration(clients)*5*time.Millisecond, 5*time.Second)
}

// opened returns a campus whose classes are gathered and have rested, and whose attendance is open.
func opened(r *run, classes, size int, kinds ...kind) (*campus, error) {
	c, err := r.campus(classes, size, kinds...)
	if err != nil {
		return nil, err
	}
	if err = c.gather(); err == nil {
		err = c.loop.sleepUntil(time.Now().Add(rest(classes * size)))
	}
	if err == nil {
		err = c.openAll()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}
