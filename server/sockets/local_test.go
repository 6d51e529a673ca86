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

// notes are what a presence tells memberships.
type notes []string

func (n *notes) Enter(room, user, label string) { *n = append(*n, "enter "+room+" "+user+" "+label) }
func (n *notes) Lose(room, user, label string)  { *n = append(*n, "lose "+room+" "+user+" "+label) }
func (n *notes) Leave(room, user string)        { *n = append(*n, "leave "+room+" "+user) }
func (n *notes) Forget(room, user string)       { *n = append(*n, "forget "+room+" "+user) }

func TestMembershipsHearOfUsersNotOfSockets(t *testing.T) {
	for _, test := range []struct {
		name      string
		does      func(p *sockets.LocalPresence)
		want      string
		resumable int
	}{
		{"two sockets, one lost", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Join("room", "a", "A")
			p.Lose("room", "a", time.Now())
		}, "enter room a A", 1},
		{"two sockets, both lost", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Join("room", "a", "Asha")
			p.Lose("room", "a", time.Now())
			p.Lose("room", "a", time.Now())
		}, "enter room a A, lose room a Asha", 1},
		{"one lost, one left", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Join("room", "a", "A")
			p.Lose("room", "a", time.Now())
			p.Leave("room", "a")
		}, "enter room a A, leave room a", 0},
		{"lost, then left by a socket that is not in the room", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Lose("room", "a", time.Now())
			p.Forget("room", "a")
		}, "enter room a A, lose room a A, forget room a", 0},
		{"one lost, then left by a third while one is there", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Join("room", "a", "A")
			p.Lose("room", "a", time.Now())
			p.Forget("room", "a")
		}, "enter room a A", 0},
		{"left without having been there", func(p *sockets.LocalPresence) { p.Forget("room", "a") }, "", 0},
		{"lost while the process stops", func(p *sockets.LocalPresence) {
			p.Join("room", "a", "A")
			p.Drain()
			p.Lose("room", "a", time.Now())
		}, "enter room a A", 1},
		{"restored, back and left", func(p *sockets.LocalPresence) {
			p.Restore("a", sockets.Loss{Room: "room", Label: "A", At: time.Now()})
			p.Join("room", "a", "A")
			p.Leave("room", "a")
		}, "enter room a A, leave room a", 0},
		{"restored, and too old a minute later", func(p *sockets.LocalPresence) {
			p.Restore("a", sockets.Loss{Room: "room", At: time.Now()})
			time.Sleep(time.Minute)
		}, "", 0},
		{"more rooms lost than a socket can be in", func(p *sockets.LocalPresence) {
			for i := range 1000 {
				p.Restore("a", sockets.Loss{Room: fmt.Sprint(i), At: time.Now()})
			}
		}, "", 100},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told notes
				p := sockets.NewLocalPresence(time.Minute)
				p.Keep(&told)
				test.does(p)
				if got := strings.Join(told, ", "); got != test.want {
					t.Errorf("memberships heard %q, want %q", got, test.want)
				}
				losses, err := p.Resumable(t.Context(), "a")
				if err != nil || len(losses) != test.resumable {
					t.Errorf("resumable: %v, %v; want %d", losses, err, test.resumable)
				}
				if len(losses) == 100 && losses[99].Room != "999" {
					t.Error("the newest losses are not kept")
				}
			})
		})
	}
}

// Who fell silent may have missed everything since their last heartbeat.
func TestSilentClientWasHeardAtItsLastHeartbeat(t *testing.T) {
	const silence = 100 * time.Millisecond // PingInterval and PingTimeout
	presence := sockets.NewLocalPresence(time.Minute)
	hub := newHub(sockets.Options{Presence: presence, PingInterval: silence / 2, PingTimeout: silence / 2})
	left := make(chan time.Time, 1)
	hub.OnLeft(func(string, string, any) { left <- time.Now() })
	c := as(connect(t, serve(t, hub), ""), "a")
	c.ask("join", "room")
	select {
	case at := <-left:
		losses, _ := presence.Resumable(t.Context(), "a")
		if len(losses) != 1 || at.Sub(losses[0].Heard) < silence {
			t.Errorf("left at %v, losses %+v", at, losses)
		}
	case <-time.After(engineiotest.Deadline):
		t.Fatal("the silent client was not given up")
	}
	if users := presence.Users("room"); slices.Contains(users, "a") {
		t.Error("the silent client is still there")
	}
}
