package cluster

import "testing"

func TestStreamHoldsBoundedEvents(t *testing.T) {
	s := newStream("a", 0)
	for seq := int64(2); seq < 3*maxHeld; seq++ {
		if _, gap, _ := s.receive([]Event{{"a", seq, 0, nil}}, nil); !gap || len(s.held) > maxHeld {
			t.Fatalf("gap %v, %d events are held", gap, len(s.held))
		}
	}
}

func TestStreamThatMovedIsNotSkipped(t *testing.T) {
	s := newStream("a", 5)
	s.skip(4, 9, func() { t.Error("lost") })
	if at := s.position(); at.seq != 5 || at.newest != 5 {
		t.Errorf("at %v", at)
	}
}
