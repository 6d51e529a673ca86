//go:build linux

package main

import (
	"math/rand/v2"
	"time"
)

// The scenarios in which students mark themselves and every member of the class receives it.

// oneByOne has one student after the other mark. The next one waits until every member has the update. All of it is done twice and the
// second time is measured: in many classes, too, every student has marked before.
func oneByOne(classes, size, marks int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		l, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer l.close()
		if _, err := l.singly(marks); err != nil {
			return err
		}
		l.latency, l.between = histogram{}, histogram{}
		deliveries := 0
		total, err := r.measure(l, func() error {
			deliveries, err = l.singly(marks)
			return err
		})
		if err != nil {
			return err
		}
		return r.recordDeliveries(l, total, marks, deliveries)
	}
}

// singly marks for as many students as wanted, going round the classes, and returns the number of deliveries.
func (l *load) singly(marks int) (deliveries int, err error) {
	size := len(l.classes[0].students)
	for i := range marks {
		n := i % (len(l.classes) * size)
		if n == 0 {
			l.beginRound()
		}
		before := l.expected
		l.classes[n%len(l.classes)].students[n/len(l.classes)].mark()
		if err := l.complete(); err != nil {
			return 0, err
		}
		deliveries += l.expected - before
	}
	return deliveries, nil
}

// burst has all students mark, in random order, spread evenly over some time; and that several times over.
func burst(classes, size int, over time.Duration, rounds int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		l, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer l.close()
		return r.bursts(l, over, rounds)
	}
}

// burstWithRules is burst in an instant, in sessions whose marks carry a code.
func burstWithRules(classes, size, rounds int, kinds ...kind) func(r *run) error {
	return func(r *run) error {
		l, err := opened(r, classes, size, kinds...)
		if err != nil {
			return err
		}
		defer l.close()
		if err := l.startAll(`,"proof":"code","lateAfter":600`); err != nil {
			return err
		}
		l.proof = true
		return r.bursts(l, 0, rounds)
	}
}

func (r *run) bursts(l *load, over time.Duration, rounds int) error {
	order := l.students()
	if err := l.fetchCodes(); err != nil {
		return err
	}
	if err := l.allAtOnce(order, 0); err != nil { // warms up
		return err
	}
	l.latency, l.between = histogram{}, histogram{}
	var total cost
	for range rounds {
		if err := l.fetchCodes(); err != nil {
			return err
		}
		spent, err := r.measure(l, func() error { return l.allAtOnce(order, over) })
		if err != nil {
			return err
		}
		total.add(spent)
	}
	return r.recordDeliveries(l, total, rounds*len(order), rounds*l.expected)
}

// allAtOnce has the students mark in random order within the given time and waits for the last delivery.
func (l *load) allAtOnce(order []*client, over time.Duration) error {
	random := rand.New(rand.NewPCG(uint64(l.round), 7))
	random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	l.beginRound()
	start := time.Now()
	for i, student := range order {
		if err := l.loop.sleepUntil(start.Add(over * time.Duration(i) / time.Duration(len(order)))); err != nil {
			return err
		}
		student.mark()
	}
	return l.complete()
}

// rest is how long a server is idle after so many clients have joined, so that their garbage is not counted as a cost of marks.
func rest(clients int) time.Duration {
	return min(time.Duration(clients)*5*time.Millisecond, 5*time.Second)
}

// opened returns a load whose clients have joined, after a rest, and whose attendance is open.
func opened(r *run, classes, size int, kinds ...kind) (*load, error) {
	l, err := r.load(classes, size, kinds...)
	if err != nil {
		return nil, err
	}
	if err = l.joinAll(); err == nil {
		err = l.loop.sleepUntil(time.Now().Add(rest(classes * size)))
	}
	if err == nil {
		err = l.openAll()
	}
	if err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}
