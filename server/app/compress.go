package app

import (
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"
)

// minCompressed is the length of a body in bytes from which compression is worth it: less fits into one packet of the network.
const minCompressed = 1024

// compress is the middleware that compresses answers with gzip: of REST, and of polls. Scripts and pages are compressed already.
//
// BREACH, which guesses a secret by the length of compressed answers, needs answers to requests that another site makes a browser send
// with its user's credentials. There are none: REST takes no cookies, and a poll needs the session's secret id.
func (a *App) compress(c *gin.Context) {
	r := c.Request
	// Only a GET of a socket has a long answer. An upgrade to WebSocket has its own compression.
	if r.Method != http.MethodGet && a.isSocketPath(c) || r.Header["Upgrade"] != nil || !acceptsGzip(r) {
		return
	}
	answer := &gzipAnswer{ResponseWriter: c.Writer}
	c.Writer = answer
	c.Next()
	answer.close() // not after a panic: half an answer must not end like a whole one
}

var gzipEncoding = []string{"gzip"} // shared by all answers; nothing may change it

var gzipWriters = sync.Pool{New: func() any {
	writer, err := gzip.NewWriterLevel(nil, gzip.DefaultCompression)
	if err != nil {
		panic(err) // the level exists
	}
	return writer
}}

// gzipAnswer decides with the first write whether it compresses the answer. All handlers write a short body at once.
type gzipAnswer struct {
	gin.ResponseWriter
	writer  *gzip.Writer // nil: not compressed
	decided bool
}

// Write implements io.Writer.
func (a *gzipAnswer) Write(data []byte) (int, error) {
	if !a.decided {
		a.decide(len(data))
	}
	if a.writer != nil {
		return a.writer.Write(data)
	}
	return a.ResponseWriter.Write(data)
}

// WriteString implements io.StringWriter.
func (a *gzipAnswer) WriteString(text string) (int, error) { return a.Write([]byte(text)) }

// decide begins to compress a body whose first write has this length.
func (a *gzipAnswer) decide(length int) {
	a.decided = true
	header := a.Header()
	if length < minCompressed || header["Content-Encoding"] != nil || header["Etag"] != nil {
		return
	}
	header["Content-Encoding"] = gzipEncoding
	delete(header, "Content-Length")
	a.writer = gzipWriters.Get().(*gzip.Writer)
	a.writer.Reset(a.ResponseWriter)
}

// close writes what is left of the compressed body.
func (a *gzipAnswer) close() {
	if a.writer == nil {
		return
	}
	_ = a.writer.Close() // the client is gone if this fails
	gzipWriters.Put(a.writer)
}

// Unwrap is for http.ResponseController.
func (a *gzipAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
