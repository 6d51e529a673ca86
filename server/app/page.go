package app

import (
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// page serves the demo page from memory.
type page map[string]asset // by path

// The worker that turns codes into sound and back (public/src/sound/code/codec.worker.ts) builds functions from text, because its
// library does. A worker has the policy that it is served with: this one may do that and nothing else, and the page may not.
const (
	codecWorker = "assets/codec.worker-"
	codecPolicy = "default-src 'none'; script-src 'self' 'unsafe-eval'"
)

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
		if strings.HasPrefix(name, codecWorker) {
			file.policy = codecPolicy
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

// pageSettings returns what the page as it was built says about its server, and what it says instead: where it connects, and in
// which time zone it shows times. Nobody reads clocks in UTC, the default: then the browser's own zone is better.
func (a *App) pageSettings() *strings.Replacer {
	zone := a.settings.CampusTZ.String()
	if a.settings.CampusTZ == time.UTC {
		zone = ""
	}
	return strings.NewReplacer(
		`<meta name="socket-path" content="/socket.io"`, `<meta name="socket-path" content="`+a.settings.SocketPath+`"`,
		`<meta name="time-zone" content=""`, `<meta name="time-zone" content="`+zone+`"`,
	)
}

// readAssets returns the files by their paths, without hidden ones. The page gets its settings.
func readAssets(files fs.FS, settings *strings.Replacer) map[string]asset {
	assets := map[string]asset{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if name == "index.html" {
			content = []byte(settings.Replace(string(content)))
		}
		if plain, isCompressed := strings.CutSuffix(name, ".gz"); isCompressed {
			assets[plain] = newCompressedAsset(plain, content)
		} else {
			assets[name] = newAsset(name, content)
		}
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
