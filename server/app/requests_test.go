//go:build unix

package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models/modelstest"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// shortDeadlines makes the deadlines of requests short and the send buffers small, so that an answer soon waits for its client.
func shortDeadlines(a *App) {
	a.requests.bodyTimeout, a.requests.answerTimeout = 200*time.Millisecond, 400*time.Millisecond
	a.http.ReadHeaderTimeout = 200 * time.Millisecond
	a.http.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		if raw, err := conn.(syscall.Conn).SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF, 4096) })
		}
		return ctx
	}
}

// paths has one path for every kind of answer.
var paths = []string{
	"/", "/index.html", "/healthz", "/readyz", "/docs", "/docs/", "/unknown", "*",
	"/api/openapi.json", "/api/asyncapi.json", "/api/classes", "/api/classes/", "/api/unknown", "/API/classes",
	"/socket.io/", "/socket.io/?EIO=4&transport=polling", "/socket.io/?EIO=4&transport=polling&sid=unknown", "/socket.io?EIO=4&transport=websocket",
}

// unfinished are requests that never end, by name. %s is the path.
var unfinished = map[string]string{
	"an unfinished body":                       "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n4",
	"an unfinished body that a handler reads":  "POST %s HTTP/1.1\r\nHost: localhost\r\nX-User: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
	"an unfinished body of a GET":              "GET %s HTTP/1.1\r\nHost: localhost\r\nX-User: a\r\nContent-Length: 100\r\n\r\n4",
	"an unfinished body in chunks":             "POST %s HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n4",
	"an unfinished body of a foreign page":     "PUT %s HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nContent-Length: 100\r\n\r\n4",
	"an unfinished body of a foreign host":     "POST %s HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 100\r\n\r\n4",
	"an unfinished body that waits for 100":    "POST %s HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n",
	"an unfinished header":                     "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
	"an unfinished header of a second request": "GET %[1]s HTTP/1.1\r\nHost: localhost\r\n\r\nGET %[1]s HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
}

// stall sends an unfinished request and reads until the server ends the connection.
func stall(conn net.Conn, request string) error {
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, conn)
	return err
}

// ignore sends one request after the other and reads no answer, until the server ends the connection.
func ignore(conn *net.TCPConn, path string) error {
	if err := errors.Join(conn.SetReadBuffer(4096), conn.SetWriteBuffer(4096)); err != nil {
		return err
	}
	requests := bytes.Repeat(fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nX-User: a\r\n\r\n", path), 200)
	for {
		if _, err := conn.Write(requests); err != nil {
			return err
		}
	}
}

// expectEnded fails if the test's own deadline ended the connection.
func expectEnded(t *testing.T, what string, err error) {
	t.Helper()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s holds its connection", what)
	}
}

func TestUnfinishedRequestsAreDisconnected(t *testing.T) {
	t.Parallel()
	a, _ := start(t, settings(t, "PING_INTERVAL=1s", "PING_TIMEOUT=1s"), shortDeadlines)
	address := a.listener.Addr().String()
	var all sync.WaitGroup
	for _, path := range paths {
		for name, request := range unfinished {
			conn := engineiotest.DialTCP(t, address)
			all.Go(func() { expectEnded(t, name+" at "+path, stall(conn, fmt.Sprintf(request, path))) })
		}
		conn := engineiotest.DialTCP(t, address)
		all.Go(func() { expectEnded(t, "a client that reads no answer of "+path, ignore(conn, path)) })
	}
	all.Wait()
}

func TestStopDoesNotWaitForClients(t *testing.T) {
	t.Parallel()
	a, stop := start(t, settings(t, "SHUTDOWN_TIMEOUT=1h"), func(a *App) { // only the stop itself ends the requests
		a.requests.bodyTimeout, a.requests.answerTimeout, a.http.ReadHeaderTimeout = time.Hour, time.Hour, time.Hour
	})
	var waiting sync.WaitGroup
	var conns []*net.TCPConn
	dial := func() *net.TCPConn {
		conn := engineiotest.DialTCP(t, a.listener.Addr().String())
		_ = conn.SetDeadline(time.Now().Add(4 * engineiotest.Deadline)) // the clients are more patient than the test
		conns = append(conns, conn)
		return conn
	}
	for _, path := range paths {
		for _, request := range unfinished {
			conn := dial()
			waiting.Go(func() { _ = stall(conn, fmt.Sprintf(request, path)) }) // the stop ends it
		}
		conn := dial()
		waiting.Go(func() { _ = ignore(conn, path) })
	}
	dial() // sends nothing
	// The server has accepted all of them before this one.
	if status, _, body := ask(t, http.MethodGet, a.URL()+"/healthz"); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	select {
	case err := <-stopped:
		if err != nil {
			t.Errorf("the stop failed: %v", err)
		}
	case <-time.After(engineiotest.Deadline):
		t.Error("the stop waits for its clients")
	}
	for _, conn := range conns { // the kernel may not have told all who do not read that the server has closed
		_ = conn.Close()
	}
	waiting.Wait()
}

func TestStopWaitsForWorkingHandlers(t *testing.T) {
	var working, release chan struct{}
	a, stop := start(t, settings(t), func(a *App) {
		working, release = make(chan struct{}), make(chan struct{})
		engine := gin.New()
		engine.Use(a.setDeadlines)
		engine.POST("/work", func(c *gin.Context) {
			body, err := io.ReadAll(c.Request.Body)
			close(working)
			<-release
			if err == nil && c.Request.Context().Err() == nil {
				c.String(http.StatusOK, "did "+string(body))
			}
		})
		a.http.Handler = engine
	})
	conn := engineiotest.DialTCP(t, a.listener.Addr().String())
	fmt.Fprint(conn, "POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nthis")
	<-working
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	engineiotest.Eventually(t, func() error { // until the stop waits
		a.requests.mu.Lock()
		defer a.requests.mu.Unlock()
		if a.requests.idle == nil {
			return errors.New("the stop does not wait for the request")
		}
		return nil
	})
	close(release)
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(answer), "did this") {
		t.Errorf("answered %q, %v", answer, err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// net/http clears the deadline of a body once the body has arrived. The handler may then work for longer.
func TestBodyDeadlineDoesNotEndTheHandler(t *testing.T) {
	const timeout = 100 * time.Millisecond
	a, _ := start(t, settings(t), shortDeadlines, func(a *App) {
		a.requests.bodyTimeout = timeout
		a.requests.answerTimeout = time.Minute
		engine := gin.New()
		engine.Use(a.setDeadlines)
		engine.POST("/work", func(c *gin.Context) {
			_, _ = io.ReadAll(c.Request.Body)
			select {
			case <-c.Request.Context().Done():
			case <-time.After(3 * timeout):
				c.String(http.StatusOK, "done")
			}
		})
		a.http.Handler = engine
	})
	conn := engineiotest.DialTCP(t, a.listener.Addr().String())
	fmt.Fprint(conn, "POST /work HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nthis")
	if answer, err := io.ReadAll(conn); err != nil || !strings.HasSuffix(string(answer), "done") {
		t.Errorf("answered %q, %v", answer, err)
	}
}

// serveVariable makes the test binary run a server, for tests that need a process with its own limits.
const serveVariable = "ATTENDANCE_TEST_DATA_DIR"

func TestMain(m *testing.M) {
	if directory := os.Getenv(serveVariable); directory != "" {
		if err := serveUntilStdinEnds(directory); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(modelstest.Run(m))
}

func serveUntilStdinEnds(directory string) error {
	c, err := config.Load([]string{"PORT=0", "DATA_DIR=" + directory}, os.DevNull)
	if err != nil {
		return err
	}
	a, err := New(context.Background(), c, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return err
	}
	shortDeadlines(a)
	ctx, stop := context.WithCancel(context.Background())
	go func() { // ends at the latest with the parent process
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	fmt.Println(a.listener.Addr())
	return a.Run(ctx, context.Background())
}

func TestServerRecoversFromUsedUpDescriptors(t *testing.T) {
	command := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 200 && exec "$0"`, os.Args[0])
	command.Env = append(os.Environ(), serveVariable+"="+t.TempDir())
	var log bytes.Buffer
	command.Stderr = &log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGKILL) }
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var address string
	if _, err := fmt.Fscanln(stdout, &address); err != nil {
		t.Fatal(err, log.String())
	}
	for range 400 {
		fmt.Fprint(engineiotest.DialTCP(t, address), "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
	}
	status, _, _ := ask(t, http.MethodGet, "http://"+address+"/healthz")
	if status != http.StatusOK {
		t.Errorf("another client is answered %d", status)
	}
	stdin.Close()
	if err := command.Wait(); err != nil {
		t.Errorf("the stop: %v", err)
	}
	if text := log.String(); !strings.Contains(text, `kind="no descriptor left"`) {
		t.Errorf("the log does not say why connections failed:\n%s", text)
	}
}
