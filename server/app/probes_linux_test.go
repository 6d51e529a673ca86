package app

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// The kernel sends no packets on a connection without a timer, 00 in /proc/net/tcp. Timer 02 is keep-alive. Timer 01 is a
// retransmission, which ends when the answer is acknowledged.
func TestIdleConnectionHasNoKeepAliveTimer(t *testing.T) {
	a, _ := start(t, settings(t, "HOST=127.0.0.1"))
	conn, err := net.Dial("tcp4", strings.TrimPrefix(a.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if answer, err := bufio.NewReader(conn).ReadString('\n'); answer != "HTTP/1.1 200 OK\r\n" {
		t.Fatal(answer, err)
	}
	port := func(address net.Addr) string { return fmt.Sprintf(":%04X", address.(*net.TCPAddr).Port) }
	engineiotest.Eventually(t, func() error {
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(table)) {
			fields := strings.Fields(line)
			ours := strings.HasSuffix(fields[1], port(conn.RemoteAddr())) && strings.HasSuffix(fields[2], port(conn.LocalAddr()))
			if ours && strings.HasPrefix(fields[5], "00:") {
				return nil
			} else if ours {
				return fmt.Errorf("the server's half has the timer %s", fields[5])
			}
		}
		return errors.New("the server's half is not there")
	})
}
