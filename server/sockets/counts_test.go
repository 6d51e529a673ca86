package sockets

import (
	"maps"
	"testing"

	"github.com/neuracampus/attendance/server/tally"
)

func TestSentEventsAreCountedForEachSocket(t *testing.T) {
	h := &Hub{counters: counters{sent: tally.New("mark", "start")}}
	h.countSent([]Message{{Event: "mark"}, {Event: "mark"}, {Event: "start"}, {Event: "mark"}, {Event: "of another back end"}}, 10)
	h.countSent([]Message{{Event: "start"}}, 0)
	h.countSent(nil, 5)
	if got, want := h.counters.sent.Counts(), map[string]int64{"mark": 30, "start": 10, tally.Other: 10}; !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

// BenchmarkCountSent counts what a batch of 50 marks sends to a class. It is all that the metrics add to a broadcast beside two readings
// of the clock and one value of a histogram.
func BenchmarkCountSent(b *testing.B) {
	h := &Hub{counters: counters{sent: tally.New("attendanceUpdate", "attendanceStarted", "userJoined", "userLeft")}}
	marks := make([]Message, 50)
	for i := range marks {
		marks[i] = Message{Event: "attendanceUpdate"}
	}
	b.ReportAllocs()
	for b.Loop() {
		h.countSent(marks, 50)
	}
}
