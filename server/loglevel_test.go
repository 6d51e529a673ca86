package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// A wrong file of settings changes nothing, and the server goes on.
func TestHangupReadsTheLogLevelAgain(t *testing.T) {
	c := serverCommand(t)
	setLevel := func(level string) {
		t.Helper()
		if err := os.WriteFile(c.Dir+"/.env", []byte("LOG_LEVEL="+level+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	setLevel("info")
	output, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(output)
	await := func(text string) (line string) {
		t.Helper()
		for !strings.Contains(line, text) {
			var err error
			if line, err = lines.ReadString('\n'); err != nil {
				t.Fatalf("the log ended before %q: %v", text, err)
			}
		}
		return line
	}
	url := loggedURL.FindString(await("is ready"))
	hangUp := func(level string) {
		t.Helper()
		setLevel(level)
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUp("loud")
	await("LOG_LEVEL must be")
	hangUp("debug")
	await("the log level was read again")
	response, err := http.Get(url + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // the test needs the log only
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await("level=DEBUG")
	if _, err := io.Copy(io.Discard, lines); err != nil { // to the end, so that the server can write it
		t.Error(err)
	}
	if err := c.Wait(); err != nil {
		t.Error(err)
	}
}
