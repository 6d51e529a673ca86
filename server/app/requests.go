package app

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
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

	mu      sync.Mutex
	working int           // handlers that work and do not wait for their client
	idle    chan struct{} // closed when working is 0; nil while no stop waits
}

func newRequests() *requests {
	return &requests{bodyTimeout: bodyTimeout, answerTimeout: answerTimeout}
}

// setDeadlines is the middleware that sets the deadlines.
func (a *App) setDeadlines(c *gin.Context) {
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
		c.Request.Body = &requestBody{c.Request.Body, r}
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
}

// Read implements io.Reader.
func (b *requestBody) Read(buffer []byte) (int, error) {
	b.requests.work(-1)
	defer b.requests.work(1)
	return b.ReadCloser.Read(buffer)
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
