package models_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// numbered returns count students whose ids and names begin with a word.
func numbered(word string, count int) []models.Student {
	students := make([]models.Student, count)
	for i := range students {
		students[i] = models.Student{ID: models.ID{Key: fmt.Sprintf("%s-%d", word, i)}, Name: fmt.Sprintf("%s %d", word, i)}
	}
	return students
}

// rosterChanges begin with the roster Ann, Bo (id 2, a number), and Cem without a name.
var rosterChanges = []struct {
	name     string
	students []models.Student
	replace  bool
	want     models.RosterChange
	roster   string
	err      string
}{
	{"add no student", nil, false, models.RosterChange{}, "[Ann/1 Bo/2# /3]", ""},
	{"replace by an empty roster", nil, true, models.RosterChange{Removed: 3}, "[]", ""},
	{
		"add, rename and keep",
		[]models.Student{{models.ID{Key: "2"}, "Bob"}, {models.ID{Key: "1"}, ""}, {models.ID{Key: "4"}, "Dee"}},
		false,
		models.RosterChange{Added: 1, Renamed: 1, Unchanged: 1},
		"[Ann/1 Bob/2# /3 Dee/4]", "",
	},
	{
		"replace",
		[]models.Student{{models.ID{Key: "2"}, "Bo"}, {models.ID{Key: "4", Number: true}, "Dee"}},
		true,
		models.RosterChange{Added: 1, Removed: 2, Unchanged: 1},
		"[Bo/2# Dee/4#]", "",
	},
	{"name that differs by a space", []models.Student{{models.ID{Key: "2"}, "Bo "}}, false, models.RosterChange{Renamed: 1}, "[Ann/1 Bo /2# /3]", ""},
	{"name of a student without one", []models.Student{{models.ID{Key: "3"}, "Cem"}}, false, models.RosterChange{Renamed: 1}, "[Ann/1 Bo/2# Cem/3]", ""},
	{"student who was removed", []models.Student{{models.ID{Key: "0"}, ""}}, false, models.RosterChange{Added: 1}, "[Zoe/0 Ann/1 Bo/2# /3]", ""},
	{"too many", numbered("x", models.MaxRoster+1), true, models.RosterChange{}, "[Ann/1 Bo/2# /3]", "A roster has at most 40000 students"},
	{"listed twice", append(numbered("x", 1), numbered("x", 1)...), false, models.RosterChange{}, "[Ann/1 Bo/2# /3]", "The student x-0 is listed twice"},
	{"too many with those who are there", numbered("x", models.MaxRoster-2), false, models.RosterChange{}, "[Ann/1 Bo/2# /3]", "A roster has at most 40000 students"},
	{"most that may be listed", numbered("x", models.MaxRoster), true, models.RosterChange{Added: models.MaxRoster, Removed: 3}, "", ""},
}

func TestPreviewRosterMatchesTheChange(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		for _, test := range rosterChanges {
			t.Run(test.name, func(t *testing.T) {
				class := models.ID{Key: test.name}
				must(store.CreateClass(t.Context(), asha, class, ""))(t)
				must(store.AddToRoster(t.Context(), asha, class, []models.Student{
					{models.ID{Key: "0"}, "Zoe"}, {models.ID{Key: "1"}, "Ann"}, {models.ID{Key: "2", Number: true}, "Bo"}, {models.ID{Key: "3"}, ""},
				}))(t)
				if err := store.RemoveFromRoster(t.Context(), asha, class, models.ID{Key: "0"}); err != nil {
					t.Fatal(err)
				}
				change := store.AddToRoster
				if test.replace {
					change = store.ReplaceRoster
				}
				preview, previewErr := store.PreviewRoster(t.Context(), asha, class, test.students, test.replace)
				got, err := change(t.Context(), asha, class, test.students)
				if preview != got || fmt.Sprint(previewErr) != fmt.Sprint(err) {
					t.Errorf("previewed %+v, %v; done %+v, %v", preview, previewErr, got, err)
				}
				if test.err != "" {
					if err == nil || err.Error() != test.err {
						t.Errorf("got %v, want %s", err, test.err)
					}
				} else if err != nil || got != test.want {
					t.Errorf("got %+v, %v, want %+v", got, err, test.want)
				}
				if roster := byID(t, store, class); test.roster != "" && roster != test.roster {
					t.Errorf("the roster is %s, want %s", roster, test.roster)
				}
			})
		}
	})
}

// byID writes the roster in the order of the ids, those that are numbers with a #.
func byID(t *testing.T, store *models.Store, class models.ID) string {
	t.Helper()
	lines := map[string]string{}
	for _, enrolment := range must(store.Roster(t.Context(), asha, class))(t) {
		line := enrolment.StudentName + "/" + enrolment.StudentID.Key
		if enrolment.StudentID.Number {
			line += "#"
		}
		lines[enrolment.StudentID.Key] = line
	}
	text := []string{}
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		text = append(text, lines[key])
	}
	return fmt.Sprint(text)
}

func TestRosterOf40000IsReplaced(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
		must(store.AddToRoster(t.Context(), asha, mathClass, numbered("a", models.MaxRoster)))(t)
		if got, want := must(store.ReplaceRoster(t.Context(), asha, mathClass, numbered("b", models.MaxRoster)))(t), (models.RosterChange{Added: 40_000, Removed: 40_000}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got, want := must(store.ReplaceRoster(t.Context(), asha, mathClass, numbered("e", 5)))(t), (models.RosterChange{Added: 5, Removed: 40_000}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// Each piece of a roster is a transaction of its own, so at least a mark for every other piece gets in.
func TestRecordWhileRosterIsSavedSucceeds(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{})
	lesson(t, store)
	must(store.CreateClass(t.Context(), asha, physics, ""))(t)
	saved := make(chan error, 1)
	go func() {
		_, err := store.ReplaceRoster(t.Context(), asha, physics, numbered("x", 10_000))
		saved <- err
	}()
	var marks int
	var slowest time.Duration
	for done := false; !done; marks++ {
		select {
		case err := <-saved:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		default:
			began := time.Now()
			_, err := record(t, store, chen, chen.ID, []models.Status{models.Present, models.Late}[marks%2])
			if errors.Is(err, models.ErrTooSlow) { // on a busy machine the last transaction takes longer than a mark waits
				marks--
			} else if err != nil {
				t.Fatal(err)
			}
			slowest = max(slowest, time.Since(began))
		}
	}
	t.Logf("%d marks, the slowest took %v", marks, slowest)
	if marks < 10 {
		t.Errorf("only %d marks were recorded while 10,000 students were saved", marks)
	}
}

// A mark waits for the transaction that is running, and for no other piece of a roster.
func TestRecordWaitsForOneReplacementAtMost(t *testing.T) {
	const replacements = 9
	var finished, atCommit atomic.Int64
	store := modelstest.SQLite(t).Open(t, models.Options{OnEvent: func(event models.Event) {
		if len(event.Marks) > 0 {
			atCommit.Store(finished.Load())
		}
	}})
	lesson(t, store)
	classes := [3]models.ID{{Key: "a"}, {Key: "b"}, {Key: "c"}}
	for _, class := range classes {
		must(store.CreateClass(t.Context(), asha, class, ""))(t)
	}
	var all sync.WaitGroup
	for i := range replacements {
		all.Go(func() {
			if _, err := store.ReplaceRoster(t.Context(), asha, classes[i%len(classes)], numbered(fmt.Sprint("x", i), 2000)); err != nil {
				t.Error(err)
			}
			finished.Add(1)
		})
	}
	marks := 0
	for ; finished.Load() < replacements; marks++ {
		before := finished.Load()
		if _, err := record(t, store, chen, chen.ID, []models.Status{models.Present, models.Late}[marks%2]); err != nil {
			t.Error(err)
			break
		}
		if waited := atCommit.Load() - before; waited > 1 {
			t.Errorf("mark %d was committed after %d replacements that were under way or waiting", marks, waited)
		}
	}
	all.Wait()
	if marks < 2*replacements {
		t.Errorf("only %d marks were recorded during %d replacements", marks, replacements)
	}
}

func TestRosterPieceSizeFollowsItsDuration(t *testing.T) {
	for _, test := range []struct {
		size int
		took time.Duration
		want int
	}{
		{500, time.Millisecond, 1000},
		{500, 15 * time.Millisecond, 500},
		{500, 21 * time.Millisecond, 250},
		{2000, 0, 2000},
		{60, time.Second, 50},
		{50, time.Second, 50},
	} {
		if got := models.NextPiece(test.size, test.took); got != test.want {
			t.Errorf("after %d lines in %v: %d, want %d", test.size, test.took, got, test.want)
		}
	}
}

func TestBulkWriteWaitsForPreviousOne(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{})
	must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
	end := store.BeginBulk(t)
	impatient, leave := context.WithCancel(t.Context())
	defer leave()
	second := make(chan error, 1)
	go func() {
		_, err := store.AddToRoster(impatient, asha, mathClass, numbered("x", 1000))
		second <- err
	}()
	eventually(t, func() bool { return isRunning("models.(*Store).beginBulk") })
	leave()
	wantRefusal(t, <-second, models.ErrBulkBusy)
	must(store.AddToRoster(t.Context(), asha, mathClass, numbered("few", 3)))(t)
	end()
	must(store.AddToRoster(t.Context(), asha, mathClass, numbered("x", 1000)))(t)
}

// isRunning tells whether a goroutine is in a function, such as one that waits.
func isRunning(function string) bool { return waitsIn(function, function) }

// waitsIn tells whether a goroutine is in a function, and there in one of those that it waits in.
func waitsIn(function string, waiting ...string) bool {
	stacks := make([]byte, 1<<20)
	for stack := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if strings.Contains(stack, function+"(") && slices.ContainsFunc(waiting, func(f string) bool { return strings.Contains(stack, f+"(") }) {
			return true
		}
	}
	return false
}

// replacerDir makes the test binary replace a roster by another, and back, until it is killed.
const replacerDir = "TEST_REPLACER_DIR"

// halves are the two rosters with which the replacer replaces each other.
var halves = [2][]models.Student{numbered("a", 3000), numbered("b", 2000)}

func replaceUntilKilled(dir string) error {
	store, err := models.Open(context.Background(), models.Options{DataDir: dir})
	for i := 0; err == nil && i < 1000; i++ {
		if _, err = store.ReplaceRoster(context.Background(), asha, mathClass, halves[i%2]); err == nil {
			_, err = fmt.Println(i)
		}
	}
	return err
}

func TestReplaceRosterKilledLeavesWholeRoster(t *testing.T) {
	db := modelstest.SQLite(t)
	store := db.Open(t, models.Options{})
	must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
	must(store.ReplaceRoster(t.Context(), asha, mathClass, halves[1]))(t)
	for round := range 5 {
		run := exec.CommandContext(t.Context(), must(os.Executable())(t))
		run.Env = append(os.Environ(), replacerDir+"="+db.DataDir)
		run.Stderr = os.Stderr
		output := must(run.StdoutPipe())(t)
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		var once [8]byte
		if _, err := output.Read(once[:]); err != nil { // it has begun
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(round)*17*time.Millisecond, func() { run.Process.Kill() })
		for ended := false; !ended; {
			wantHalf(t, store)
			_, err := output.Read(once[:])
			ended = err != nil
		}
		run.Wait() // reports the kill
		wantHalf(t, store)
	}
	store.Exec(t, "UPDATE roster_lines SET made_at = 0")
	must(store.AddToRoster(t.Context(), asha, mathClass, numbered("a", 1)))(t)
	if lines := store.Count(t, "roster_lines"); lines != 0 {
		t.Errorf("%d lines are left behind", lines)
	}
}

// wantHalf checks that the roster is one of the halves as a whole.
func wantHalf(t *testing.T, store *models.Store) {
	t.Helper()
	found := map[byte]int{}
	for _, enrolment := range must(store.Roster(t.Context(), asha, mathClass))(t) {
		found[enrolment.StudentID.Key[0]]++
	}
	if len(found) != 1 || found['a'] != len(halves[0]) && found['b'] != len(halves[1]) {
		t.Errorf("the roster has %v", found)
	}
}

// longLists are statements with a list of values, at the greatest length that callers can make them.
var longLists = []struct {
	name string
	do   func(ctx context.Context, store *models.Store, n int) error
}{
	{"joins of a class each", func(ctx context.Context, store *models.Store, n int) error {
		_, err := store.Join(ctx, asha, models.ID{Key: fmt.Sprint("class ", n)})
		return err
	}},
	{"joins of one class", func(ctx context.Context, store *models.Store, n int) error {
		_, err := store.Join(ctx, student(fmt.Sprint("student ", n)), models.ID{Key: "class 0"})
		return err
	}},
	{"sessions", func(ctx context.Context, store *models.Store, n int) error {
		_, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: models.ID{Key: fmt.Sprint("class ", n)}, SessionType: "lecture"})
		return err
	}},
	{"marks in a class each", func(ctx context.Context, store *models.Store, n int) error {
		_, err := store.Record(ctx, student(fmt.Sprint("student ", n)), models.MarkRequest{ClassID: models.ID{Key: fmt.Sprint("class ", n)}, SessionType: "lecture"})
		return err
	}},
	{"marks in one class", func(ctx context.Context, store *models.Store, n int) error {
		_, err := store.Record(ctx, student(fmt.Sprint("new student ", n)), models.MarkRequest{ClassID: models.ID{Key: "class 0"}, SessionType: "lecture"})
		return err
	}},
}

// More callers than one batch takes are behind a transaction that holds the lock, so batches are as large as they get.
func TestLongestValueListsAreAccepted(t *testing.T) {
	const callers = 1100
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		for _, test := range longLists {
			var all sync.WaitGroup
			var failed atomic.Int64
			for n := range callers {
				all.Go(func() {
					if err := test.do(t.Context(), store, n); err != nil && !errors.Is(err, models.ErrUnavailable) {
						failed.Add(1)
						t.Log(err)
					}
				})
			}
			all.Wait()
			if failed.Load() > 0 {
				t.Errorf("%s: %d failed", test.name, failed.Load())
			}
		}
	})
}
