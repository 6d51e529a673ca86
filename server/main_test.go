package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models/modelstest"
)

// TestMain makes the test binary a server when it is started as one.
func TestMain(m *testing.M) {
	if os.Getenv("ATTENDANCE_TEST_SERVER") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(modelstest.Run(m))
}

// serverCommand returns a command that runs the server as its own process in an empty directory, with these settings.
func serverCommand(t *testing.T, settings ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, os.Args[0])
	c.Dir = t.TempDir()
	c.Env = append([]string{"ATTENDANCE_TEST_SERVER=1", "PORT=0", "DATA_DIR=" + c.Dir}, settings...)
	return c
}

func TestBrokenOutputPipeDoesNotEndTheServer(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		c := serverCommand(t, "LOG_LEVEL=debug", "LOG_FORMAT="+format)
		output, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		c.Stdout = c.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		url := readyURL(t, output)
		if err := output.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 { // each is logged at debug
			response, err := http.Get(url + "/socket.io/?EIO=4&transport=polling")
			if err != nil {
				t.Fatalf("%s: the server ended: %v", format, err)
			}
			_, _ = io.Copy(io.Discard, response.Body) // the test needs an answer only
			_ = response.Body.Close()
		}
		if err := c.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

var loggedURL = regexp.MustCompile(`http://localhost:\d+`)

// readyURL reads the log up to the line that says where the server is.
func readyURL(t *testing.T, log io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "is ready") {
			return loggedURL.FindString(lines.Text())
		}
	}
	t.Fatalf("the server did not start: %v", lines.Err())
	return ""
}

func TestCommandArgumentsDoNotStartServer(t *testing.T) {
	for arguments, want := range map[string]int{"version": 0, "--help": 0, "-v": 2, "PORT=80": 2, "settings": 1} {
		c := serverCommand(t, "PORT=wrong") // it would end a start with status 1
		c.Args = append(c.Args, arguments)
		if output, _ := c.CombinedOutput(); c.ProcessState.ExitCode() != want || len(output) == 0 {
			t.Errorf("%s: exit status %d, want %d: %s", arguments, c.ProcessState.ExitCode(), want, output)
		}
	}
}

func TestMistakesOfSettingsEndTheStartWithoutSecrets(t *testing.T) {
	for name, tt := range map[string]struct{ dotenv, setting, want string }{
		"an open quote":        {"JWT_SECRET=\"hunter2\n", "LOG_LEVEL=info", "line 1: the value of JWT_SECRET"},
		"a misspelt name":      {"", "JWT_SECERT=hunter2", "JWT_SECERT is no setting of this server; did you mean JWT_SECRET?"},
		"a short secret":       {"JWT_SECRET=hunter2\n", "LOG_LEVEL=info", "JWT_SECRET is too short"},
		"open beyond loopback": {"", "HOST=0.0.0.0", "OPEN_MODE=true"},
		"a wrong key":          {"", "JWT_PUBLIC_KEY=hunter2", "JWT_PUBLIC_KEY must be a PEM public key"},
	} {
		c := serverCommand(t, tt.setting)
		if err := os.WriteFile(c.Dir+"/.env", []byte(tt.dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(output), tt.want) || strings.Contains(string(output), "hunter2") {
			t.Errorf("%s: %v\n%s", name, err, output)
		}
	}
}

// A database that was used with tokens is not opened to everybody because a setting is misspelt or missing.
func TestSignedDatabaseStartsOpenOnlyIfAllowed(t *testing.T) {
	const secret = "0c5d7e3f7ce2b1a94b60a1d6f2c98e35"
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		for _, step := range []struct{ setting, refusal string }{
			{"JWT_SECRET=" + secret, ""},
			{"JWT_SECERT=" + secret, "did you mean JWT_SECRET?"},
			{"jwt_secret=" + secret, "did you mean JWT_SECRET?"},
			{"JWT_SECRET=", "the database was used with tokens before"},
			{"OPEN_MODE=false", "the database was used with tokens before"},
			{"OPEN_MODE=true", ""},
			{"OPEN_MODE=", "the database was used with tokens before"}, // it was allowed for that start only
			{"JWT_SECRET=" + secret, ""},
		} {
			c := serverCommand(t, step.setting, "DATA_DIR="+db.DataDir, "DATABASE_DSN="+db.DSN)
			log, err := c.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if step.refusal == "" {
				readyURL(t, log)
				if err := c.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
			}
			text, err := io.ReadAll(log)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); (err == nil) != (step.refusal == "") || !strings.Contains(string(text), step.refusal) {
				t.Errorf("%.11s: %v, want %q:\n%s", step.setting, err, step.refusal, text)
			}
		}
	})
}
