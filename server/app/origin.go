package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// allowOrigin decides whether a web page may talk to this server: the pages of CORS_ORIGINS, or by default its own and,
// in open mode, those of a developer's machine.
func (a *App) allowOrigin(origin string, request *http.Request) bool {
	if len(a.settings.CORSOrigins) > 0 {
		return slices.Contains(a.settings.CORSOrigins, origin)
	}
	page, err := url.Parse(origin)
	if err != nil || page.Host == "" {
		return false
	}
	if (page.Scheme == "http" || page.Scheme == "https") && strings.EqualFold(page.Host, request.Host) {
		return true
	}
	return a.verifier == nil && developerOrigin(page)
}

func developerOrigin(page *url.URL) bool {
	switch page.Scheme {
	case "http":
		return page.Hostname() == "localhost" || page.Hostname() == "127.0.0.1"
	case "https", "capacitor":
		return page.Host == "localhost"
	}
	return false
}

// checkOrigin is for every path but the sockets', whose transports do the same with the official server's answers.
func (a *App) checkOrigin(c *gin.Context) {
	origins := c.Request.Header.Values("Origin")
	c.Writer.Header().Add("Vary", "Origin")
	if len(origins) == 0 {
		return
	}
	if len(origins) > 1 || !a.allowOrigin(origins[0], c.Request) {
		c.String(http.StatusForbidden, "This origin may not use the server; CORS_ORIGINS lists those that may.\n")
		c.Abort()
		return
	}
	header := c.Writer.Header()
	header.Set("Access-Control-Allow-Origin", origins[0])
	header.Set("Access-Control-Allow-Credentials", "true")
	if c.Request.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-User, X-Role")
		header.Set("Access-Control-Max-Age", "600")
		c.AbortWithStatus(http.StatusNoContent)
	}
}
