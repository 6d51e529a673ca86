package handlers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// TestSessionStartDuringEnterIsReadAgain lets a session start just after the newcomer has read which are
// active. They must read again before they are let in.
func TestSessionStartDuringEnterIsReadAgain(t *testing.T) {
	rooms := &discarding{}
	publisher := NewPublisher(rooms)
	var order []string
	err := publisher.enter(t.Context(), func() ([]pendingJoin, error) {
		order = append(order, "read")
		if len(order) == 1 {
			publisher.Deliver(models.Event{ClassID: made.ClassID, Sessions: []models.Session{{ClassID: made.ClassID}}})
		}
		return []pendingJoin{{join: func() bool { order = append(order, "join"); return true }}}, nil
	})
	if want := []string{"read", "read", "join"}; err != nil || !slices.Equal(order, want) || rooms.messages != 1 {
		t.Errorf("%v, %d broadcast, %v; want %v", order, rooms.messages, err, want)
	}
}

func TestEnterAfterRefusalJoinsNothing(t *testing.T) {
	refused := errors.New("no")
	err := NewPublisher(&discarding{}).enter(t.Context(), func() ([]pendingJoin, error) {
		return []pendingJoin{{join: func() bool { t.Error("entered"); return true }}}, refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v", err)
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

func (r *recordingRooms) BroadcastTo(room string, wanted func(string) bool, _ ...Message) {
	users := slices.DeleteFunc([]string{"teacher:t", "teacher:u", "admin:x", "student:t"}, func(user string) bool { return !wanted(user) })
	r.broadcasts = append(r.broadcasts, room+" for "+strings.Join(users, " "))
}

func (r *recordingRooms) HasLimited(string) bool { return false }

func (r *recordingRooms) Remove(room string, users []string, _ Message) {
	r.broadcasts = append(r.broadcasts, room+" without "+strings.Join(users, " "))
}

func (r *recordingRooms) Limit(room string, limited func(string) bool) {
	r.broadcasts = append(r.broadcasts, fmt.Sprint(room, " limited ", limited("student:1"), limited("teacher:1")))
}
