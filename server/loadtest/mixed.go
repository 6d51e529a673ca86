//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"
)

// mixed has clients of all kinds join, mark, lose the connection and end, seven of ten on the current protocol over WebSocket. A tenth
// of the students mark again during trickle.
func mixed(classes, size int, trickle time.Duration) func(r *run) error {
	return func(r *run) error { return r.mixed(classes, size, trickle) }
}

func (r *run) mixed(classes, size int, trickle time.Duration) error {
	l, err := r.load(classes, size, modern, modern, modern, modern, modern, modern, modern, overPolling, old, oldPolling)
	if err != nil {
		return err
	}
	defer l.close()
	students := l.students()
	var total cost
	phase := func(name string, work func() error) error {
		spent, err := r.measure(l, work)
		total.add(spent)
		r.record(name+": took", "ms", micros(spent.elapsed)/1000)
		r.record(name+": server CPU", "ms", micros(spent.server)/1000)
		return err
	}
	deliveries, marks := 0, 0
	marking := func(name string, work func() error) error {
		l.latency = histogram{}
		err := phase(name, work)
		deliveries += l.expected
		marks += l.sent
		r.record(name+": delivery p99", "ms", micros(l.latency.quantile(0.99))/1000)
		return err
	}
	steps := []func() error{
		func() error { return phase("all join", l.joinAll) },
		func() error { return phase("teachers open", l.openAll) },
		func() error {
			return marking("all mark within a second", func() error { return l.allAtOnce(slices.Clone(students), time.Second) })
		},
		func() error {
			return marking("a tenth mark again", func() error {
				return l.allAtOnce(slices.Clone(students[:len(students)/10]), trickle)
			})
		},
		func() error {
			return phase("half lose the connection and return", func() error { return l.reconnect(students[:len(students)/2]) })
		},
		func() error {
			return marking("all mark again at once", func() error { return l.allAtOnce(slices.Clone(students), 0) })
		},
		func() error { return phase("teachers end", l.endAll) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	r.record("in total: server CPU", "ms", micros(total.server)/1000)
	r.record("in total: database CPU", "ms", micros(total.database)/1000)
	r.record("in total: deliveries", "", float64(deliveries))
	r.record("generator's share of a core", "%", 100*total.generator.Seconds()/total.elapsed.Seconds())
	return l.faultless()
}

// reconnect drops all connections at once and has the clients return as a frontend does: identify and join.
func (l *load) reconnect(clients []*client) error {
	for _, client := range clients {
		client.disconnect()
	}
	if err := l.connect(clients); err != nil {
		return err
	}
	return l.join(clients)
}

// endAll has every teacher end the lecture and waits until every member has attendanceEnded.
func (l *load) endAll() error {
	expected := l.ended
	for _, class := range l.classes {
		expected += len(class.students) + 1
	}
	err := l.each("end", l.teachers(), func(teacher *client, finished func()) error {
		teacher.emit("endAttendance", fmt.Sprintf(`{"classId":"%s","teacherId":"%s","sessionType":"lecture"}`,
			teacher.class.id, teacher.user), l.confirmed(teacher, finished))
		return nil
	})
	if err != nil {
		return err
	}
	return l.until("attendanceEnded", func() bool { return l.ended >= expected })
}
