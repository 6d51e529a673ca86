package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// page serves the demo page from memory, compressed once.
type page map[string]asset // by path

type asset struct {
	contentType  string
	cacheControl string
	tag          string
	plain        []byte
	compressed   []byte // nil where it saves nothing
}

const notBuilt = "The attendance server is running; to see its demo page here, build it with `make web` (which needs Node) and start the server again.\n"

func newPage(files fs.FS) page {
	p := page{"/": {contentType: "text/plain; charset=utf-8", cacheControl: "no-cache", plain: []byte(notBuilt)}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		p["/"+name] = newAsset(name, content)
		if address, isPage := strings.CutSuffix(name, ".html"); isPage { // docs.html is /docs, too
			p["/"+address] = p["/"+name]
		}
		return nil
	})
	if err != nil {
		panic(err) // the files are embedded
	}
	if index, built := p["/index.html"]; built {
		p["/"] = index
	}
	return p
}

func newAsset(name string, content []byte) asset {
	sum := sha256.Sum256(content)
	a := asset{
		contentType:  mime.TypeByExtension(path.Ext(name)),
		cacheControl: "no-cache",
		tag:          base64.RawURLEncoding.EncodeToString(sum[:12]),
		plain:        content,
	}
	// The build puts a hash of the content into these names.
	if strings.HasPrefix(name, "assets/") {
		a.cacheControl = "public, max-age=31536000, immutable"
	}
	var compressed bytes.Buffer
	writer, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		panic(err) // the level exists
	}
	_, _ = writer.Write(content) // to memory
	_ = writer.Close()
	if compressed.Len() < len(content)*9/10 {
		a.compressed = compressed.Bytes()
	}
	return a
}

func (p page) serve(c *gin.Context) {
	found, ok := p[c.Request.URL.Path]
	if !ok {
		c.String(http.StatusNotFound, "There is nothing at this address.\n")
		return
	}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		c.Header("Allow", "GET, HEAD")
		c.String(http.StatusMethodNotAllowed, "This address can only be read.\n")
		return
	}
	header := c.Writer.Header()
	header.Set("Content-Type", found.contentType)
	header.Set("Cache-Control", found.cacheControl)
	content, tag := found.plain, found.tag
	if found.compressed != nil {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(c.Request) {
			header.Set("Content-Encoding", "gzip")
			content, tag = found.compressed, tag+"-gzip"
		}
	}
	if tag != "" {
		header.Set("ETag", `"`+tag+`"`)
	}
	c.Status(http.StatusOK) // NoRoute begins with 404
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}

func acceptsGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.ReplaceAll(parameters, " ", "") != "q=0"
		}
	}
	return false
}
