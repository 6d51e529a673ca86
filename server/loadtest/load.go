//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"time"
)

const (
	// stall is how long nothing may happen before a scenario gives up on what it waits for.
	stall = 30 * time.Second

	// window is how many clients connect, join or leave at the same time.
	window = 100
)

// load is all clients of one server and what they have received.
type load struct {
	loop    *loop
	nodes   []*node
	classes []*class
	scratch []byte
	failure error // the first fault that no scenario expects: a lost connection, an error event, an unknown packet

	proof bool // the marks carry the code of their class

	progress int // grows with every packet that matters; waiting gives up when it stops growing

	deliveryCheck

	joined, left, started, ended int // userJoined, userLeft, attendanceStarted, attendanceEnded
}

// class is one class with its teacher and students. Students have the user ids <class>s<index>.
type class struct {
	id       string
	code     string // that is shown, if the marks carry one
	teacher  *client
	students []*client

	sentAt []time.Time // by student; zero when the student has not marked in this round
	ranks  []int32     // by student: the mark's place in the order in which the class first saw them, from 1
	ranked int32
}

// node is a server, as clients see it.
type node struct {
	address string
	tcp     *net.TCPAddr
}

// newLoad spreads the members of each class evenly over the servers that have these addresses.
func newLoad(addresses []string, classes, size int, kinds ...kind) (*load, error) {
	loop, err := newLoop()
	if err != nil {
		return nil, err
	}
	l := &load{loop: loop}
	for _, address := range addresses {
		tcp, err := net.ResolveTCPAddr("tcp4", address)
		if err != nil {
			loop.close()
			return nil, fmt.Errorf("server address: %w", err)
		}
		l.nodes = append(l.nodes, &node{address, tcp})
	}
	loop.everySecond = l.heartbeat
	for i := range classes {
		class := &class{id: fmt.Sprintf("c%d", i), sentAt: make([]time.Time, size), ranks: make([]int32, size)}
		class.teacher = &client{load: l, node: l.nodes[i%len(l.nodes)], kind: modern, user: class.id + "t", teacher: true, class: class, student: -1}
		for j := range size {
			class.students = append(class.students, &client{
				load: l, node: l.nodes[(i+j)%len(l.nodes)], kind: kinds[j%len(kinds)], user: fmt.Sprintf("%ss%d", class.id, j), class: class, student: j,
			})
		}
		l.classes = append(l.classes, class)
	}
	return l, nil
}

func (l *load) close() { l.loop.close() }

func (l *load) teachers() []*client {
	var all []*client
	for _, class := range l.classes {
		all = append(all, class.teacher)
	}
	return all
}

func (l *load) students() []*client {
	var all []*client
	for _, class := range l.classes {
		all = append(all, class.students...)
	}
	return all
}

func (l *load) fail(err error) {
	if l.failure == nil {
		l.failure = err
	}
}

func (l *load) heartbeat(now time.Time) {
	for _, class := range l.classes {
		for _, student := range class.students {
			student.heartbeat(now)
		}
	}
}

// until waits for done. It fails after a fault, and when no packet arrives for the time of stall. The error says what it waited for.
func (l *load) until(what string, done func() bool) error {
	for {
		before := l.progress
		err := l.loop.until(stall, func() bool { return l.failure != nil || done() })
		if l.failure != nil {
			return fmt.Errorf("%s: %w", what, l.failure)
		}
		if err == nil {
			return nil
		}
		if l.progress == before {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

// each begins something for every client, at most window at a time, and returns when all have called finished.
func (l *load) each(what string, clients []*client, begin func(client *client, finished func()) error) error {
	finished := 0
	for i, client := range clients {
		if err := l.until(what, func() bool { return i-finished < window }); err != nil {
			return err
		}
		if err := begin(client, func() { finished++; l.progress++ }); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return l.until(what, func() bool { return finished == len(clients) })
}

// confirmed makes a handler of an acknowledgement from finished: a refusal is a failure.
func (l *load) confirmed(client *client, finished func()) func(reply []byte) {
	return func(reply []byte) {
		if !bytes.Contains(reply, []byte(`"success":true`)) {
			l.fail(fmt.Errorf("%s was refused: %.200s", client.user, reply))
		}
		finished()
	}
}

func (l *load) connect(clients []*client) error {
	return l.each("connect", clients, func(client *client, finished func()) error {
		return client.connect(func() { client.identify(finished) })
	})
}

func (l *load) join(clients []*client) error {
	return l.each("join", clients, func(client *client, finished func()) error {
		client.join(finished)
		return nil
	})
}

// joinAll connects all clients and lets them join: the teachers first, because the first one owns a class.
func (l *load) joinAll() error {
	for _, clients := range [][]*client{l.teachers(), l.students()} {
		if err := l.connect(clients); err != nil {
			return err
		}
		if err := l.join(clients); err != nil {
			return err
		}
	}
	return l.awaitJoins()
}

// awaitJoins waits until all userJoined have arrived, so that none of them costs anything in what is measured next. Between several servers
// they have the time of the rest that follows.
func (l *load) awaitJoins() error {
	if len(l.nodes) > 1 {
		return nil
	}
	expected := 0
	for _, class := range l.classes {
		members := len(class.students) + 1
		expected += members * (members - 1) / 2
	}
	return l.until("userJoined", func() bool { return l.joined >= expected })
}

// openAll has every teacher start the lecture and waits until every member has attendanceStarted.
func (l *load) openAll() error { return l.startAll("") }

// startAll is openAll with more keys in the event, each with a comma before it.
func (l *load) startAll(more string) error {
	expected := l.started
	for _, class := range l.classes {
		expected += len(class.students) + 1
	}
	err := l.each("initiate", l.teachers(), func(teacher *client, finished func()) error {
		teacher.emit("initiateAttendance", fmt.Sprintf(`{"classId":"%s","teacherId":"%s","sessionType":"lecture","frequency":440%s}`,
			teacher.class.id, teacher.user, more), l.confirmed(teacher, finished))
		return nil
	})
	if err != nil {
		return err
	}
	return l.until("attendanceStarted", func() bool { return l.started >= expected })
}

// fetchCodes has every teacher fetch the code that the marks of the class carry.
func (l *load) fetchCodes() error {
	if !l.proof {
		return nil
	}
	return l.each("fetch codes", l.teachers(), func(teacher *client, finished func()) error {
		confirmed := l.confirmed(teacher, finished)
		teacher.emit("fetchAttendanceCode", fmt.Sprintf(`{"classId":"%s","sessionType":"lecture"}`, teacher.class.id), func(reply []byte) {
			var acks []struct{ Code string }
			if err := json.Unmarshal(reply, &acks); err == nil && len(acks) == 1 {
				teacher.class.code = acks[0].Code
			}
			confirmed(reply)
		})
		return nil
	})
}

func (c *client) identify(finished func()) {
	role := "student"
	if c.teacher {
		role = "teacher"
	}
	c.emit("identify", fmt.Sprintf(`{"userId":"%s","role":"%s"}`, c.user, role), c.load.confirmed(c, finished))
}

func (c *client) join(finished func()) {
	c.emit("joinClass", fmt.Sprintf(`{"userId":"%s","classId":"%s"}`, c.user, c.class.id), c.load.confirmed(c, finished))
}

func (c *client) leave(finished func()) {
	c.emit("leaveClass", fmt.Sprintf(`{"userId":"%s","classId":"%s"}`, c.user, c.class.id), c.load.confirmed(c, finished))
}

// event counts everything but updates.
func (l *load) event(client *client, name, packet []byte) {
	l.progress++
	switch string(name) {
	case "userJoined":
		l.joined++
	case "userLeft":
		l.left++
	case "attendanceStarted":
		l.started++
	case "attendanceEnded":
		l.ended++
	case "attendance:initiated", "attendance:ended", "attendanceData", "attendance:code":
	default:
		l.fail(fmt.Errorf("%s got %.200s", client.user, packet))
	}
}
