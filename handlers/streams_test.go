package handlers

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// recordedStreams says that the first joins of some classes are stale, and records what was asked.
type recordedStreams struct {
	stale map[string]int
	err   error
	asked []string
}

func (s *recordedStreams) Join(_ context.Context, joined models.Class, join func()) (stale bool, err error) {
	class := joined.ID.Key
	if s.err != nil {
		return false, s.err
	}
	if s.stale[class] > 0 {
		s.stale[class]--
		s.asked = append(s.asked, "stale "+class)
		return true, nil
	}
	s.asked = append(s.asked, "join "+class)
	join()
	return false, nil
}

func (s *recordedStreams) Leave(class string) { s.asked = append(s.asked, "leave "+class) }

// TestEnterInClusterJoinsEachClassOnce has a line for each outcome of joining the classes a and b.
func TestEnterInClusterJoinsEachClassOnce(t *testing.T) {
	down := errors.New("down")
	for _, test := range []struct {
		name   string
		stale  map[string]int
		err    error
		joined bool
		want   []string
	}{
		{"both", nil, nil, true, []string{"read", "join a", "join b"}},
		{"one is stale", map[string]int{"a": 2}, nil, true, []string{"read", "stale a", "join b", "read", "stale a", "read", "join a"}},
		{"the socket was there", nil, nil, false, []string{"read", "join a", "leave a", "join b", "leave b"}},
		{"the log cannot be read", nil, down, true, []string{"read"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			streams := &recordedStreams{stale: test.stale, err: test.err}
			publisher := NewPublisher(&discarding{})
			publisher.Use(streams)
			refused := false
			err := publisher.enter(t.Context(), func() ([]pendingJoin, error) {
				streams.asked = append(streams.asked, "read")
				join := func() bool { return test.joined }
				return []pendingJoin{
					{models.Class{ID: models.ID{Key: "a"}}, join},
					{join: func() bool { refused = true; return false }}, // a class that the user may no longer enter
					{models.Class{ID: models.ID{Key: "b"}}, join},
				}, nil
			})
			if !errors.Is(err, test.err) || !slices.Equal(streams.asked, test.want) || refused != (test.err == nil) {
				t.Errorf("%v, %q, want %q", err, streams.asked, test.want)
			}
		})
	}
}

func TestDepartedSocketLeavesStream(t *testing.T) {
	streams := &recordedStreams{}
	publisher := NewPublisher(&discarding{})
	publisher.SocketLeft("class:a") // without a cluster nothing happens
	publisher.Use(streams)
	publisher.SocketLeft("class:a")
	if !slices.Equal(streams.asked, []string{"leave a"}) {
		t.Errorf("asked %q", streams.asked)
	}
}

// TestDeliverKeepsOrderAndReportsBarrier has a line for each run of events.
func TestDeliverKeepsOrderAndReportsBarrier(t *testing.T) {
	id := models.ID{Key: "a"}
	mark := func(student string) models.Event {
		return models.Event{ClassID: id, Marks: []models.Mark{{ClassID: id, StudentID: models.ID{Key: student}}}}
	}
	change := models.Event{ClassID: id, Sessions: []models.Session{{ClassID: id, State: models.StateActive}}}
	removal := models.Event{ClassID: id, Removal: &models.Removal{Users: []models.Actor{{ID: models.ID{Key: "1"}, Role: models.RoleStudent}}}}
	flagged := mark("1")
	flagged.Flags, flagged.Teachers = []models.Flag{{ClassID: id}}, []models.ID{{Key: "t"}}
	own := models.Event{ClassID: id, Visibility: models.VisibilityOwn}
	for _, test := range []struct {
		name    string
		events  []models.Event
		want    []string
		barrier bool
	}{
		{"marks are one broadcast", []models.Event{mark("1"), mark("2")}, []string{"class:a 1 2"}, false},
		{"a session change between", []models.Event{mark("1"), change, mark("2")}, []string{"class:a 1  2"}, true},
		{"a removal between", []models.Event{mark("1"), removal, mark("2")}, []string{"class:a 1", "class:a without student:1", "class:a 2"}, true},
		{"a change of visibility between", []models.Event{mark("1"), own, mark("2")}, []string{"class:a 1", "class:a limited true false", "class:a 2"}, true},
		{"a flag after its mark", []models.Event{flagged, mark("2")}, []string{"class:a 1 2", "class:a for teacher:t admin:x"}, false},
		{"an event of an unknown kind", []models.Event{{}}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			rooms := &recordingRooms{}
			if barrier := NewPublisher(rooms).Deliver(test.events...); barrier != test.barrier || !slices.Equal(rooms.broadcasts, test.want) {
				t.Errorf("barrier %v, broadcasts %q, want %q", barrier, rooms.broadcasts, test.want)
			}
		})
	}
}
