// Package public holds the demo page and the bundles of the official client, as they were built into public/dist.
package public

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Page returns the files of the page, index.html at the top, and the directory socket.io-client with the bundles. Most are compressed, and
// have .gz after their names. It is empty but for .gitkeep when the page was not built.
func Page() fs.FS {
	page, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return page
}
