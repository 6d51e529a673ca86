package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// asset is one embedded file. The build of the page has compressed most. Any other is compressed once, when a client first asks for it.
//
// No library serves the assets. http.FileServerFS has no modification times of embedded files, so it never answers 304, and it does
// not compress. statigz 1.4 sends ETags without quotes, which If-None-Match matches only as a single, strong value, and it compresses
// for clients that send "gzip;q=0".
type asset struct {
	contentType  string
	cacheControl string
	policy       string // its own content policy; empty: that of the page
	tag          string
	plain        func() []byte
	compressed   func() []byte // nil where compression saves less than a tenth
}

func newAsset(name string, content []byte) asset {
	a := assetOf(name, content)
	a.plain = func() []byte { return content }
	a.compressed = sync.OnceValue(func() []byte { return compressed(content) })
	return a
}

// newCompressedAsset returns the asset of a file that the build has compressed. It is decompressed when a client first asks for it that
// does not take gzip.
func newCompressedAsset(name string, content []byte) asset {
	a := assetOf(name, content)
	a.plain = sync.OnceValue(func() []byte { return decompressed(content) })
	a.compressed = func() []byte { return content }
	return a
}

// assetOf returns an asset without its content.
func assetOf(name string, content []byte) asset {
	sum := sha256.Sum256(content)
	return asset{contentType: contentType(name), cacheControl: "no-cache", tag: base64.RawURLEncoding.EncodeToString(sum[:12])}
}

func contentType(name string) string {
	if path.Ext(name) == ".map" { // source maps
		return "application/json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func compressed(content []byte) []byte {
	var buffer bytes.Buffer
	writer, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	_, _ = writer.Write(content) // a bytes.Buffer returns no error
	_ = writer.Close()
	if buffer.Len() > len(content)*9/10 {
		return nil
	}
	return buffer.Bytes()
}

func decompressed(content []byte) []byte {
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		panic(err) // the build has compressed it
	}
	plain, err := io.ReadAll(reader)
	if err != nil {
		panic(err) // as above
	}
	return plain
}

// serve answers with the file or a range of it, or with 304 if the client has it already.
func (a asset) serve(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", a.cacheControl)
	if a.policy != "" {
		header.Set("Content-Security-Policy", a.policy)
	}
	content, tag := []byte(nil), a.tag
	if acceptsGzip(c.Request) {
		content = a.compressed()
	}
	if content != nil {
		header.Set("Content-Encoding", "gzip")
		tag += "-gzip"
	} else {
		content = a.plain()
	}
	header.Set("ETag", `"`+tag+`"`)
	header.Set("Content-Length", strconv.Itoa(len(content))) // ServeContent sets none with an encoding; it changes this one for ranges
	c.Status(http.StatusOK)                                  // in NoRoute gin has set 404
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}

// acceptsGzip reports whether the Accept-Encoding header names gzip with a quality above 0.
func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			quality, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(parameter), "q="), 64)
			return err != nil || quality > 0 // without a quality it is 1
		}
	}
	return false
}
