package app

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
)

// mountHeads answers HEAD on every route that answers GET, with the same handler.
func mountHeads(engine *gin.Engine) {
	for _, route := range engine.Routes() {
		if route.Method == http.MethodGet {
			engine.HEAD(route.Path, route.HandlerFunc)
		}
	}
}

// chunkedFrom is the length in bytes that net/http buffers of an answer. It gives a shorter answer a Content-Length, and sends a longer
// one in chunks (net/http, bufferBeforeChunkingSize).
const chunkedFrom = 2048

var errHeadSent = errors.New("the header of the answer to a HEAD request is complete")

// head is the middleware for HEAD. net/http sends no body, and makes the header from what the handler writes, as for GET.
func head(c *gin.Context) {
	if c.Request.Method == http.MethodHead {
		c.Writer = &headAnswer{ResponseWriter: c.Writer}
	}
}

// headAnswer fails a write that the header does not depend on, so that an export stops reading rows.
type headAnswer struct {
	gin.ResponseWriter
	written int
}

// Write implements io.Writer.
func (a *headAnswer) Write(data []byte) (int, error) {
	if a.written > chunkedFrom {
		return 0, errHeadSent
	}
	a.written += len(data)
	return a.ResponseWriter.Write(data)
}

// WriteString implements io.StringWriter.
func (a *headAnswer) WriteString(text string) (int, error) { return a.Write([]byte(text)) }

// Unwrap is for http.ResponseController.
func (a *headAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
