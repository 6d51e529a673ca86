package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/refusals"
)

// How long a request may wait for its client: until its body is there, and until its answer is taken. That of the header is
// http.Server.ReadHeaderTimeout. The transports set another one for an answer, which a poll may wait for.
const (
	bodyTimeout   = 15 * time.Second
	answerTimeout = time.Minute
)

// requests gives every request its deadlines, and tells which requests the server has to finish before it stops: those whose
// handler works and does not wait for the client. It counts no requests of sockets, for they end with their sessions.
type requests struct {
	bodyTimeout, answerTimeout time.Duration
	refusals                   *refusals.Log

	mu      sync.Mutex
	working int           // handlers that run and do not wait for their client
	idle    chan struct{} // closed when working is 0; nil while nobody waits for that
}

func newRequests(log *refusals.Log) *requests {
	return &requests{bodyTimeout: bodyTimeout, answerTimeout: answerTimeout, refusals: log}
}

// bound is the part of the middleware chain that sets the deadlines.
func (r *requests) bound(c *gin.Context) {
	controller := http.NewResponseController(c.Writer)
	now := time.Now()
	// A writer without deadlines, as tests have, is no network connection: nobody can keep it waiting.
	if c.Request.ContentLength != 0 {
		_ = controller.SetReadDeadline(now.Add(r.bodyTimeout))
	}
	_ = controller.SetWriteDeadline(now.Add(r.answerTimeout))
	if isSocketPath(c) {
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

// wait returns when no handler works, or with ctx's error. One goroutine at a time may call it.
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

// requestBody is a body whose handler does not work while it waits for more of it.
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

// answer is a response whose handler does not work while it waits for the client to take it.
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

// countingListener counts the connections that could not be taken because the process has no descriptors left.
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
	return conn, err
}
