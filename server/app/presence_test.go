package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var presenceEvent = regexp.MustCompile(`^42\["(userJoined|userLeft)",\{"userId":"([^"]*)"`)

// awaitsPresence returns the next event that says who came or went: "+" or "-" and the user.
func (c *client) awaitsPresence() string {
	c.t.Helper()
	for {
		if found := presenceEvent.FindStringSubmatch(c.Receive(c.t).Text); found != nil {
			return map[string]string{"userJoined": "+", "userLeft": "-"}[found[1]] + found[2]
		}
	}
}

// users returns who is in the class Math, as a node says over REST.
func users(t *testing.T, node *App) (users []string) {
	t.Helper()
	status, _, body := ask(t, http.MethodGet, node.URL()+"/api/classes/Math/presence", "X-User", "asha")
	if status != http.StatusOK {
		t.Fatalf("presence: %d %s", status, body)
	}
	for _, found := range regexp.MustCompile(`"userId":"([^"]*)"`).FindAllStringSubmatch(body, -1) {
		users = append(users, found[1])
	}
	return users
}

// TestPresenceCountsUsersOfAllNodes has users with connections to both nodes. Everybody is told of each user once.
func TestPresenceCountsUsersOfAllNodes(t *testing.T) {
	nodes := startNodes(t)
	teacher := enter(t, nodes[0], "asha", "teacher")
	told := func(want string) {
		t.Helper()
		if got := teacher.awaitsPresence(); got != want {
			t.Errorf("the teacher was told %s, want %s", got, want)
		}
	}
	here := func(want string) {
		t.Helper()
		for _, node := range nodes {
			if got := strings.Join(users(t, node), " "); got != want {
				t.Errorf("in the class: %s, want %s", got, want)
			}
		}
	}
	here("asha")
	chen := enter(t, nodes[1], "chen", "student")
	told("+chen")
	again := enter(t, nodes[0], "chen", "student")
	here("asha chen")
	chen.succeeds(`"leaveClass",{"userId":"chen","classId":"Math"}`)
	divya := enter(t, nodes[1], "divya", "student")
	told("+divya") // and nothing of chen, who is still on the other node
	here("asha chen divya")
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	told("-chen")
	if got := divya.awaitsPresence(); got != "-chen" {
		t.Errorf("divya was told %s", got)
	}
	here("asha divya")
	back := dial(t, nodes[1])
	back.succeeds(`"identify",{"userId":"chen","role":"student"}`) // resumes on the other node
	told("+chen")
	here("asha chen divya")
	back.succeeds(`"leaveClass",{"userId":"chen","classId":"Math"}`)
	told("-chen")
	dial(t, nodes[0]).succeeds(`"identify",{"userId":"chen","role":"student"}`)
	here("asha divya") // who left on purpose does not resume
}
