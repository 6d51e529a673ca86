package sockets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

// calls are the calls of a presence to its memberships.
type calls []string

func (c *calls) Enter(room, user, label string) { *c = append(*c, "enter "+room+" "+user+" "+label) }
func (c *calls) Lose(room, user, label string)  { *c = append(*c, "lose "+room+" "+user+" "+label) }
func (c *calls) Leave(room, user string)        { *c = append(*c, "leave "+room+" "+user) }
func (c *calls) Forget(room, user string)       { *c = append(*c, "forget "+room+" "+user) }

// act does to the room of user a what a step says: an action, and with join and restore a label.
func act(t *testing.T, p *sockets.LocalPresence, step string) {
	t.Helper()
	action, label, _ := strings.Cut(step, " ")
	switch action {
	case "join":
		p.Join("room", "a", sockets.Member{Label: label})
	case "lose":
		p.Lose("room", "a", time.Now())
	case "leave":
		p.Leave("room", "a")
	case "forget":
		p.Forget("room", "a")
	case "drain":
		p.Drain()
	case "restore":
		p.Restore("a", sockets.Loss{Room: "room", Label: label, At: time.Now()})
	case "wait":
		time.Sleep(time.Minute)
	default:
		t.Fatalf("unknown step %q", step)
	}
}

func TestMembershipsAreCalledOncePerUser(t *testing.T) {
	for _, test := range []struct {
		name, steps string
		want        string // the calls
		resumable   int
	}{
		{"two sockets, one lost", "join A, join A, lose", "enter room a A", 1},
		{"two sockets, both lost", "join A, join Asha, lose, lose", "enter room a A, lose room a Asha", 1},
		{"one lost, one left", "join A, join A, lose, leave", "enter room a A, leave room a", 0},
		{"lost, then left by a socket outside the room", "join A, lose, forget", "enter room a A, lose room a A, forget room a", 0},
		{"one lost, then left by a third outside the room", "join A, join A, lose, forget", "enter room a A", 0},
		{"left without a join", "forget", "", 0},
		{"lost while the process stops", "join A, drain, lose", "enter room a A", 1},
		{"restored, joined and left", "restore A, join A, leave", "enter room a A, leave room a", 0},
		{"restored, and expired after the window", "restore A, wait", "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var made calls
				p := sockets.NewLocalPresence(time.Minute)
				p.Persist(&made)
				for step := range strings.SplitSeq(test.steps, ", ") {
					act(t, p, step)
				}
				if got := strings.Join(made, ", "); got != test.want {
					t.Errorf("calls %q, want %q", got, test.want)
				}
				if losses, err := p.Resumable(t.Context(), "a"); err != nil || len(losses) != test.resumable {
					t.Errorf("resumable: %v, %v; want %d", losses, err, test.resumable)
				}
			})
		})
	}
}

func TestResumableRoomsOfUserAreBounded(t *testing.T) {
	p := sockets.NewLocalPresence(time.Minute)
	for i := range 1000 {
		p.Restore("a", sockets.Loss{Room: fmt.Sprint(i), At: time.Now()})
	}
	losses, err := p.Resumable(t.Context(), "a")
	if err != nil || len(losses) != 100 || losses[99].Room != "999" {
		t.Errorf("%d losses, %v; want the newest 100", len(losses), err)
	}
}

// A client that fell silent may have missed everything since its last heartbeat.
func TestLossOfSilentClientKeepsLastHeartbeat(t *testing.T) {
	const silence = 100 * time.Millisecond // PingInterval and PingTimeout
	presence := sockets.NewLocalPresence(time.Minute)
	hub := newHub(sockets.Options{Presence: presence, PingInterval: silence / 2, PingTimeout: silence / 2})
	left := make(chan time.Time, 1)
	hub.OnUserLeft(func(string, string, any) { left <- time.Now() })
	c := as(connect(t, serve(t, hub), ""), "a")
	c.ask("join", "room")
	select {
	case at := <-left:
		losses, _ := presence.Resumable(t.Context(), "a")
		if len(losses) != 1 || at.Sub(losses[0].LastSeen) < silence {
			t.Errorf("left at %v, losses %+v", at, losses)
		}
	case <-time.After(engineiotest.Deadline):
		t.Fatal("the silent client was not disconnected")
	}
	if users := usersOf(t, presence); slices.Contains(users, "a") {
		t.Error("the silent client is still in the room")
	}
}
