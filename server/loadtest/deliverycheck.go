//go:build linux

package main

import (
	"bytes"
	"fmt"
	"time"
)

// deliveryCheck checks that each member of a class receives each mark of a round once, and all members in the same order.
type deliveryCheck struct {
	round                          int
	sent, expected                 int // marks, and the deliveries that they should cause
	delivered, doubled, disordered int
	latency                        histogram
	between                        histogram // the latencies of deliveries by another server than the mark's
}

// beginRound forgets the deliveries so far. In a round, a student marks once at most.
func (l *load) beginRound() {
	l.round++
	l.sent, l.expected, l.delivered = 0, 0, 0
	for _, class := range l.classes {
		clear(class.sentAt)
		clear(class.ranks)
		class.ranked = 0
		for _, member := range append([]*client{class.teacher}, class.students...) {
			clear(member.seen)
			member.lastRank = 0
		}
	}
}

// mark sends the client's own mark and records the deliveries that it should cause. Its statuses alternate, so that every mark is
// a change.
func (c *client) mark() {
	load := c.load
	status := [2]string{"present", "late"}[c.marks%2]
	c.marks++
	load.sent++
	load.expected += len(c.class.students) + 1
	c.class.sentAt[c.student] = time.Now()
	code := ""
	if load.proof {
		code = `,"code":"` + c.class.code + `"`
	}
	c.emit("attendanceMarked", fmt.Sprintf(
		`{"classId":"%s","studentId":"%s","studentName":"Student %d","status":"%s","sessionType":"lecture"%s}`,
		c.class.id, c.user, c.student, status, code), nil)
}

// update checks one attendanceUpdate that a member received.
func (l *load) update(member *client, packet []byte) {
	l.progress++
	class := member.class
	student, ok := studentOf(packet)
	if !ok || student >= len(class.students) {
		l.fail(fmt.Errorf("%s got an update of an unknown student: %.200q", member.user, packet))
		return
	}
	if member.seen == nil {
		member.seen = make([]uint64, (len(class.students)+63)/64)
	}
	word, bit := student/64, uint64(1)<<(student%64)
	sentAt := class.sentAt[student]
	if sentAt.IsZero() || member.seen[word]&bit != 0 {
		l.doubled++
		return
	}
	member.seen[word] |= bit
	l.delivered++
	l.latency.add(l.loop.now.Sub(sentAt))
	if member.node != class.students[student].node {
		l.between.add(l.loop.now.Sub(sentAt))
	}

	// The first member that receives a mark sets its rank. All others must receive the marks in the same order.
	if class.ranks[student] == 0 {
		class.ranked++
		class.ranks[student] = class.ranked
	}
	if class.ranks[student] < member.lastRank {
		l.disordered++
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

// complete waits until every mark of this round has reached every member.
func (l *load) complete() error {
	if err := l.until("attendanceUpdate", func() bool { return l.delivered >= l.expected }); err != nil {
		return fmt.Errorf("%w (%d of %d deliveries missing)", err, l.expected-l.delivered, l.expected)
	}
	return nil
}

// faultless fails if a delivery came twice or in another order than elsewhere. Missing ones have failed before.
func (d *deliveryCheck) faultless() error {
	if d.doubled+d.disordered > 0 {
		return fmt.Errorf("%d deliveries doubled, %d out of order", d.doubled, d.disordered)
	}
	return nil
}
