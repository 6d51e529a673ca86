package engineio_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// join connects a polling session to the root namespace.
func join(t testing.TB, session *engineiotest.Polling, revision int) {
	t.Helper()
	if revision == 3 {
		if session.First == "" {
			session.First = session.Get(t).Body
		}
		if !strings.HasSuffix(session.First, "40") {
			t.Fatalf("the handshake is followed by %q, want 40", session.First)
		}
		return
	}
	session.Post(t, "40")
	if body := session.Get(t).Body; !strings.HasPrefix(body, `40{"sid":`) {
		t.Fatalf("CONNECT answered by %q", body)
	}
}

// payload encodes ASCII packets for a poll or a post.
func payload(revision int, packets ...string) string {
	if revision == 4 {
		return strings.Join(packets, "\x1e")
	}
	var body strings.Builder
	for _, packet := range packets {
		fmt.Fprintf(&body, "%d:%s", len(packet), packet)
	}
	return body.String()
}

func split(t testing.TB, revision int, body string) []string {
	t.Helper()
	if revision == 4 {
		return strings.Split(body, "\x1e")
	}
	return engineiotest.SplitPayload3(t, body)
}

// While the client changes from polling to WebSocket, the server sends and so does the client; each message arrives once, in order.
func TestUpgradeDeliversEachMessageOnce(t *testing.T) {
	for _, revision := range []int{3, 4} {
		t.Run(fmt.Sprintf("revision %d", revision), func(t *testing.T) {
			s := serve(t, engineio.Options{}, nil)
			for range 15 {
				upgradeInTraffic(t, s, revision)
			}
		})
	}
}

func upgradeInTraffic(t *testing.T, s *server, revision int) {
	t.Helper()
	session := s.polling(t, revision)
	join(t, session, revision)
	engineiotest.EventuallyEqual(t, "clients in the room", 1, func() int { return s.library.RoomLen("/", everyone) })

	const news = 300
	var sending sync.Mutex
	sent := 0
	broadcast := func() {
		sending.Lock()
		defer sending.Unlock()
		s.broadcast(codec.EncodeEvent("/", "news", codec.Arguments{JSON: fmt.Appendf(nil, "[%d]", sent)}))
		sent++
	}
	var broadcasting sync.WaitGroup // all the time
	broadcasting.Go(func() {
		for range news - 10 {
			broadcast()
		}
	})
	var asked, received, answered int
	ask := func() string {
		asked++
		return fmt.Sprintf(`42["echo",%d]`, asked-1)
	}
	take := func(packet string) {
		t.Helper()
		switch packet {
		case "6":
		case fmt.Sprintf(`42["news",%d]`, received):
			received++
		case fmt.Sprintf(`42["back",%d]`, answered):
			answered++
		default:
			t.Fatalf("received %q after %d news and %d answers", packet, received, answered)
		}
	}
	poll := func() {
		t.Helper()
		for _, packet := range split(t, revision, session.Get(t).Body) {
			take(packet)
		}
	}

	session.Post(t, payload(revision, ask(), ask()))
	poll()
	socket := engineiotest.Dial(t, session.WebSocketURL())
	session.Post(t, payload(revision, ask()))
	pending := session.StartGet(t)
	socket.Send(t, "2probe")
	socket.ExpectText(t, "3probe")
	for _, packet := range split(t, revision, pending.Wait(t).Body) { // released by what there is, or by noop
		take(packet)
	}
	for range 10 { // no poll waits, and the WebSocket does not carry the session yet
		broadcast()
	}
	socket.Send(t, "5", ask(), ask())
	broadcasting.Wait()
	for received < news || answered < asked {
		take(socket.Receive(t).Text)
	}
	session.GetUntil(t, func(response engineiotest.Response) bool { return response.Status == http.StatusBadRequest })
	if response := session.Post(t, payload(revision, ask())); response.Status != http.StatusBadRequest {
		t.Errorf("a payload after the upgrade is answered %d %q", response.Status, response.Body)
	}
	checkAlive(t, socket)
	_ = socket.Close()
	s.expectSessions(t, 0)
}

func TestUnfinishedProbeKeepsPolling(t *testing.T) {
	s := serve(t, engineio.Options{UpgradeTimeout: time.Second}, nil)
	for name, packets := range map[string][]string{
		"nothing":         nil,
		"another packet":  {"6"},
		"another probe":   {"2again"},
		"a probe alone":   {"2probe"},
		"a second probe":  {"2probe", "2probe"},
		"a probe, a text": {"2probe", `42["echo"]`},
	} {
		t.Run(name, func(t *testing.T) {
			session := s.polling(t, 4)
			join(t, session, 4)
			pending := session.StartGet(t)
			socket := engineiotest.Dial(t, session.WebSocketURL())
			socket.Send(t, packets...)
			received := socket.ExpectClosed(t)
			if len(packets) > 0 && packets[0] == "2probe" {
				if len(received) != 1 || received[0] != "3probe" {
					t.Errorf("received %q, want the probe's answer", received)
				}
			}
			session.Post(t, `42["echo",1]`)
			body := pending.Wait(t).Body
			for body == "6" { // the poll was released for the upgrade
				body = session.Get(t).Body
			}
			if body != `42["back",1]` {
				t.Errorf("the poll was answered %q, want the echo", body)
			}

			// The next try succeeds.
			again := engineiotest.Dial(t, session.WebSocketURL())
			again.Send(t, "2probe")
			again.ExpectText(t, "3probe")
			again.Send(t, "5")
			checkAlive(t, again)
		})
	}
}

func TestSecondProbeIsClosed(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	session := s.polling(t, 4)
	join(t, session, 4)
	socket := engineiotest.Dial(t, session.WebSocketURL())
	socket.Send(t, "2probe")
	socket.ExpectText(t, "3probe")
	other := engineiotest.Dial(t, session.WebSocketURL())
	if received := other.ExpectClosed(t); len(received) > 0 {
		t.Errorf("the second WebSocket received %q", received)
	}
	socket.Send(t, "5")
	checkAlive(t, socket)
}

// Two connections are read in any order. A client that has finished its upgrade learns it from its next poll, however late the server
// is with reading the WebSocket.
func TestPollAfterUpgradeIsRefused(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	client := engineiotest.NewHTTPClient(t)
	for range 50 {
		session := engineiotest.Open(t, client, s.url, 4)
		socket := engineiotest.Dial(t, session.WebSocketURL())
		socket.Send(t, "2probe", "5")
		if response := session.Get(t); response.Status != http.StatusBadRequest && response.Body != "6" {
			t.Fatalf("answered %d %q", response.Status, response.Body)
		}
		socket.ExpectText(t, "3probe")
		socket.Send(t, "40")
		socket.ExpectPrefix(t, "40{")
		checkAlive(t, socket)
		_ = socket.Close()
	}
}

func TestSessionEndClosesItsProbe(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	session := s.polling(t, 4)
	socket := engineiotest.Dial(t, session.WebSocketURL())
	socket.Send(t, "2probe")
	socket.ExpectText(t, "3probe")
	session.Post(t, "1")
	socket.ExpectClosed(t)
	s.expectSessions(t, 0)
}

func TestRequestOfOtherRevisionIsRefused(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	session := s.polling(t, 4)
	client := engineiotest.NewHTTPClient(t)
	for _, target := range []string{
		strings.Replace(session.URL, "EIO=4", "EIO=3", 1),
		session.URL + "x",
		strings.ToUpper(session.URL[strings.Index(session.URL, "?"):]),
	} {
		if strings.HasPrefix(target, "?") {
			target = s.url + strings.NewReplacer("TRANSPORT=POLLING", "transport=polling", "SID=", "sid=").Replace(target)
		}
		response := engineiotest.Do(t, client, http.MethodGet, target, "")
		if response.Status != http.StatusBadRequest || response.Body != `{"code":1,"message":"Session ID unknown"}` {
			t.Errorf("answered %d %q", response.Status, response.Body)
		}
	}
	if response := engineiotest.Do(t, client, http.MethodDelete, session.URL, ""); response.Body != `{"code":3,"message":"Bad request"}` {
		t.Errorf("DELETE answered %d %q", response.Status, response.Body)
	}
	s.expectSessions(t, 1)
}
