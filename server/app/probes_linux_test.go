package app

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// A connection without a timer in the kernel sends no packets of its own accord; keep-alive is timer 02 in /proc/net/tcp, and 01 the
// one that waits for an answer to be confirmed.
func TestAnIdleConnectionIsNotProbed(t *testing.T) {
	a, _ := start(t, settings(t, "HOST=127.0.0.1"))
	conn, err := net.Dial("tcp4", strings.TrimPrefix(a.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: campus\r\n\r\n")
	if answer, err := bufio.NewReader(conn).ReadString('\n'); answer != "HTTP/1.1 200 OK\r\n" {
		t.Fatal(answer, err)
	}
	port := func(address net.Addr) string { return fmt.Sprintf(":%04X", address.(*net.TCPAddr).Port) }
	timer := ""
	for deadline := time.Now().Add(10 * time.Second); timer == "" || timer == "01"; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the timer of the server's half is %q", timer)
		}
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(table)) {
			fields := strings.Fields(line)
			if strings.HasSuffix(fields[1], port(conn.RemoteAddr())) && strings.HasSuffix(fields[2], port(conn.LocalAddr())) {
				timer, _, _ = strings.Cut(fields[5], ":")
			}
		}
	}
	if timer != "00" {
		t.Errorf("the timer of the server's half is %s, want 00, which is none", timer)
	}
}
