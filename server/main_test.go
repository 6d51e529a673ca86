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

// command returns a command that runs the server as its own process in an empty directory, with these settings.
func command(t *testing.T, settings ...string) *exec.Cmd {
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
		c := command(t, "LOG_LEVEL=debug", "LOG_FORMAT="+format)
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

func TestArgumentsAreAnsweredWithoutStart(t *testing.T) {
	for _, test := range []struct {
		arguments      string
		status         int
		stdout, stderr string // a part of each; "" is nothing at all
	}{
		{"--version", 0, "attendance ", ""},
		{"--help", 0, "Usage: attendance", ""},
		{"--version --help", 0, "Usage: attendance", ""},
		{"--verbose", 2, "", `"--verbose"`},
		{"--version serve", 2, "", `"serve"`},
		{"--help=1", 2, "", `"--help=1"`},
		{"-v", 2, "", `"-v"`},
		{"PORT=80", 2, "", `"PORT=80"`},
		{"--", 2, "", `"--"`},
	} {
		c := command(t, "PORT=wrong") // it would end a start with status 1
		c.Args = append(c.Args, strings.Fields(test.arguments)...)
		var stdout, stderr strings.Builder
		c.Stdout, c.Stderr = &stdout, &stderr
		err := c.Run()
		if status := c.ProcessState.ExitCode(); status != test.status {
			t.Errorf("%s: exit status %d (%v), want %d", test.arguments, status, err, test.status)
		}
		for output, want := range map[*strings.Builder]string{&stdout: test.stdout, &stderr: test.stderr} {
			if text := output.String(); !strings.Contains(text, want) || (text == "") != (want == "") {
				t.Errorf("%s: %q, want %q", test.arguments, text, want)
			}
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
		c := command(t, tt.setting)
		if err := os.WriteFile(c.Dir+"/.env", []byte(tt.dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(output), tt.want) || strings.Contains(string(output), "hunter2") {
			t.Errorf("%s: %v\n%s", name, err, output)
		}
	}
}
