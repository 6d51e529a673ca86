//go:build unix

package app

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"github.com/neuracampus/attendance/models/modelstest"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// Each kind of refusal is one line with a count and the client's address, however often it happens.
func TestRefusalsOfAKindAreOneLogLine(t *testing.T) {
	const times = 5
	for _, test := range []struct {
		kind, setting string
		refuse        func(t *testing.T, a *App)
	}{
		{"token of a socket", signed, func(t *testing.T, a *App) {
			socket, _ := engineiotest.Connect(t, a.URL()+"/socket.io/", 4)
			socket.Send(t, `40{"token":"`+strings.Repeat("x", 1000)+`"}`)
			socket.ExpectPrefix(t, "44")
		}},
		{"token over REST", signed, func(t *testing.T, a *App) {
			ask(t, http.MethodGet, a.URL()+"/api/classes", "Authorization", "Bearer "+strings.Repeat("x", 1000))
		}},
		{"origin", "", func(t *testing.T, a *App) {
			ask(t, http.MethodGet, a.URL()+"/socket.io/?EIO=4&transport=polling", "Origin", "http://"+strings.Repeat("x", 1000))
		}},
		{"host", "", func(t *testing.T, a *App) {
			ask(t, http.MethodGet, a.URL()+"/", "Host", strings.Repeat("x", 1000))
		}},
		{"event flood", "EVENT_BURST=1", func(t *testing.T, a *App) {
			c := dial(t, a)
			c.ask(`"identify",{"userId":"asha","role":"teacher"}`)
			for range 25_000 { // some thousands wait, and many more are refused, before the socket is closed
				if c.TrySendFrame(ws.NewTextFrame([]byte(`42["x"]`))) != nil {
					break // closed already
				}
			}
			c.ExpectClosed(t)
		}},
		{"unfinished body", "", func(t *testing.T, a *App) {
			expectEnded(t, "a body", stall(engineiotest.DialTCP(t, a.listener.Addr().String()),
				"POST /api/classes HTTP/1.1\r\nHost: localhost\r\nX-User: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"))
		}},
		{"unread answer", "", func(t *testing.T, a *App) {
			conn := engineiotest.DialTCP(t, a.listener.Addr().String())
			expectEnded(t, "a client that reads no answer", ignore(conn, "/healthz"))
		}},
		{"too many sessions without a namespace", "MAX_PENDING=1", handshakeTwice},
		{"too many connections", "MAX_CONNECTIONS=1", handshakeTwice},
		{"too many connections from one address", "MAX_CONNECTIONS_PER_IP=1", handshakeTwice},
		{"too many handshakes a second", "HANDSHAKE_RATE=1", handshakeTwice},
		{"little memory left", "", func(t *testing.T, a *App) {
			limitMemory(t, 1<<20)
			handshakeTwice(t, a)
		}},
	} {
		t.Run(test.kind, func(t *testing.T) {
			var log modelstest.Log
			a, stop := startLogged(t, settings(t, test.setting), slog.New(slog.NewTextHandler(&log, nil)), shortDeadlines)
			for range times {
				test.refuse(t, a)
			}
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			var text string
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "clients refused") {
					text += line
				}
			}
			if strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=INFO") || !strings.Contains(text, "first_address=127.0.0.1:") {
				t.Fatalf("logged %q", text)
			}
			if !strings.Contains(text, fmt.Sprintf("kind=%q", test.kind)) && !strings.Contains(text, "kind="+test.kind+" ") {
				t.Errorf("the kind is not named: %q", text)
			}
			if strings.Contains(text, "count=1 ") || len(text) > 600 {
				t.Errorf("not counted or not shortened: %q", text)
			}
		})
	}
}

func handshakeTwice(t *testing.T, a *App) {
	t.Helper()
	for range 2 {
		ask(t, http.MethodGet, a.URL()+"/socket.io/?EIO=4&transport=polling")
	}
}

// Nobody reads the bodies of most of these requests but net/http.
func TestUnfinishedBodyIsLoggedWhoeverReadsIt(t *testing.T) {
	var log modelstest.Log
	a, stop := startLogged(t, settings(t, ""), slog.New(slog.NewTextHandler(&log, nil)), shortDeadlines)
	sent := 0
	var all sync.WaitGroup
	for _, path := range paths {
		for name, request := range unfinished {
			if !strings.HasPrefix(name, "an unfinished body") || strings.Contains(name, "waits for 100") { // whose body the server does not wait for
				continue
			}
			sent++
			conn := engineiotest.DialTCP(t, a.listener.Addr().String())
			all.Go(func() { expectEnded(t, name+" at "+path, stall(conn, fmt.Sprintf(request, path))) })
		}
	}
	all.Wait()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf(`kind="unfinished body" count=%d `, sent); !strings.Contains(log.String(), want) {
		t.Errorf("logged %q, want %q", log.String(), want)
	}
}

// The answer to one request may be larger than the send queue of a slow client.
func TestAnswerOverTheQueueLimitReachesItsClient(t *testing.T) {
	a, _ := start(t, settings(t, "SEND_QUEUE_BYTES=65536"))
	const students = 500
	var roster []string
	for i := range students {
		roster = append(roster, fmt.Sprintf(`{"id":%d,"name":"%s"}`, i, strings.Repeat("नाम", 20)))
	}
	post := func(path, body string) {
		response := engineiotest.Do(t, engineiotest.NewHTTPClient(t), http.MethodPost, a.URL()+path, body, "X-User", "teacher", "Content-Type", "application/json")
		if response.Status >= 300 {
			t.Fatalf("%s: %d %s", path, response.Status, response.Body)
		}
	}
	post("/api/classes", `{"id":"large","name":"Large"}`)
	post("/api/classes/large/roster", `{"students":[`+strings.Join(roster, ",")+`]}`)
	for _, event := range []string{
		`"identify",{"userId":"teacher","role":"teacher"}`,
		`"joinClass",{"userId":"teacher","classId":"large"}`,
		`"initiateAttendance",{"classId":"large","teacherId":"teacher","sessionType":"lecture"}`,
	} {
		dialled := dial(t, a)
		dialled.ask(`"identify",{"userId":"teacher","role":"teacher"}`)
		dialled.ask(event)
	}
	fetch := fmt.Sprintf(`"fetchAttendance",{"classId":"large","date":%q,"sessionType":"lecture"}`, time.Now().UTC().Format(time.DateOnly))
	teacher := dial(t, a)
	teacher.ask(`"identify",{"userId":"teacher","role":"teacher"}`)
	if answer := teacher.ask(fetch); strings.Count(answer, `"studentId"`) != students {
		t.Errorf("over WebSocket %d bytes came, without all students", len(answer))
	}

	polling := engineiotest.Open(t, engineiotest.NewHTTPClient(t), a.URL()+"/socket.io/", 4)
	polling.Post(t, "40")
	polling.Get(t)
	polling.Post(t, `42["identify",{"userId":"teacher","role":"teacher"}]`+"\x1e421["+fetch+"]")
	for received := 0; received < 2*students; { // as an event and as an acknowledgement
		response := polling.Get(t)
		if response.Status != http.StatusOK {
			t.Fatalf("over polling: %d %s", response.Status, response.Body)
		}
		received += strings.Count(response.Body, `"studentId"`)
	}
}
