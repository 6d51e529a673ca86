package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models/modelstest"
)

// startNodes starts two servers that share a MariaDB; more is a list of NAME=value.
func startNodes(t *testing.T, more ...string) (nodes []*App) {
	t.Helper()
	return startNodesOn(t, modelstest.MariaDB(t), more...)
}

func startNodesOn(t *testing.T, db *modelstest.Database, more ...string) (nodes []*App) {
	t.Helper()
	for _, name := range []string{"a", "b"} {
		list := append([]string{"DATABASE_DSN=" + db.DSN, "CLUSTER=true", "NODE_NAME=" + name, "OPEN_MODE=true"}, more...)
		a, _ := start(t, settings(t, list...))
		nodes = append(nodes, a)
	}
	return nodes
}

// serversOf starts what a client and another may be connected to: the same server, or two that share a database.
var serversOf = map[string]func(t *testing.T) []*App{
	"one server": func(t *testing.T) []*App {
		a, _ := start(t, settings(t))
		return []*App{a, a}
	},
	"two servers": func(t *testing.T) []*App { return startNodes(t) },
}

// enter connects a client that identifies and joins the class Math.
func enter(t testing.TB, a *App, user, role string) *client {
	t.Helper()
	c := dial(t, a)
	c.succeeds(fmt.Sprintf(`"identify",{"userId":"%s","role":"%s"}`, user, role))
	c.succeeds(fmt.Sprintf(`"joinClass",{"userId":"%s","classId":"Math"}`, user))
	return c
}

func (c *client) succeeds(event string) {
	c.t.Helper()
	if answer := c.ask(event); !strings.Contains(answer, `"success":true`) {
		c.t.Fatalf("%s was answered %s", event, answer)
	}
}

// awaits returns the next message that has the event.
func (c *client) awaits(event string) string {
	c.t.Helper()
	for {
		if text := c.Receive(c.t).Text; strings.HasPrefix(text, `42["`+event+`"`) {
			return text
		}
	}
}

func mark(student, status string) string {
	return fmt.Sprintf(`"attendanceMarked",{"classId":"Math","studentId":"%s","studentName":"%s","status":"%s","sessionType":"lecture"}`, student, student, status)
}

const (
	initiateLecture = `"initiateAttendance",{"classId":"Math","teacherId":"asha","sessionType":"lecture","frequency":[440]}`
	endLecture      = `"endAttendance",{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`
)

// TestNodesDeliverCommitsOfEachOther has the teacher on one server and a student on another.
func TestNodesDeliverCommitsOfEachOther(t *testing.T) {
	nodes := startNodes(t)
	teacher, student := enter(t, nodes[0], "asha", "teacher"), enter(t, nodes[1], "chen", "student")

	teacher.succeeds(initiateLecture)
	if text := student.awaits("attendanceStarted"); !strings.Contains(text, `"frequency":[440]`) {
		t.Errorf("the student was sent %s", text)
	}
	student.succeeds(mark("chen", "present"))
	if text := teacher.awaits("attendanceUpdate"); !strings.Contains(text, `"studentId":"chen"`) || !strings.Contains(text, `"present"`) {
		t.Errorf("the teacher was sent %s", text)
	}
	late := enter(t, nodes[1], "divya", "student")
	late.succeeds(mark("divya", "late"))
	teacher.awaits("attendanceUpdate")
	teacher.succeeds(endLecture)
	student.awaits("attendanceEnded")
	late.awaits("attendanceEnded")
}

func TestRedisThatIsAwayLeavesNodesReady(t *testing.T) {
	nodes := startNodes(t, "REDIS_URL=redis://:secret@127.0.0.1:1/0")
	teacher, student := enter(t, nodes[0], "asha", "teacher"), enter(t, nodes[1], "chen", "student")
	teacher.succeeds(initiateLecture)
	student.awaits("attendanceStarted")
	if status, _, body := ask(t, http.MethodGet, nodes[0].URL()+"/readyz"); status != http.StatusOK || !strings.Contains(body, `"degraded"`) {
		t.Errorf("readyz: %d %s", status, body)
	}
}

// TestClientsOfAllNodesSeeOneOrder has students of two servers mark themselves again and again. Every client is sent every mark, in
// the same order.
func TestClientsOfAllNodesSeeOneOrder(t *testing.T) {
	const students, rounds = 6, 20
	nodes := startNodes(t)
	teacher := enter(t, nodes[0], "asha", "teacher")
	watchers := []*client{enter(t, nodes[0], "watcher-a", "student"), enter(t, nodes[1], "watcher-b", "student")}
	markers := make([]*client, students)
	for i := range markers {
		markers[i] = enter(t, nodes[i%2], fmt.Sprint("student-", i), "student")
	}
	teacher.succeeds(initiateLecture)
	var all sync.WaitGroup
	for i, marker := range markers {
		all.Go(func() {
			for round := range rounds {
				marker.Send(t, "42["+mark(fmt.Sprint("student-", i), []string{"present", "late"}[round%2])+"]")
			}
		})
	}
	seen := make([][]string, len(watchers))
	for i, watcher := range watchers {
		for range students * rounds {
			seen[i] = append(seen[i], watcher.awaits("attendanceUpdate"))
		}
	}
	all.Wait()
	if !slices.Equal(seen[0], seen[1]) {
		t.Errorf("two clients saw different orders:\n%s\n\n%s", strings.Join(seen[0], "\n"), strings.Join(seen[1], "\n"))
	}
}

// TestEventOfNewerNodeIsSkippedAndCounted writes an event into the log as a node of a newer version would. What is committed
// afterwards is delivered.
func TestEventOfNewerNodeIsSkippedAndCounted(t *testing.T) {
	db := modelstest.MariaDB(t)
	nodes := startNodesOn(t, db)
	teacher, student := enter(t, nodes[0], "asha", "teacher"), enter(t, nodes[1], "chen", "student")
	teacher.succeeds(initiateLecture)
	student.awaits("attendanceStarted")
	db.Server.Exec(t, strings.ReplaceAll(`BEGIN NOT ATOMIC START TRANSACTION;
		UPDATE db.classes SET seq = seq + 1 WHERE class_key = 'Math';
		INSERT INTO db.events (stream, seq, at, body)
			SELECT 'c:Math', seq, 0, '{"class":"Math","later":[{"user":"chen"}]}' FROM db.classes WHERE class_key = 'Math';
		COMMIT; END`, "db.", db.Name+"."))
	student.succeeds(mark("chen", "present"))
	teacher.awaits("attendanceUpdate")
	student.awaits("attendanceUpdate")
	for _, node := range nodes {
		if _, _, body := ask(t, http.MethodGet, node.URL()+"/healthz"); !strings.Contains(body, `"skippedEvents":1`) {
			t.Errorf("healthz: %s", body)
		}
	}
}
