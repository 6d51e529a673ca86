package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/neuracampus/attendance/models/modelstest"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// node is a process that is one of several on a database.
type node struct {
	process
	url string
}

func startNode(t *testing.T, db *modelstest.Database, name string) node {
	t.Helper()
	p := startProcess(t, "DATABASE_DSN="+db.DSN, "CLUSTER=true", "NODE_NAME="+name, "OPEN_MODE=true")
	p.logs(t, "is ready")
	return node{p, loggedURL.FindString(p.log.Text())}
}

// participant is a client in the class Math.
type participant struct {
	*engineiotest.Socket
	t *testing.T
}

func (n node) connect(t *testing.T, user, role string) participant {
	t.Helper()
	socket, _ := engineiotest.Connect(t, n.url+"/socket.io/", 4)
	socket.Send(t, "40")
	socket.ExpectPrefix(t, "40")
	p := participant{socket, t}
	p.ask(fmt.Sprintf(`"identify",{"userId":"%s","role":"%s"}`, user, role))
	return p
}

func (n node) enter(t *testing.T, user, role string) participant {
	t.Helper()
	p := n.connect(t, user, role)
	p.ask(fmt.Sprintf(`"joinClass",{"userId":"%s","classId":"Math"}`, user))
	return p
}

func (p participant) ask(event string) {
	p.t.Helper()
	p.Send(p.t, "421["+event+"]")
	for {
		if answer, ok := strings.CutPrefix(p.Receive(p.t).Text, "431"); ok {
			if !strings.Contains(answer, `"success":true`) {
				p.t.Fatalf("%s was answered %s", event, answer)
			}
			return
		}
	}
}

var presenceEvent = regexp.MustCompile(`^42\["(userJoined|userLeft)",\{"userId":"([^"]*)"`)

// told fails unless the next so many presence events are these, in any order.
func (p participant) told(want ...string) {
	p.t.Helper()
	var got []string
	for len(got) < len(want) {
		if found := presenceEvent.FindStringSubmatch(p.Receive(p.t).Text); found != nil {
			got = append(got, found[1]+" "+found[2])
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("told %q, want %q", got, want)
	}
}

// TestPresenceOutlivesItsNode has a way in which a node goes on each line. Asha and chen are on the node a, and watched from b. Asha comes
// back on b at once, and only says who she is; nobody may see her leave.
func TestPresenceOutlivesItsNode(t *testing.T) {
	for _, test := range []struct {
		name string
		goes func(t *testing.T, db *modelstest.Database, a node)
	}{
		{"killed", func(t *testing.T, _ *modelstest.Database, a node) { a.signal(t, syscall.SIGKILL) }},
		{"killed and started again", func(t *testing.T, db *modelstest.Database, a node) {
			a.signal(t, syscall.SIGKILL)
			startNode(t, db, "a")
		}},
		{"stopped and started again", func(t *testing.T, db *modelstest.Database, a node) {
			a.signal(t, syscall.SIGTERM)
			_ = a.Wait()
			startNode(t, db, "a")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := modelstest.MariaDB(t)
			a, b := startNode(t, db, "a"), startNode(t, db, "b")
			watcher := b.enter(t, "watcher", "student")
			before := a.enter(t, "asha", "teacher")
			watcher.told("userJoined asha")
			a.enter(t, "chen", "student")
			watcher.told("userJoined chen")
			test.goes(t, db, a)
			before.ExpectClosed(t)
			asha := b.connect(t, "asha", "teacher")
			watcher.told("userLeft chen")
			asha.told("userLeft chen") // she is in the class again
			b.enter(t, "divya", "student")
			watcher.told("userJoined divya")
		})
	}
}

// TestPausedNodeEntersItsUsersAgain has a node stand still for longer than its lease.
func TestPausedNodeEntersItsUsersAgain(t *testing.T) {
	t.Parallel()
	db := modelstest.MariaDB(t)
	a, b := startNode(t, db, "a"), startNode(t, db, "b")
	watcher := b.enter(t, "watcher", "student")
	chen := a.enter(t, "chen", "student")
	watcher.told("userJoined chen")
	a.signal(t, syscall.SIGSTOP)
	watcher.told("userLeft chen")
	a.signal(t, syscall.SIGCONT)
	watcher.told("userJoined chen")
	b.enter(t, "divya", "student")
	watcher.told("userJoined divya")
	for !strings.HasPrefix(chen.Receive(t).Text, `42["userJoined",{"userId":"divya"`) { // the watcher may have been stored after chen came
	}
}
