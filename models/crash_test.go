package models_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// These variables make the test binary a server that records marks until it is killed.
const (
	recorderDSN   = "TEST_RECORDER_DSN"
	recorderDir   = "TEST_RECORDER_DIR"
	recorderRound = "TEST_RECORDER_ROUND"
)

// recordUntilKilled has ten students at a time come and mark, and prints the id of each whose mark a user could have
// seen: because it was published or because it was confirmed.
func recordUntilKilled() error {
	say := func(id models.ID) {
		fmt.Fprintln(os.Stdout, id) // one write for each line, unbuffered
	}
	store, err := models.Open(context.Background(), models.Options{
		DSN: os.Getenv(recorderDSN), DataDir: os.Getenv(recorderDir),
		OnEvent: func(event models.Event) {
			for _, m := range event.Marks {
				say(m.StudentID)
			}
		},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // if it is not killed
	defer cancel()
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				who := student(fmt.Sprintf("round %s, line %d, student %d", os.Getenv(recorderRound), n, i))
				if _, err := store.Record(ctx, who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}); err == nil {
					say(who.ID)
				}
			}
		})
	}
	all.Wait()
	return store.Close()
}

func TestKilledServerLosesNoConfirmedMark(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		must(store.Join(t.Context(), asha, mathClass))(t)
		initiate(t, store, mathClass, "lecture")
		total := 0
		for round := range 10 {
			seen := killWhileRecording(t, db, round, 20+37*round)
			recorded := map[string]bool{}
			for _, m := range today(t, db.Open(t, models.Options{}), "lecture").Records {
				recorded[m.StudentID.Key] = m.Status == models.Present
			}
			for _, id := range seen {
				if !recorded[id] {
					t.Errorf("the mark of %q was seen and is lost", id)
				}
			}
			total += len(seen)
		}
		t.Logf("%d lines seen in 10 kills", total)
	})
}

// killWhileRecording kills a recorder with SIGKILL after it has printed some lines, and returns all that it printed.
func killWhileRecording(t *testing.T, db *modelstest.Database, round, lines int) []string {
	t.Helper()
	program := must(os.Executable())(t)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), recorderDSN+"="+db.DSN, recorderDir+"="+db.DataDir, fmt.Sprint(recorderRound, "=", round))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Stderr = os.Stderr
	output := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	reader := bufio.NewReader(output)
	for {
		line, err := reader.ReadString('\n')
		if err != nil { // a line that the kill cut off was not seen
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
		seen = append(seen, strings.TrimSuffix(line, "\n"))
		if len(seen) == lines {
			// At no particular moment: before, in, and after a commit.
			time.AfterFunc(rand.N(5*time.Millisecond), func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait() // reports the kill
	if len(seen) < lines {
		t.Fatalf("the recorder ended by itself after %d lines", len(seen))
	}
	return seen
}

// TestMariaDBOutageLosesNoConfirmedMark stops and kills the database in the middle of a burst, several times. The
// store is the same all along.
func TestMariaDBOutageLosesNoConfirmedMark(t *testing.T) {
	db := modelstest.MariaDB(t)
	var published sync.Map
	store := db.Open(t, models.Options{Logger: quiet(), OnEvent: func(event models.Event) {
		for _, m := range event.Marks {
			published.Store(m.StudentID.Key, true)
		}
	}})
	must(store.Join(t.Context(), asha, mathClass))(t)
	initiate(t, store, mathClass, "lecture")
	for round := range 4 {
		var confirmed sync.Map
		var count, refused atomic.Int64
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					who := student(fmt.Sprintf("round %d, line %d, student %d", round, n, i))
					_, err := store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
					switch {
					case err == nil:
						confirmed.Store(who.ID.Key, true)
						count.Add(1)
					case errors.Is(err, models.ErrUnavailable), errors.Is(err, models.ErrUnknownOutcome):
						refused.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
		eventually(t, func() bool { return count.Load() > 200 })
		end := db.Server.Kill
		if round%2 == 1 {
			end = db.Server.Stop
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return refused.Load() > 0 })
		if err := store.Ping(t.Context()); !errors.Is(err, models.ErrUnavailable) {
			t.Errorf("ping without a database: %v", err)
		}
		if err := db.Server.Start(); err != nil {
			t.Fatal(err)
		}
		back := count.Load()
		eventually(t, func() bool { return count.Load() > back+100 })
		stop()
		all.Wait()
		if err := store.Ping(t.Context()); err != nil {
			t.Errorf("ping after the database came back: %v", err)
		}
		recorded := map[any]bool{}
		for _, m := range today(t, store, "lecture").Records {
			recorded[m.StudentID.Key] = true
		}
		for _, promised := range []*sync.Map{&confirmed, &published} {
			promised.Range(func(id, _ any) bool {
				if !recorded[id] {
					t.Errorf("round %d: the mark of %q is lost", round, id)
				}
				return true
			})
		}
		t.Logf("round %d: %d confirmed, %d refused", round, count.Load(), refused.Load())
	}
}
