// Package engineiotest is an Engine.IO client for tests. It sends what a test asks for and nothing else, invalid data included: no
// heartbeat, joins no namespace, and takes no packet apart.
package engineiotest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Deadline is how long anything may take that a test waits for. Only a broken test waits for so long.
const Deadline = 30 * time.Second

// DialTCP opens a connection for bytes of the test's own. It ends with the test.
func DialTCP(t testing.TB, address string) *net.TCPConn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(Deadline)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// Handshake is what a server opens a session with.
type Handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int      `json:"pingInterval"`
	PingTimeout  int      `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

// ParseHandshake returns the contents of an OPEN packet.
func ParseHandshake(t testing.TB, packet string) Handshake {
	t.Helper()
	var handshake Handshake
	decoder := json.NewDecoder(strings.NewReader(strings.TrimPrefix(packet, "0")))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&handshake); err != nil || !strings.HasPrefix(packet, "0") {
		t.Fatalf("packet %q, want OPEN with a handshake: %v", packet, err)
	}
	return handshake
}

// Response is a server's answer.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// Polling is a session over long-polling. Its methods may be called by several goroutines.
type Polling struct {
	URL       string // of requests, sid included
	Handshake Handshake
	First     string // what came with the handshake, "" if nothing did

	client *http.Client
}

// NewHTTPClient returns a client whose connections end with the test.
func NewHTTPClient(t testing.TB) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// Open opens a session over long-polling. The url has no query but may have parameters: http://host/socket.io/?b64=1.
func Open(t testing.TB, client *http.Client, url string, revision int) *Polling {
	t.Helper()
	p := &Polling{URL: withQuery(url, "EIO="+strconv.Itoa(revision)+"&transport=polling"), client: client}
	response := p.Get(t)
	if response.Status != http.StatusOK {
		t.Fatalf("handshake answered %d %q", response.Status, response.Body)
	}
	packet := response.Body
	if revision == 3 {
		packets := SplitPayload3(t, packet)
		packet, p.First = packets[0], strings.Join(packets[1:], "\x1e")
	} else {
		packet, p.First, _ = strings.Cut(packet, "\x1e")
	}
	p.Handshake = ParseHandshake(t, packet)
	p.URL += "&sid=" + p.Handshake.SID
	return p
}

// WebSocketURL is where a WebSocket may take the session over.
func (p *Polling) WebSocketURL() string {
	return "ws" + strings.TrimPrefix(strings.Replace(p.URL, "transport=polling", "transport=websocket", 1), "http")
}

// Get polls once.
func (p *Polling) Get(t testing.TB) Response {
	t.Helper()
	return Do(t, p.client, http.MethodGet, p.URL, "")
}

// Post sends a payload.
func (p *Polling) Post(t testing.TB, body string) Response {
	t.Helper()
	return Do(t, p.client, http.MethodPost, p.URL, body)
}

// GetUntil polls until an answer is what is wanted. No other answer may be anything but a ping or a noop.
func (p *Polling) GetUntil(t testing.TB, wanted func(Response) bool) Response {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < Deadline; {
		response := p.Get(t)
		if wanted(response) {
			return response
		}
		if response.Body != "2" && response.Body != "6" && response.Body != "1:6" {
			t.Fatalf("poll answered %d %q meanwhile", response.Status, response.Body)
		}
	}
	t.Fatal("no poll was answered as it should be")
	return Response{}
}

// Pending is a poll that has been sent.
type Pending struct {
	response chan Response
	failed   chan error
	cancel   context.CancelFunc
}

// StartGet sends a poll over a connection of its own, without waiting for its answer. The server may not have read it yet.
func (p *Polling) StartGet(t testing.TB) *Pending {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	pending := &Pending{response: make(chan Response, 1), failed: make(chan error, 1), cancel: cancel}
	written := make(chan struct{})
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &firstWriteConn{Conn: conn, written: written}, err
	}}
	go func() {
		defer transport.CloseIdleConnections()
		response, err := do(ctx, &http.Client{Transport: transport}, http.MethodGet, p.URL, "", nil)
		if err != nil {
			pending.failed <- err
			return
		}
		pending.response <- response
	}()
	t.Cleanup(cancel)
	select {
	case <-written: // httptrace's WroteRequest would come before the request has been flushed
	case <-ctx.Done():
		t.Fatalf("poll: %v", ctx.Err())
	}
	return pending
}

// firstWriteConn closes written when the request, which is small, has left.
type firstWriteConn struct {
	net.Conn
	written chan struct{}
	once    sync.Once
}

func (c *firstWriteConn) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	c.once.Do(func() { close(c.written) })
	return n, err
}

// Wait returns the poll's answer.
func (p *Pending) Wait(t testing.TB) Response {
	t.Helper()
	select {
	case response := <-p.response:
		return response
	case err := <-p.failed:
		t.Fatalf("poll: %v", err)
		return Response{}
	}
}

// Cancel gives the poll up, as a browser does when its page goes.
func (p *Pending) Cancel(t testing.TB) {
	t.Helper()
	p.cancel()
	select {
	case response := <-p.response:
		t.Fatalf("the poll was answered before it could be cancelled: %q", response.Body)
	case err := <-p.failed:
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("poll: %v", err)
		}
	}
}

// Do sends one request and returns its answer. Headers are pairs of a name and a value.
func Do(t testing.TB, client *http.Client, method, url, body string, headers ...string) Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Deadline)
	defer cancel()
	response, err := do(ctx, client, method, url, body, headers)
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return response
}

func do(ctx context.Context, client *http.Client, method, url, body string, headers []string) (Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return Response{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Response{Status: response.StatusCode, Header: response.Header, Body: string(text)}, err
}

func withQuery(url, query string) string {
	if strings.Contains(url, "?") {
		return url + "&" + query
	}
	return url + "?" + query
}

// SplitPayload3 takes an ASCII payload of Engine.IO 3 apart.
func SplitPayload3(t testing.TB, payload string) []string {
	t.Helper()
	var packets []string
	for payload != "" {
		digits, rest, found := strings.Cut(payload, ":")
		length, err := strconv.Atoi(digits)
		if !found || err != nil || length > len(rest) {
			t.Fatalf("bad payload %q", payload)
		}
		packets = append(packets, rest[:length])
		payload = rest[length:]
	}
	return packets
}

// Eventually waits until condition returns nil, and fails with its last error if it never does.
func Eventually(t testing.TB, condition func() error) {
	t.Helper()
	begun, pause := time.Now(), time.Millisecond
	for {
		err := condition()
		if err == nil {
			return
		}
		if time.Since(begun) > Deadline {
			t.Fatal(err)
		}
		time.Sleep(pause) // between two looks, not instead of one
		pause = min(2*pause, 50*time.Millisecond)
	}
}

// EventuallyEqual waits until two numbers are the same.
func EventuallyEqual(t testing.TB, what string, want int, count func() int) {
	t.Helper()
	Eventually(t, func() error {
		if got := count(); got != want {
			return fmt.Errorf("%s: %d, want %d", what, got, want)
		}
		return nil
	})
}
