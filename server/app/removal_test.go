package app

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models"
)

const noLongerIn = `42["class:error",{"message":"You are no longer in this class"}]`

// as sends a request of a teacher to the class Math; body may be empty.
func as(t testing.TB, a *App, teacher, method, path, body string) int {
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

// TestRemovedUsersReceiveNothingMore has a class over two servers, and over one. Those who stay are told who has left.
func TestRemovedUsersReceiveNothingMore(t *testing.T) {
	for _, test := range removals {
		for kind := range serversOf {
			t.Run(test.name+", "+kind, func(t *testing.T) {
				nodes := serversOf[kind](t)
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

// burst is a class in which half of 200 students were removed while all marked themselves.
type burst struct {
	seen     []string // by the teacher
	students []*client
	removed  []int
}

func studentID(i int) string { return fmt.Sprint("student-", i) }

// removeDuringBurst has students on all nodes, and removes some of them over each. The order is the same in every run.
func removeDuringBurst(t *testing.T, nodes []*App) burst {
	t.Helper()
	const students = 200
	node := func(i int) *App { return nodes[i%len(nodes)] }
	teacher := enter(t, nodes[0], "asha", "teacher")
	b := burst{students: make([]*client, students)}
	for i := range b.students {
		b.students[i] = enter(t, node(i), studentID(i), "student")
	}
	teacher.succeeds(initiateLecture)
	var all sync.WaitGroup
	for i, c := range b.students {
		all.Go(func() {
			for _, status := range []string{"present", "late", "present"} {
				c.tell(mark(studentID(i), status))
			}
		})
	}
	b.removed = rand.New(rand.NewPCG(1, 2)).Perm(students)[:students/2]
	for n, i := range b.removed {
		if got := as(t, node(n), "asha", http.MethodDelete, "/roster/"+studentID(i), ""); got != http.StatusNoContent {
			t.Fatalf("%s was not removed: %d", studentID(i), got)
		}
	}
	all.Wait()
	teacher.tell(endLecture)
	b.seen = teacher.until(`42["attendanceEnded"`)
	return b
}

// change is a mark as those who are sent it know it.
type change struct {
	StudentID string        `json:"studentId"`
	Status    models.Status `json:"status"`
	Timestamp string        `json:"timestamp"`
}

// changesOfOthers returns what updates tell of everybody but one student.
func changesOfOthers(t *testing.T, texts []string, student string) (changes []change) {
	t.Helper()
	for _, text := range updates(texts) {
		var told change
		body := strings.TrimSuffix(strings.TrimPrefix(text, `42["attendanceUpdate",`), "]")
		if err := json.Unmarshal([]byte(body), &told); err != nil {
			t.Fatal(err)
		}
		if told.StudentID != student {
			changes = append(changes, told)
		}
	}
	return changes
}

// check compares what removed students were sent of the others with what was committed before their removal. The answer to a mark of
// their own is no matter of the class: in open mode it brings them back onto the roster, but not into the room.
func (b burst) check(t *testing.T, before func(student string) []change) {
	t.Helper()
	for _, i := range b.removed {
		student, c := studentID(i), b.students[i]
		texts := c.until(noLongerIn)
		if i == b.removed[0] {
			t.Logf("the last that %s was sent:\n%s\n%s", student, strings.Join(texts[max(0, len(texts)-3):], "\n"), noLongerIn)
		}
		got := changesOfOthers(t, texts, student)
		if want := before(student); !slices.Equal(got, want) {
			t.Errorf("%s was sent %d changes before the removal, but %d were committed before it", student, len(got), len(want))
		}
		c.Send(t, `421["leaveClass",{"userId":"`+student+`","classId":"Math"}]`)
		if more := changesOfOthers(t, c.until("431"), student); len(more) > 0 {
			t.Errorf("%s was removed and then sent %v", student, more)
		}
	}
}

// TestRemovalDuringBurstLeaksNothing has one server, which sends the teacher updates and departures in the order of the commits.
func TestRemovalDuringBurstLeaksNothing(t *testing.T) {
	a, _ := start(t, settings(t))
	b := removeDuringBurst(t, []*App{a})
	b.check(t, func(student string) []change {
		left := slices.IndexFunc(b.seen, func(text string) bool {
			return strings.HasPrefix(text, `42["userLeft",`) && strings.Contains(text, `"userId":"`+student+`"`)
		})
		if left < 0 {
			t.Fatalf("the teacher was not told that %s left", student)
		}
		return changesOfOthers(t, b.seen[:left], student)
	})
}

// TestRemovalDuringBurstOnNodesLeaksNothing has two servers and takes the order of the commits from their log.
func TestRemovalDuringBurstOnNodesLeaksNothing(t *testing.T) {
	nodes := startNodes(t)
	b := removeDuringBurst(t, nodes)
	entries, err := nodes[0].store.Log().Of(t.Context(), models.StreamOf(models.ID{Key: "Math"}), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	b.check(t, func(student string) (changes []change) {
		for _, entry := range entries {
			event, _, err := models.DecodeEvent(entry.Body)
			if err != nil {
				t.Fatal(err)
			}
			if event.Removal != nil && slices.ContainsFunc(event.Removal.Users, func(user models.Actor) bool { return user.ID.Key == student }) {
				return changes
			}
			for _, mark := range event.Marks {
				if mark.StudentID.Key != student {
					changes = append(changes, change{mark.StudentID.Key, mark.Status, mark.RecordedAt.String()})
				}
			}
		}
		t.Fatalf("the log has no removal of %s", student)
		return nil
	})
}
