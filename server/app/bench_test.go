package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// BenchmarkPoll measures one event of a polling client over one connection: the POST of an event with an acknowledgement, and the
// GET that returns the acknowledgement.
func BenchmarkPoll(b *testing.B) {
	a, _ := start(b, settings(b, "EVENT_RATE=1000000", "EVENT_BURST=1000000"))
	polling := engineiotest.Open(b, engineiotest.NewHTTPClient(b), a.URL()+"/socket.io/", 4)
	polling.Post(b, "40")
	polling.Get(b)
	conn, err := net.Dial("tcp", a.listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	address := "/socket.io/?EIO=4&transport=polling&sid=" + polling.Handshake.SID
	event := `421["identify",{}]`
	const header = " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" // as browsers send it
	post := fmt.Sprintf("POST %s%sContent-Length: %d\r\n\r\n%s", address, header, len(event), event)
	get := "GET " + address + header + "\r\n"
	reader := bufio.NewReader(conn)
	ask := func(request string) {
		if _, err := io.WriteString(conn, request); err != nil {
			b.Fatal(err)
		}
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK || strings.Contains(string(text), "rate_limited") {
			b.Fatal(answer.Status, string(text), err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		ask(post)
		ask(get)
	}
}

// BenchmarkVisibility measures a change of the visibility of a class with 1000 connected students: from the request to its answer, which
// comes when every one of them is sent what the new visibility says.
func BenchmarkVisibility(b *testing.B) {
	a, _ := start(b, settings(b, "EVENT_RATE=1000000", "EVENT_BURST=1000000"))
	enter(b, a, "asha", "teacher")
	for i := range 1000 {
		enter(b, a, fmt.Sprint("student-", i), "student")
	}
	visibility := map[bool]string{false: "own", true: "class"}
	shown := true
	for b.Loop() {
		shown = !shown
		see(b, a, visibility[shown])
	}
}
