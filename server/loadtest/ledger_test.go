//go:build linux

package main

import (
	"fmt"
	"testing"
)

// classOf returns a campus of one class whose clients are not connected, and a function that has a member receive the
// update of a student's mark.
func classOf(t *testing.T, size int) (c *campus, receive func(member *client, student int)) {
	t.Helper()
	c, err := newCampus("127.0.0.1:1", 1, size, modern)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	c.beginRound()
	return c, func(member *client, student int) {
		member.packet(fmt.Appendf(nil, `42["attendanceUpdate",{"classId":"c0","studentId":"c0s%d","status":"present"}]`, student))
	}
}

func TestTheLedgerFindsWhatIsMissingDoubledOrOutOfOrder(t *testing.T) {
	tests := []struct {
		name                         string
		teacher, first, second       []int // whose marks they hear of, in this order
		missing, doubled, disordered int
	}{
		{name: "everything once and in the same order", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{0, 1}},
		{name: "one is missing", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{1}, missing: 1},
		{name: "one comes twice", teacher: []int{0, 1}, first: []int{0, 1, 0}, second: []int{0, 1}, doubled: 1},
		{name: "one sees another order", teacher: []int{0, 1}, first: []int{0, 1}, second: []int{1, 0}, disordered: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, receive := classOf(t, 2)
			class := c.classes[0]
			class.students[0].mark()
			class.students[1].mark()
			members := []*client{class.teacher, class.students[0], class.students[1]}
			for i, heard := range [][]int{test.teacher, test.first, test.second} {
				for _, student := range heard {
					receive(members[i], student)
				}
			}
			if missing := c.expected - c.delivered; missing != test.missing || c.doubled != test.doubled || c.disordered != test.disordered {
				t.Errorf("%d missing, %d doubled, %d out of order; want %d, %d, %d",
					missing, c.doubled, c.disordered, test.missing, test.doubled, test.disordered)
			}
			if err := c.faultless(); (err != nil) != (test.doubled+test.disordered > 0) {
				t.Errorf("verdict: %v", err)
			}
		})
	}
}

func TestAnUpdateOfAMarkThatNobodyMadeIsAFault(t *testing.T) {
	c, receive := classOf(t, 2)
	receive(c.classes[0].teacher, 1)
	if c.faultless() == nil {
		t.Error("an update without a mark passed")
	}
	receive(c.classes[0].teacher, 2)
	if c.failure == nil {
		t.Error("an update of a student who does not exist passed")
	}
}

func TestAnErrorFromTheServerFailsTheScenario(t *testing.T) {
	c, _ := classOf(t, 1)
	c.classes[0].teacher.packet([]byte(`42["attendance:error",{"message":"Class not found"}]`))
	if c.failure == nil {
		t.Error("an error event passed")
	}
}
