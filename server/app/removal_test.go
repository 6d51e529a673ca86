package app

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

const noLongerIn = `42["class:error",{"message":"You are no longer in this class"}]`

// as sends a request of a teacher to the class Math; body may be empty.
func as(t *testing.T, a *App, teacher, method, path, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, a.URL()+"/api/classes/Math"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User", teacher)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// tell emits an event without asking for an acknowledgement. Unlike ask it drops nothing that the client is sent.
func (c *client) tell(event string) {
	c.t.Helper()
	c.Send(c.t, "42["+event+"]")
}

// until returns what the client is sent before a message with this beginning.
func (c *client) until(prefix string) (before []string) {
	c.t.Helper()
	for {
		text := c.Receive(c.t).Text
		if strings.HasPrefix(text, prefix) {
			return before
		}
		before = append(before, text)
	}
}

func updates(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return !strings.HasPrefix(text, `42["attendanceUpdate"`) })
}

// removals are all ways in which a user is removed from a class.
var removals = []struct {
	name               string
	method, path, body string
	status             int
	removed            []string // users, of chen, divya and the teacher gita
}{
	{"a student", "DELETE", "/roster/chen", "", http.StatusNoContent, []string{"chen"}},
	{"a replaced roster", "PUT", "/roster", `{"students":[{"id":"divya"}]}`, http.StatusOK, []string{"chen"}},
	{"an imported roster", "POST", "/roster/import?replace=true", "id,name\nchen,Chen\n", http.StatusOK, []string{"divya"}},
	{"a teacher", "DELETE", "/teachers/gita", "", http.StatusNoContent, []string{"gita"}},
	{"the class", "DELETE", "?marks=delete", `{"name":"Math"}`, http.StatusNoContent, []string{"asha", "chen", "divya", "gita"}},
}

// TestRemovedUsersHearNothingMore has a class over two servers, and over one. Those who stay are told who has left.
func TestRemovedUsersHearNothingMore(t *testing.T) {
	for _, test := range removals {
		for _, kind := range []string{"one server", "two servers"} {
			t.Run(test.name+", "+kind, func(t *testing.T) {
				var nodes []*App
				if kind == "one server" {
					a, _ := start(t, settings(t))
					nodes = []*App{a, a}
				} else {
					nodes = startNodes(t)
				}
				clients := map[string]*client{"asha": enter(t, nodes[0], "asha", "teacher")}
				for _, user := range []string{"chen", "divya"} {
					clients[user] = enter(t, nodes[1], user, "student")
				}
				if got := as(t, nodes[0], "asha", http.MethodPut, "/teachers/gita", ""); got != http.StatusOK {
					t.Fatalf("gita was not added: %d", got)
				}
				clients["gita"] = enter(t, nodes[1], "gita", "teacher")
				if got := as(t, nodes[0], "asha", test.method, test.path, test.body); got != test.status {
					t.Fatalf("the answer is %d", got)
				}
				for _, user := range test.removed {
					clients[user].until(noLongerIn)
				}
				if slices.Contains(test.removed, "asha") {
					return
				}
				clients["asha"].tell(initiateLecture)
				for user, c := range clients {
					if slices.Contains(test.removed, user) {
						if answer := c.ask(`"leaveClass",{"userId":"` + user + `","classId":"Math"}`); !strings.Contains(answer, `"success":true`) {
							t.Errorf("%s was answered %s", user, answer)
						}
						continue
					}
					before := c.until(`42["attendanceStarted"`)
					if told := strings.Contains(strings.Join(before, " "), `"userId":"`+test.removed[0]+`","message":"`); !told && nodes[0] == nodes[1] {
						t.Errorf("%s was not told that %s left: %q", user, test.removed[0], before)
					}
				}
			})
		}
	}
}

// TestRemovalDuringBurstLeaksNothing removes half of 200 students in random order while all mark themselves. The teacher is sent
// updates and departures in the order of the commits: a removed student may have been sent what comes before their departure, and
// nothing else.
func TestRemovalDuringBurstLeaksNothing(t *testing.T) {
	const students = 200
	a, _ := start(t, settings(t))
	teacher := enter(t, a, "asha", "teacher")
	clients := make([]*client, students)
	for i := range clients {
		clients[i] = enter(t, a, fmt.Sprint("student-", i), "student")
	}
	teacher.succeeds(initiateLecture)
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			for _, status := range []string{"present", "late", "present"} {
				c.tell(mark(fmt.Sprint("student-", i), status))
			}
		})
	}
	removed := rand.Perm(students)[:students/2]
	for _, i := range removed {
		if got := as(t, a, "asha", http.MethodDelete, fmt.Sprint("/roster/student-", i), ""); got != http.StatusNoContent {
			t.Fatalf("student %d was not removed: %d", i, got)
		}
	}
	all.Wait()
	teacher.tell(endLecture)
	seen := teacher.until(`42["attendanceEnded"`)
	for _, i := range removed {
		left := slices.IndexFunc(seen, func(text string) bool {
			return strings.HasPrefix(text, `42["userLeft",`) && strings.Contains(text, fmt.Sprintf(`"userId":"student-%d"`, i))
		})
		if left < 0 {
			t.Fatalf("the teacher was not told that student %d left", i)
		}
		allowed := updates(seen[:left])
		for _, update := range updates(clients[i].until(noLongerIn)) {
			if !slices.Contains(allowed, update) {
				t.Errorf("student %d was sent %s before the departure, which the teacher was sent after it", i, update)
			}
		}
		clients[i].Send(t, `421["leaveClass",{"userId":"`+fmt.Sprint("student-", i)+`","classId":"Math"}]`)
		for _, text := range clients[i].until("431") {
			// In open mode a mark brings its student back onto the roster, but not into the room: its answer goes to the sender alone.
			if strings.HasPrefix(text, `42["attendanceUpdate"`) && !strings.Contains(text, fmt.Sprintf(`"studentId":"student-%d"`, i)) {
				t.Errorf("student %d was removed and then sent %s", i, text)
			}
		}
	}
}
