package app

import (
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/logging"
)

// requestID is the header by which a request and its answer name the request. It is written as net/http writes it.
const requestID = "X-Request-Id"

// plainRequestID matches the ids that are taken from a request. A proxy or a client chooses them, so others would allow to write into the log.
var plainRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identifyRequest is the middleware that gives each request an id, which its log lines have and its answer: the one that it came with, or
// a new one. The requests of a connection log nothing but with the connection's id, so they are answered with theirs and no more.
func (a *App) identifyRequest(c *gin.Context) {
	var id string
	if sent := c.Request.Header[requestID]; len(sent) == 1 && plainRequestID.MatchString(sent[0]) {
		id = sent[0]
	} else {
		id = logging.NewID().String()
	}
	c.Writer.Header()[requestID] = []string{id}
	if a.isSocketPath(c) && strings.Contains(c.Request.URL.RawQuery, "sid=") {
		return
	}
	c.Request = c.Request.WithContext(logging.WithRequest(c.Request.Context(), id))
}
