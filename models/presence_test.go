package models_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// presenceNode is a node whose lease outlives the test: it renews it, and cleans others, only when the test says so.
type presenceNode struct {
	store        *models.Store
	registration *models.Registration
	presence     *models.Presence
	here         map[models.ID]map[models.Actor]bool
}

func newPresenceNode(t *testing.T, db *modelstest.Database, name string, window time.Duration) *presenceNode {
	t.Helper()
	n := &presenceNode{here: map[models.ID]map[models.Actor]bool{}}
	n.store = db.Open(t, models.Options{Logger: quiet(), Mode: models.ModeSigned, Cluster: true})
	n.store.SetNodeLease(time.Hour)
	n.registration = must(n.store.Register(t.Context(), name))(t)
	n.registration.Steady()
	n.presence = n.store.Presence(n.registration, models.PresenceOptions{
		Window: window, Publish: func([]models.LogEntry) {},
		Everybody: func(enter func(models.ID, models.Actor, string)) {
			for class, actors := range n.here {
				for actor := range actors {
					enter(class, actor, "")
				}
			}
		},
	})
	t.Cleanup(func() { _ = n.presence.Close(t.Context()) }) // some tests close it
	t.Cleanup(func() { _ = n.registration.Close(t.Context()) })
	return n
}

// step does one of the steps of TestPresenceOnSeveralNodesIsToldOnce.
func (n *presenceNode) step(t *testing.T, does string) {
	t.Helper()
	here := n.here[mathClass]
	if here == nil {
		here = map[models.Actor]bool{}
		n.here[mathClass] = here
	}
	dead := func() {
		n.store.Exec(t, fmt.Sprint("UPDATE nodes SET alive_at = alive_at - 7200000 WHERE id = ", n.registration.Incarnation()))
	}
	switch does {
	case "enters":
		n.presence.Enter(mathClass, chen, "Chen")
		here[chen] = true
	case "breaks":
		n.presence.Break(mathClass, chen, "Chen", false, time.Now())
		delete(here, chen)
	case "breaks one of two":
		n.presence.Break(mathClass, chen, "Chen", true, time.Now())
	case "leaves":
		n.presence.Leave(mathClass, chen, "Chen", false)
		delete(here, chen)
	case "drains":
		if err := n.presence.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	case "dies":
		n.store.Die(t, n.registration)
	case "is late":
		dead()
	case "cleans":
		n.presence.Survey(t)
	case "wakes":
		n.registration.Renew()
		n.presence.Survey(t)
	default:
		t.Fatalf("there is no step %q", does)
	}
	if _, err := n.presence.In(t.Context(), mathClass); err != nil { // which waits until the step is stored
		t.Fatal(err)
	}
}

// TestPresenceOnSeveralNodesIsToldOnce has a line for each way in which a user comes and goes on the nodes a, b and c: what everybody is
// told, whether the user is there in the end, and whether they can resume on a node.
func TestPresenceOnSeveralNodesIsToldOnce(t *testing.T) {
	for _, test := range []struct {
		steps            string
		want             string
		there, resumable bool
	}{
		{"a enters", "+", true, false},
		{"a enters, b enters", "+", true, false},
		{"a enters, b enters, a leaves", "+", true, false},
		{"a enters, b enters, a leaves, b leaves", "+-", false, false},
		{"a enters, a leaves, b enters", "+-+", true, false},
		{"a enters, a breaks", "+-", false, true},
		{"a enters, a breaks one of two", "+", true, true},
		{"a enters, a breaks, b enters", "+-+", true, true},
		{"a enters, a breaks, b enters, b leaves", "+-+-", false, false},
		{"a enters, a breaks, b leaves", "+-", false, false},
		{"a enters, a breaks one of two, b leaves", "+", true, false},
		{"a enters, b enters, a breaks", "+", true, true},
		// A node that ends, and one that dies.
		{"a enters, a drains", "+", true, true},
		{"a enters, a drains, b enters", "+", true, true},
		{"a enters, a drains, b enters, b leaves", "+-", false, false},
		{"a enters, a drains, a dies, a is late, b cleans", "+-", false, true},
		{"a enters, a drains, b enters, a dies, a is late, b cleans", "+", true, true},
		{"a enters, a dies", "+", true, true},
		{"a enters, a dies, b cleans", "+", true, true},
		{"a enters, a dies, a is late, b cleans", "+-", false, true},
		{"a enters, a dies, a is late, b cleans, c cleans", "+-", false, true},
		{"a enters, a dies, b enters, a is late, b cleans", "+", true, true},
		{"a enters, a dies, b leaves", "+-", false, false},
		{"a enters, b enters, a dies, b dies, a is late, b is late, c cleans", "+-", false, true},
		// A node that was paused.
		{"a enters, a is late, b cleans, a wakes", "+-+", true, true},
		{"a enters, a is late, b cleans, b enters, a wakes", "+-+", true, true},
		{"a enters, a is late, b cleans, b leaves, a wakes", "+-+", true, false},
		{"a enters, a is late, b cleans, a leaves, a wakes", "+-", false, false},
		{"a enters, a is late, a cleans, b cleans", "+-", false, true},
	} {
		t.Run(test.steps, func(t *testing.T) {
			db := modelstest.MariaDB(t)
			nodes := map[string]*presenceNode{}
			for _, name := range []string{"a", "b", "c"} {
				nodes[name] = newPresenceNode(t, db, name, 24*time.Hour)
			}
			for step := range strings.SplitSeq(test.steps, ", ") {
				name, does, _ := strings.Cut(step, " ")
				nodes[name].step(t, does)
			}
			c := nodes["c"]
			got := ""
			for i, entry := range must(c.store.Log().Of(t.Context(), models.RoomStreamOf(mathClass), 0, 100))(t) {
				event := must(models.DecodePresence(entry.Body))(t)
				if entry.Seq != int64(i)+1 || event.User != chen || event.Label != "Chen" && event.Label != "" || event.ClassID != mathClass {
					t.Errorf("entry %d is %d %+v", i+1, entry.Seq, event)
				}
				got += map[bool]string{true: "+", false: "-"}[event.Here]
			}
			there := must(c.presence.In(t.Context(), mathClass))(t)
			resumable := must(c.presence.Resumable(t.Context(), chen))(t)
			if got != test.want || slices.Contains(there, chen) != test.there || (len(resumable) > 0) != test.resumable {
				t.Errorf("told %s, there %v, can resume %v", got, there, resumable)
			}
		})
	}
}

// TestPresenceAlternatesWhenNodesRace has users come and go on three nodes at once. Each is told as come and as gone in turn, and in the
// end the table is who is there.
func TestPresenceAlternatesWhenNodesRace(t *testing.T) {
	const users, steps = 4, 150
	db := modelstest.MariaDB(t)
	here := make([]map[models.Actor]bool, 3)
	nodes := make([]*presenceNode, len(here))
	for i := range nodes {
		nodes[i], here[i] = newPresenceNode(t, db, fmt.Sprint("node-", i), time.Hour), map[models.Actor]bool{}
	}
	var all sync.WaitGroup
	for i, node := range nodes {
		random := rand.New(rand.NewPCG(1, uint64(i)))
		all.Go(func() {
			for range steps {
				who := student(fmt.Sprint("student-", random.IntN(users)))
				switch {
				case !here[i][who]:
					node.presence.Enter(mathClass, who, "")
				case random.IntN(2) == 0:
					node.presence.Leave(mathClass, who, "", false)
				default:
					node.presence.Break(mathClass, who, "", false, time.Now())
				}
				here[i][who] = !here[i][who]
				if random.IntN(4) == 0 {
					must(node.presence.In(t.Context(), mathClass))(t) // waits, so that not all is one batch
				}
			}
			must(node.presence.In(t.Context(), mathClass))(t)
		})
	}
	all.Wait()
	told := map[models.Actor]bool{}
	for _, entry := range must(nodes[0].store.Log().Of(t.Context(), models.RoomStreamOf(mathClass), 0, 10_000))(t) {
		event := must(models.DecodePresence(entry.Body))(t)
		if told[event.User] == event.Here {
			t.Fatalf("event %d: %v is told twice as here: %v", entry.Seq, event.User, event.Here)
		}
		told[event.User] = event.Here
	}
	stored := must(nodes[0].presence.In(t.Context(), mathClass))(t)
	for i := range users {
		who := student(fmt.Sprint("student-", i))
		want := here[0][who] || here[1][who] || here[2][who]
		if told[who] != want || slices.Contains(stored, who) != want {
			t.Errorf("%v is here: %v, told: %v, stored: %v", who, want, told[who], slices.Contains(stored, who))
		}
	}
}

func TestStreamNamesItsClassAndKind(t *testing.T) {
	for _, key := range []string{"Math", "p:Math", "c:p:Math", ""} {
		class := models.ID{Key: key}
		for stream, isRoom := range map[string]bool{models.StreamOf(class): false, models.RoomStreamOf(class): true} {
			if models.ClassOf(stream) != key || models.IsRoomStream(stream) != isRoom {
				t.Errorf("stream %q: class %q, room %v", stream, models.ClassOf(stream), models.IsRoomStream(stream))
			}
		}
	}
}

// FuzzDecodePresence reads what another version may have written.
func FuzzDecodePresence(f *testing.F) {
	f.Add([]byte(`{"class":"Math","user":5,"role":"student","label":"Chen","here":true,"later":1}`))
	f.Add([]byte(`{"user":"chen"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := models.DecodePresence(body)
		if err != nil && event != (models.PresenceEvent{}) {
			t.Errorf("%v with an error", event)
		}
	})
}
