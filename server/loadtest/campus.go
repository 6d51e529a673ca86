//go:build linux

package main

import (
	"bytes"
	"fmt"
	"math/bits"
	"net"
	"time"
)

const (
	// stall is how long nothing may happen before a scenario gives up on what it waits for.
	stall = 30 * time.Second

	// window is how many clients connect, join or leave at the same time.
	window = 100
)

// campus is everybody who is connected to one server, and the ledger of what they have received.
type campus struct {
	loop    *loop
	tcp     *net.TCPAddr
	address string
	classes []*class
	scratch []byte
	failure error // the first thing that no scenario expects: a lost connection, an error event, a strange packet

	progress int // grows with every packet that matters; waiting gives up when it stops growing
	round    int

	sent, expected                 int // marks, and the deliveries that they should cause
	delivered, doubled, disordered int
	latency                        histogram

	joined, left, started, ended int // userJoined, userLeft, attendanceStarted, attendanceEnded
}

// class is one class with its teacher and students. Students have the user ids <class>s<index>.
type class struct {
	id       string
	teacher  *client
	students []*client

	sentAt []time.Time // by student; zero when the student has not marked in this round
	ranks  []int32     // by student: the mark's place in the order in which the class first saw them, from 1
	ranked int32
}

func newCampus(address string, classes, size int, kinds ...kind) (*campus, error) {
	tcp, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	loop, err := newLoop()
	if err != nil {
		return nil, err
	}
	c := &campus{loop: loop, tcp: tcp, address: address}
	loop.everySecond = c.heartbeat
	for i := range classes {
		class := &class{id: fmt.Sprintf("c%d", i), sentAt: make([]time.Time, size), ranks: make([]int32, size)}
		class.teacher = &client{campus: c, kind: modern, user: class.id + "t", teacher: true, class: class, student: -1}
		for j := range size {
			class.students = append(class.students, &client{
				campus: c, kind: kinds[j%len(kinds)], user: fmt.Sprintf("%ss%d", class.id, j), class: class, student: j,
			})
		}
		c.classes = append(c.classes, class)
	}
	return c, nil
}

func (c *campus) close() { c.loop.close() }

func (c *campus) teachers() []*client {
	var all []*client
	for _, class := range c.classes {
		all = append(all, class.teacher)
	}
	return all
}

func (c *campus) students() []*client {
	var all []*client
	for _, class := range c.classes {
		all = append(all, class.students...)
	}
	return all
}

func (c *campus) fail(err error) {
	if c.failure == nil {
		c.failure = err
	}
}

func (c *campus) heartbeat(now time.Time) {
	for _, class := range c.classes {
		for _, student := range class.students {
			student.heartbeat(now)
		}
	}
}

// until waits for done. It fails when something unexpected happens and when nothing at all happens any more; what
// says in the error what was waited for.
func (c *campus) until(what string, done func() bool) error {
	for {
		before := c.progress
		err := c.loop.until(stall, func() bool { return c.failure != nil || done() })
		if c.failure != nil {
			return fmt.Errorf("%s: %w", what, c.failure)
		}
		if err == nil {
			return nil
		}
		if c.progress == before {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

// each begins something for every client, at most window at a time, and returns when all have called finished.
func (c *campus) each(what string, clients []*client, begin func(client *client, finished func()) error) error {
	finished := 0
	for i, client := range clients {
		if err := c.until(what, func() bool { return i-finished < window }); err != nil {
			return err
		}
		if err := begin(client, func() { finished++; c.progress++ }); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return c.until(what, func() bool { return finished == len(clients) })
}

// confirmed turns finished into what handles an acknowledgement: a refusal is a failure.
func (c *campus) confirmed(client *client, finished func()) func(reply []byte) {
	return func(reply []byte) {
		if !bytes.Contains(reply, []byte(`"success":true`)) {
			c.fail(fmt.Errorf("%s was refused: %.200s", client.user, reply))
		}
		finished()
	}
}

func (c *campus) connect(clients []*client) error {
	return c.each("connect", clients, func(client *client, finished func()) error {
		return client.connect(func() { client.identify(finished) })
	})
}

func (c *campus) join(clients []*client) error {
	return c.each("join", clients, func(client *client, finished func()) error {
		client.join(finished)
		return nil
	})
}

// gather connects everybody and lets them join: the teachers first, because the first one owns a class.
func (c *campus) gather() error {
	for _, clients := range [][]*client{c.teachers(), c.students()} {
		if err := c.connect(clients); err != nil {
			return err
		}
		if err := c.join(clients); err != nil {
			return err
		}
	}
	return c.settle()
}

// settle waits until all userJoined have arrived, so that none of them costs anything in what is measured next.
func (c *campus) settle() error {
	expected := 0
	for _, class := range c.classes {
		members := len(class.students) + 1
		expected += members * (members - 1) / 2
	}
	return c.until("userJoined", func() bool { return c.joined >= expected })
}

// openAll has every teacher start the lecture and waits until everybody has heard of it.
func (c *campus) openAll() error {
	expected := c.started
	for _, class := range c.classes {
		expected += len(class.students) + 1
	}
	err := c.each("initiate", c.teachers(), func(teacher *client, finished func()) error {
		teacher.emit("initiateAttendance", fmt.Sprintf(`{"classId":"%s","teacherId":"%s","sessionType":"lecture","frequency":440}`,
			teacher.class.id, teacher.user), c.confirmed(teacher, finished))
		return nil
	})
	if err != nil {
		return err
	}
	return c.until("attendanceStarted", func() bool { return c.started >= expected })
}

func (c *client) identify(finished func()) {
	role := "student"
	if c.teacher {
		role = "teacher"
	}
	c.emit("identify", fmt.Sprintf(`{"userId":"%s","role":"%s"}`, c.user, role), c.campus.confirmed(c, finished))
}

func (c *client) join(finished func()) {
	c.emit("joinClass", fmt.Sprintf(`{"userId":"%s","classId":"%s"}`, c.user, c.class.id), c.campus.confirmed(c, finished))
}

func (c *client) leave(finished func()) {
	c.emit("leaveClass", fmt.Sprintf(`{"userId":"%s","classId":"%s"}`, c.user, c.class.id), c.campus.confirmed(c, finished))
}

// beginRound empties the ledger, in which a student has one mark at the most.
func (c *campus) beginRound() {
	c.round++
	c.sent, c.expected, c.delivered = 0, 0, 0
	for _, class := range c.classes {
		clear(class.sentAt)
		clear(class.ranks)
		class.ranked = 0
		for _, member := range append([]*client{class.teacher}, class.students...) {
			clear(member.seen)
			member.lastRank = 0
		}
	}
}

// mark sends the client's own mark and writes down who has to hear of it. Its statuses alternate, so that every mark is a
// change.
func (c *client) mark() {
	campus := c.campus
	status := [2]string{"present", "late"}[c.marks%2]
	c.marks++
	campus.sent++
	campus.expected += len(c.class.students) + 1
	c.class.sentAt[c.student] = time.Now()
	c.emit("attendanceMarked", fmt.Sprintf(
		`{"classId":"%s","studentId":"%s","studentName":"Student %d","status":"%s","sessionType":"lecture"}`,
		c.class.id, c.user, c.student, status), nil)
}

// update enters one attendanceUpdate into the ledger.
func (c *campus) update(member *client, packet []byte) {
	c.progress++
	class := member.class
	student, ok := studentOf(packet)
	if !ok || student >= len(class.students) {
		c.fail(fmt.Errorf("%s got an update of nobody: %.200q", member.user, packet))
		return
	}
	if member.seen == nil {
		member.seen = make([]uint64, (len(class.students)+63)/64)
	}
	word, bit := student/64, uint64(1)<<(student%64)
	sentAt := class.sentAt[student]
	if sentAt.IsZero() || member.seen[word]&bit != 0 {
		c.doubled++
		return
	}
	member.seen[word] |= bit
	c.delivered++
	c.latency.add(c.loop.now.Sub(sentAt))

	// Whoever is first to see a mark sets its place; everybody else has to see the marks in the same order.
	if class.ranks[student] == 0 {
		class.ranked++
		class.ranks[student] = class.ranked
	}
	if class.ranks[student] < member.lastRank {
		c.disordered++
	}
	member.lastRank = max(member.lastRank, class.ranks[student])
}

// studentOf reads the index out of "studentId":"c12s7", without decoding the rest: at a million updates that would
// make the generator the bottleneck.
func studentOf(packet []byte) (index int, ok bool) {
	key := []byte(`"studentId":"c`)
	at := bytes.Index(packet, key)
	if at < 0 {
		return 0, false
	}
	rest := packet[at+len(key):]
	s := bytes.IndexByte(rest, 's')
	for i := s + 1; s >= 0 && i < len(rest); i++ {
		if rest[i] == '"' {
			return index, i > s+1
		}
		if rest[i] < '0' || rest[i] > '9' {
			break
		}
		index = index*10 + int(rest[i]-'0')
	}
	return 0, false
}

// event counts everything but updates.
func (c *campus) event(client *client, name, packet []byte) {
	c.progress++
	switch string(name) {
	case "userJoined":
		c.joined++
	case "userLeft":
		c.left++
	case "attendanceStarted":
		c.started++
	case "attendanceEnded":
		c.ended++
	case "attendance:initiated", "attendance:ended", "attendanceData":
	default:
		c.fail(fmt.Errorf("%s got %.200s", client.user, packet))
	}
}

// complete waits until every mark of this round has reached everybody.
func (c *campus) complete() error {
	if err := c.until("attendanceUpdate", func() bool { return c.delivered >= c.expected }); err != nil {
		return fmt.Errorf("%w (%d of %d deliveries missing)", err, c.expected-c.delivered, c.expected)
	}
	return nil
}

// histogram holds durations with a resolution of 3 %, in little memory however many there are.
type histogram struct {
	counts [64 * 32]int
	total  int
	max    time.Duration
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d, 0)))]++
	h.total++
	h.max = max(h.max, d)
}

// bucket keeps a value's highest bit and the five bits below it.
func bucket(v uint64) int {
	if v < 32 {
		return int(v)
	}
	shift := bits.Len64(v) - 6
	return (shift+1)*32 + int(v>>shift) - 32
}

// quantile returns the lower edge of the bucket that holds the q-th part of all durations.
func (h *histogram) quantile(q float64) time.Duration {
	rest := int(q * float64(h.total))
	for i, n := range h.counts {
		if rest -= n; rest < 0 {
			if i < 32 {
				return time.Duration(i)
			}
			return time.Duration(uint64(i%32+32) << (i/32 - 1))
		}
	}
	return h.max
}
