package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/refusals"
)

// How long a request may wait for its client: until the body has arrived, and until the client has read the answer. For the header
// that is http.Server.ReadHeaderTimeout. The transports set a longer deadline for answers to polls.
const (
	bodyTimeout   = 15 * time.Second
	answerTimeout = time.Minute
)

// requests sets the deadlines of every request, and counts the handlers that a stop must wait for: those that work and do not wait
// for their client. It does not count requests on socket paths, because they end with their engine sessions.
type requests struct {
	bodyTimeout, answerTimeout time.Duration
	refusals                   *refusals.Log

	mu      sync.Mutex
	working int           // handlers that work and do not wait for their client
	idle    chan struct{} // closed when working is 0; nil while no stop waits
}

func newRequests(log *refusals.Log) *requests {
	return &requests{bodyTimeout: bodyTimeout, answerTimeout: answerTimeout, refusals: log}
}

// bound is the middleware that sets the deadlines.
func (a *App) bound(c *gin.Context) {
	r := a.requests
	controller := http.NewResponseController(c.Writer)
	now := time.Now()
	// A writer without deadlines is no network connection but a test's, which never waits for a client.
	if c.Request.ContentLength != 0 {
		_ = controller.SetReadDeadline(now.Add(r.bodyTimeout))
	}
	_ = controller.SetWriteDeadline(now.Add(r.answerTimeout))
	if a.isSocketPath(c) {
		return
	}
	if c.Request.ContentLength != 0 {
		c.Request.Body = &requestBody{c.Request.Body, r, c.Request.RemoteAddr}
	}
	c.Writer = &answer{c.Writer, r}
	r.work(1)
	defer r.work(-1)
	c.Next()
}

func (r *requests) work(change int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.working += change
	if r.working == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// wait returns when no handler works, or the error of ctx. Only one goroutine at a time may call it.
func (r *requests) wait(ctx context.Context) error {
	r.mu.Lock()
	if r.working == 0 {
		r.mu.Unlock()
		return nil
	}
	idle := make(chan struct{})
	r.idle = idle
	r.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// requestBody is a request's body. Its handler does not count as working while it waits for more of the body.
type requestBody struct {
	io.ReadCloser
	requests *requests
	address  string
}

// Read implements io.Reader.
func (b *requestBody) Read(buffer []byte) (int, error) {
	b.requests.work(-1)
	n, err := b.ReadCloser.Read(buffer)
	b.requests.work(1)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		b.requests.refusals.Add("unfinished body", b.address, err.Error())
	}
	return n, err
}

// answer is a response. Its handler does not count as working while it waits for the client to read.
type answer struct {
	gin.ResponseWriter
	requests *requests
}

// Write implements io.Writer.
func (a *answer) Write(data []byte) (int, error) {
	a.requests.work(-1)
	defer a.requests.work(1)
	return a.ResponseWriter.Write(data)
}

// WriteString implements io.StringWriter.
func (a *answer) WriteString(text string) (int, error) {
	a.requests.work(-1)
	defer a.requests.work(1)
	return a.ResponseWriter.WriteString(text)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// countingListener counts the connections that it could not accept because the process has no file descriptors left, and those whose
// clients do not read the answers.
type countingListener struct {
	net.Listener
	refusals *refusals.Log
}

// Accept implements net.Listener.
func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		l.refusals.Add("no descriptor left", l.Addr().String(), err.Error())
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &countingConn{TCPConn: tcp, refusals: l.refusals}, nil
	}
	return conn, err
}

// countingConn counts a client that does not read an answer before the deadline. It does not count those of WebSockets: most of them
// are phones that lost their network.
type countingConn struct {
	*net.TCPConn
	refusals  *refusals.Log
	webSocket atomic.Bool
}

// Write implements net.Conn.
func (c *countingConn) Write(data []byte) (int, error) {
	n, err := c.TCPConn.Write(data)
	if errors.Is(err, os.ErrDeadlineExceeded) && !c.webSocket.Load() {
		c.refusals.Add("unread answer", c.RemoteAddr().String(), err.Error())
	}
	return n, err
}

// connState is http.Server.ConnState: only WebSockets take over a connection.
func connState(conn net.Conn, state http.ConnState) {
	if counting, ok := conn.(*countingConn); ok && state == http.StateHijacked {
		counting.webSocket.Store(true)
	}
}
