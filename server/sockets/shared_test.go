package sockets_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/sockets"
)

// recordedMembers records what is said of the user a in the room.
type recordedMembers struct {
	calls
	losses []sockets.Loss
}

func (m *recordedMembers) Enter(_, _ string, member sockets.Member) {
	m.calls = append(m.calls, "enter "+member.Label)
}

func (m *recordedMembers) Break(_, _ string, member sockets.Member, here bool, _ time.Time) {
	m.calls = append(m.calls, fmt.Sprint("break ", member.Label, " ", here))
}

func (m *recordedMembers) Leave(_, _ string, member sockets.Member, here bool) {
	m.calls = append(m.calls, fmt.Sprint("leave ", member.Label, " ", here))
}

func (m *recordedMembers) Resumable(context.Context, string) ([]sockets.Loss, error) {
	return m.losses, nil
}

func (m *recordedMembers) Users(context.Context, string) ([]string, error) { return nil, nil }

func (m *recordedMembers) Drain() { m.calls = append(m.calls, "drain") }

// TestSharedPresenceCountsSocketsOfUser has a line for each way in which the sockets of a user come and go on one of several servers.
// Nobody is first or last for the caller: the members tell the others.
func TestSharedPresenceCountsSocketsOfUser(t *testing.T) {
	for _, test := range []struct {
		steps string
		want  string
		here  bool // in the end, the user is in the room
	}{
		{"join", "enter Ada", true},
		{"join, join", "enter Ada", true},
		{"join, lose", "enter Ada, break Ada false", false},
		{"join, join, lose", "enter Ada, break Ada true", true},
		{"join, leave", "enter Ada, leave Ada false", false},
		{"join, join, leave", "enter Ada, leave Ada true", true},
		{"forget", "leave  false", false},
		{"join, forget", "enter Ada, leave Ada true", true},
		{"join, drain, lose", "enter Ada, drain", false},
		{"join, drain, drain, leave", "enter Ada, drain, leave Ada false", false},
	} {
		t.Run(test.steps, func(t *testing.T) {
			members := &recordedMembers{}
			p := sockets.NewSharedPresence()
			p.Use(members)
			told := false
			for step := range strings.SplitSeq(test.steps, ", ") {
				switch step {
				case "join":
					told = p.Join("room", "a", sockets.Member{Label: "Ada"}) || told
				case "lose":
					told = p.Lose("room", "a", time.Now()) || told
				case "leave":
					told = p.Leave("room", "a") || told
				case "forget":
					p.Forget("room", "a")
				case "drain":
					p.Drain()
				}
			}
			var here []string
			p.Each(func(_, user string, _ sockets.Member) { here = append(here, user) })
			if got := strings.Join(members.calls, ", "); got != test.want || told || slices.Contains(here, "a") != test.here {
				t.Errorf("got %s, here %v, told %v", got, here, told)
			}
		})
	}
}

// Whatever the members know, a user resumes no more rooms than a socket can be in: the newest.
func TestResumableRoomsOfUserOnNodesAreBounded(t *testing.T) {
	const most = 100
	for _, count := range []int{0, 1, most, most + 1, 10 * most} {
		members := &recordedMembers{}
		for i := range count {
			members.losses = append(members.losses, sockets.Loss{Room: fmt.Sprint(i)})
		}
		p := sockets.NewSharedPresence()
		p.Use(members)
		losses, err := p.Resumable(t.Context(), "a")
		if err != nil || len(losses) != min(count, most) || count > 0 && losses[len(losses)-1].Room != fmt.Sprint(count-1) {
			t.Errorf("of %d rooms %d can be resumed: %v, %v", count, len(losses), losses, err)
		}
	}
}
