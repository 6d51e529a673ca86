package main

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/neuracampus/attendance/models/modelstest"
)

// process is a server that runs as its own process.
type process struct {
	*exec.Cmd
	log *bufio.Scanner
}

func startProcess(t *testing.T, settings ...string) process {
	t.Helper()
	p := prepareProcess(t, settings...)
	p.begin(t)
	return p
}

// prepareProcess returns a process that begin starts.
func prepareProcess(t *testing.T, settings ...string) process {
	t.Helper()
	c := serverCommand(t, settings...)
	output, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	return process{c, bufio.NewScanner(output)}
}

func (p process) begin(t *testing.T) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill() // it may have ended already
		_ = p.Wait()         // reports the kill
	})
}

// logs reads the log up to a line that contains text.
func (p process) logs(t *testing.T, text string) {
	t.Helper()
	var read []string
	for p.log.Scan() {
		if read = append(read, p.log.Text()); strings.Contains(p.log.Text(), text) {
			return
		}
	}
	t.Fatalf("the server ended before it logged %q: %v\n%s", text, p.log.Err(), strings.Join(read, "\n"))
}

func (p process) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// TestSecondServerWaitsUntilFirstHasEnded restarts a server as service managers do: the next process begins while the one before is
// stopping, or at once after that was killed. A server that nobody stops keeps its database.
func TestSecondServerWaitsUntilFirstHasEnded(t *testing.T) {
	for name, database := range map[string]string{
		"SQLite":  "DATA_DIR=" + t.TempDir(),
		"MariaDB": "DATABASE_DSN=" + modelstest.MariaDB(t).DSN,
	} {
		t.Run(name, func(t *testing.T) {
			serving := startProcess(t, database)
			serving.logs(t, "is ready")

			refused := startProcess(t, database)
			refused.logs(t, "waiting for another server to end")
			refused.signal(t, syscall.SIGTERM)
			refused.logs(t, "the server did not start: another server uses the database")
			if err := refused.Wait(); refused.ProcessState.ExitCode() != 1 {
				t.Errorf("the second server: %v", err)
			}
			for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
				next := startProcess(t, database)
				next.logs(t, "waiting for another server to end")
				serving.signal(t, signal)
				next.logs(t, "is ready")
				serving = next
			}
		})
	}
}
