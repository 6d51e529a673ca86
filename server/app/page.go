package app

import (
	"bytes"
	"io/fs"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// page serves the demo page from memory.
type page map[string]asset // by path

const notBuilt = "The attendance server is running; to see its demo page here, build it with `make web` (which needs Node) and start the server again.\n"

func newPage(files map[string]asset) page {
	p := page{"/": newAsset("index.txt", []byte(notBuilt))}
	for name, file := range files {
		if strings.HasPrefix(name, bundleDirectory) {
			continue
		}
		// The build puts a hash of the content into these names.
		if strings.HasPrefix(name, "assets/") {
			file.cacheControl = "public, max-age=31536000, immutable"
		}
		p["/"+name] = file
		if address, isPage := strings.CutSuffix(name, ".html"); isPage { // docs.html is also /docs
			p["/"+address] = file
		}
	}
	if index, built := p["/index.html"]; built {
		p["/"] = index
	}
	return p
}

// defaultSocketPath is where the page connects as it was built.
const defaultSocketPath = `<meta name="socket-path" content="/socket.io"`

// readAssets returns the files by their paths, without hidden ones. The page that they make connects to socketPath.
func readAssets(files fs.FS, socketPath string) map[string]asset {
	assets := map[string]asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if name == "index.html" {
			content = bytes.Replace(content, []byte(defaultSocketPath), []byte(`<meta name="socket-path" content="`+socketPath+`"`), 1)
		}
		assets[name] = newAsset(name, content)
		return err
	})
	if err != nil {
		panic(err) // the files are embedded
	}
	return assets
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
	found.serve(c)
}
