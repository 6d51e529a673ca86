package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func see(t testing.TB, a *App, visibility string) {
	t.Helper()
	if got := as(t, a, "asha", http.MethodPatch, "", `{"visibility":"`+visibility+`"}`); got != http.StatusOK {
		t.Fatalf("visibility %s was answered %d", visibility, got)
	}
}

// named returns the texts that name a user.
func named(texts []string, user string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return !strings.Contains(text, user) })
}

// TestOwnVisibilityHidesClassmates has everything that shows people, on one server and on two.
func TestOwnVisibilityHidesClassmates(t *testing.T) {
	for kind := range serversOf {
		t.Run(kind, func(t *testing.T) {
			nodes := serversOf[kind](t)
			teacher := enter(t, nodes[0], "asha", "teacher")
			before := enter(t, nodes[1], "chen", "student") // is there when it changes
			see(t, nodes[0], "own")
			teacher.succeeds(`"initiateAttendance",{"classId":"Math","teacherId":"asha","sessionType":"lab"}`)
			before.until(`42["attendanceStarted"`) // so the change has reached its server
			divya := enter(t, nodes[0], "divya", "student")
			after := enter(t, nodes[1], "hugo", "student") // comes afterwards
			teacher.succeeds(initiateLecture)
			divya.tell(mark("divya", "late"))
			before.tell(mark("chen", "present"))
			after.tell(mark("hugo", "present"))
			var seen []string
			for range 3 {
				seen = append(seen, teacher.awaits("attendanceUpdate"))
			}
			_ = divya.Close()
			teacher.tell(endLecture)
			for _, user := range []string{"divya", "chen", "hugo"} {
				if len(named(updates(seen), user)) != 1 {
					t.Errorf("the teacher was sent of %s: %q", user, named(seen, user))
				}
			}
			for user, c := range map[string]*client{"chen": before, "hugo": after} {
				seen := c.until(`42["attendanceEnded"`)
				if strings.Contains(strings.Join(seen, " "), "divya") || len(updates(seen)) != 1 || len(named(updates(seen), user)) != 1 {
					t.Errorf("%s was sent %q", user, seen)
				}
				answer := c.ask(`"fetchAttendance",{"classId":"Math","date":"` + time.Now().UTC().Format(time.DateOnly) + `","sessionType":"lecture"}`)
				if strings.Contains(answer, "divya") || !strings.Contains(answer, user) {
					t.Errorf("%s was answered %s", user, answer)
				}
			}
			_ = before.Close()
			resumed := dial(t, nodes[1])
			resumed.succeeds(`"identify",{"userId":"chen","role":"student"}`)
			resumed.succeeds(`"joinClass",{"userId":"chen","classId":"Math"}`)
			teacher.tell(initiateLecture)
			teacher.until(`42["attendanceStarted"`)
			after.succeeds(mark("hugo", "late"))
			see(t, nodes[0], "class")
			teacher.tell(endLecture)
			if seen := resumed.until(`42["attendanceEnded"`); strings.Contains(strings.Join(seen, " "), "hugo") {
				t.Errorf("a client that came back was sent %q", seen)
			}
			teacher.succeeds(initiateLecture)
			after.tell(mark("hugo", "present"))
			if text := resumed.awaits("attendanceUpdate"); !strings.Contains(text, "hugo") {
				t.Errorf("in a class that shows everything, a student was sent %s", text)
			}
		})
	}
}

// TestVisibilityChangeInBurstLosesAndLeaksNothing changes it while students mark themselves. After each change the end of a session of
// another type tells every client that the change is behind it.
func TestVisibilityChangeInBurstLosesAndLeaksNothing(t *testing.T) {
	const students, rounds = 100, 3
	a, _ := start(t, settings(t))
	teacher := enter(t, a, "asha", "teacher")
	clients := make([]*client, students)
	for i := range clients {
		clients[i] = enter(t, a, fmt.Sprintf("student-%03d", i), "student")
	}
	teacher.succeeds(initiateLecture)
	burst := func(status string) *sync.WaitGroup {
		var all sync.WaitGroup
		for i, c := range clients {
			all.Go(func() { c.Send(t, "42["+mark(fmt.Sprintf("student-%03d", i), status)+"]") })
		}
		return &all
	}
	for round := range rounds {
		for _, visibility := range []string{"own", "class"} {
			status := map[string]string{"own": "present", "class": "late"}[visibility]
			during := burst(status)
			see(t, a, visibility)
			during.Wait()
			for _, seen := range untilBarrier(t, teacher, clients, fmt.Sprint(visibility, round)) {
				if own := named(updates(seen.texts), seen.user); len(own) < 1 {
					t.Fatalf("%s was not sent their own mark while it changed to %s: %q", seen.user, visibility, seen.texts)
				}
			}
			burst("absent").Wait()
			for _, seen := range untilBarrier(t, teacher, clients, fmt.Sprint("after-", visibility, round)) {
				want := 1
				if visibility == "class" {
					want = students
				}
				if got := updates(seen.texts); len(got) != want || len(named(got, seen.user)) != 1 {
					t.Fatalf("%s was sent %d updates in a class that shows %s: %q", seen.user, len(got), visibility, got)
				}
			}
		}
	}
}

type seenBy struct {
	user  string
	texts []string
}

// untilBarrier waits until all students' marks are committed, lets a session of this type start, and returns what each student is sent
// before its start.
func untilBarrier(t *testing.T, teacher *client, clients []*client, sessionType string) (all []seenBy) {
	t.Helper()
	for _, c := range clients { // events of a socket are handled one after the other
		c.Send(t, `42["fetchAttendance",{"classId":"none","date":"2026-01-01","sessionType":"lecture"}]`)
	}
	waiting := make([][]string, len(clients))
	for i, c := range clients {
		waiting[i] = c.until(`42["attendanceData"`)
	}
	teacher.succeeds(`"initiateAttendance",{"classId":"Math","teacherId":"asha","sessionType":"` + sessionType + `"}`)
	for i, c := range clients {
		texts := append(waiting[i], c.until(`42["attendanceStarted"`)...)
		all = append(all, seenBy{fmt.Sprintf("student-%03d", i), texts})
	}
	return all
}
