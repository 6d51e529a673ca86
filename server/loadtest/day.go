//go:build linux

package main

import (
	"fmt"
	"slices"
	"time"
)

// schoolDay is a morning with clients of all sorts, seven of ten on the current protocol over WebSocket. A tenth of the
// students correct themselves during trickle.
func schoolDay(classes, size int, trickle time.Duration) func(r *run) error {
	return func(r *run) error { return r.schoolDay(classes, size, trickle) }
}

func (r *run) schoolDay(classes, size int, trickle time.Duration) error {
	c, err := r.campus(classes, size, modern, modern, modern, modern, modern, modern, modern, overPolling, old, oldPolling)
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
			return marking("a tenth correct themselves", func() error {
				return c.allAtOnce(slices.Clone(students[:len(students)/10]), trickle)
			})
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

// wifiLoss drops clients at once and has them come back as a frontend does: identify and join.
func (c *campus) wifiLoss(clients []*client) error {
	for _, client := range clients {
		client.disconnect()
	}
	if err := c.connect(clients); err != nil {
		return err
	}
	return c.join(clients)
}

// endAll has every teacher end the lecture and waits until everybody has heard of it.
func (c *campus) endAll() error {
	expected := c.ended
	for _, class := range c.classes {
		expected += len(class.students) + 1
	}
	err := c.each("end", c.teachers(), func(teacher *client, finished func()) error {
		teacher.emit("endAttendance", fmt.Sprintf(`{"classId":"%s","teacherId":"%s","sessionType":"lecture"}`,
			teacher.class.id, teacher.user), c.confirmed(teacher, finished))
		return nil
	})
	if err != nil {
		return err
	}
	return c.until("attendanceEnded", func() bool { return c.ended >= expected })
}
