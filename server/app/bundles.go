package app

import (
	"strings"

	"github.com/gin-gonic/gin"
)

// bundleDirectory is where the build of the page puts the official client's bundles and their source maps.
const bundleDirectory = "socket.io-client/"

// mountBundles serves the official client below SOCKET_PATH, such as /socket.io/socket.io.min.js, as the official server does
// (socket.io, lib/index.ts, serve).
func (a *App) mountBundles(router gin.IRouter, files map[string]asset) {
	if !a.settings.ServeClient {
		return
	}
	for name, file := range files {
		if bundle, ok := strings.CutPrefix(name, bundleDirectory); ok {
			router.GET(a.settings.SocketPath+"/"+bundle, file.serve)
		}
	}
}
