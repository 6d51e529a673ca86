package handlers

import (
	"errors"
	"slices"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// TestSessionStartDuringEnterIsReadAgain lets a session start just after the newcomer has read which are
// active. They must read again before they are let in.
func TestSessionStartDuringEnterIsReadAgain(t *testing.T) {
	rooms := &discarding{}
	publisher := NewPublisher(rooms)
	var order []string
	err := publisher.enter(t.Context(), func() ([]entry, error) {
		order = append(order, "read")
		if len(order) == 1 {
			publisher.Started(models.Session{ClassID: made.ClassID})
		}
		return []entry{{join: func() bool { order = append(order, "join"); return true }}}, nil
	})
	if want := []string{"read", "read", "join"}; err != nil || !slices.Equal(order, want) || rooms.messages != 1 {
		t.Errorf("%v, %d broadcast, %v; want %v", order, rooms.messages, err, want)
	}
}

func TestEnterAfterRefusalJoinsNothing(t *testing.T) {
	refused := errors.New("no")
	err := NewPublisher(&discarding{}).enter(t.Context(), func() ([]entry, error) {
		return []entry{{join: func() bool { t.Error("entered"); return true }}}, refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

// TestCommitIsOneBroadcastPerClass in the order of the marks, however the classes are mixed.
func TestCommitIsOneBroadcastPerClass(t *testing.T) {
	rooms := &recordingRooms{}
	mark := func(class, student string) models.Mark {
		return models.Mark{ClassID: models.ID{Key: class}, StudentID: models.ID{Key: student}}
	}
	NewPublisher(rooms).Committed([]models.Mark{mark("b", "1"), mark("a", "2"), mark("b", "3"), mark("a", "1")})
	if want := []string{"class:b 1 3", "class:a 2 1"}; !slices.Equal(rooms.broadcasts, want) {
		t.Errorf("got %q, want %q", rooms.broadcasts, want)
	}
}

// recordingRooms records who was marked in each broadcast.
type recordingRooms struct {
	Rooms
	broadcasts []string
}

func (r *recordingRooms) Broadcast(room string, messages ...Message) {
	for _, message := range messages {
		update, _ := message.Payload.(attendanceUpdate)
		room += " " + update.StudentID.Key
	}
	r.broadcasts = append(r.broadcasts, room)
}

func (r *recordingRooms) HasLimited(string) bool { return false }
