//go:build linux

package main

import (
	"fmt"
	"testing"
)

// classOf returns a load of one class whose clients are not connected, and a function that has a member receive the update of a
// student's mark.
func classOf(t *testing.T, size int) (l *load, receive func(member *client, student int)) {
	t.Helper()
	l, err := newLoad([]string{"127.0.0.1:1"}, 1, size, modern)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	l.beginRound()
	return l, func(member *client, student int) {
		member.packet(fmt.Appendf(nil, `42["attendanceUpdate",{"classId":"c0","studentId":"c0s%d","status":"present"}]`, student))
	}
}

func TestDeliveryCheckCountsFaults(t *testing.T) {
	tests := []struct {
		name                         string
		teacher, first, second       []int // the students whose marks they receive, in this order
		missing, doubled, disordered int
	}{
		{name: "everything once and in the same order", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{0, 1}},
		{name: "one is missing", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{1}, missing: 1},
		{name: "one comes twice", teacher: []int{0, 1}, first: []int{0, 1, 0}, second: []int{0, 1}, doubled: 1},
		{name: "one sees another order", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{1, 0}, disordered: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l, receive := classOf(t, 2)
			class := l.classes[0]
			class.students[0].mark()
			class.students[1].mark()
			members := []*client{class.teacher, class.students[0], class.students[1]}
			for i, received := range [][]int{test.teacher, test.first, test.second} {
				for _, student := range received {
					receive(members[i], student)
				}
			}
			if missing := l.expected - l.delivered; missing != test.missing || l.doubled != test.doubled || l.disordered != test.disordered {
				t.Errorf("%d missing, %d doubled, %d out of order; want %d, %d, %d",
					missing, l.doubled, l.disordered, test.missing, test.doubled, test.disordered)
			}
			if err := l.faultless(); (err != nil) != (test.doubled+test.disordered > 0) {
				t.Errorf("faultless: %v", err)
			}
		})
	}
}

func TestDeliveryCheckUpdateWithoutMarkIsFault(t *testing.T) {
	l, receive := classOf(t, 2)
	receive(l.classes[0].teacher, 1)
	if l.faultless() == nil {
		t.Error("an update without a mark passed")
	}
	receive(l.classes[0].teacher, 2)
	if l.failure == nil {
		t.Error("an update of a student who does not exist passed")
	}
}

func TestLoadErrorEventFailsScenario(t *testing.T) {
	l, _ := classOf(t, 1)
	l.classes[0].teacher.packet([]byte(`42["attendance:error",{"message":"Class not found"}]`))
	if l.failure == nil {
		t.Error("an error event passed")
	}
}
