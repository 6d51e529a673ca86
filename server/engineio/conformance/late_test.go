package main

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

// lateness is how long after the answer to the handshake a client reads that awaits its WebSocket's event "open" and listens for messages
// only then, as the public suites do with npm's ws. Such a client loses what comes with the answer.
const lateness = 2 * time.Millisecond

// checkLateListener wants the OPEN packet of a WebSocket after a late client's first read. A machine that holds the client up for much
// longer shows nothing about the server, so the client has some attempts.
func checkLateListener(t *testing.T, address string, revision int) {
	t.Helper()
	var read string
	for range 10 {
		read = lateRead(t, address, revision)
		if strings.HasPrefix(read, "HTTP/1.1 101 ") && strings.Index(read, "\r\n\r\n") == len(read)-len("\r\n\r\n") {
			return
		}
	}
	t.Errorf("a client that listens late has read %q, want the answer to the handshake and nothing else", read)
}

// lateRead returns what there is to be read a while after the first byte of the answer.
func lateRead(t *testing.T, address string, revision int) string {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", target.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s?EIO=%d&transport=websocket HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", target.Path, revision, target.Host)
	buffer := make([]byte, 4096)
	if _, err := conn.Read(buffer[:1]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(lateness)
	n, err := conn.Read(buffer[1:])
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:1+n])
}
