package app

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/config"
)

// allowOrigin decides whether a page of an origin may use this server, for REST, polling and WebSocket. The origins of CORS_ORIGINS
// may. Without that setting the server's own origin may and, in open mode, origins on localhost.
func (a *App) allowOrigin(origin string, request *http.Request) bool {
	if len(a.settings.CORSOrigins) > 0 {
		return a.isListed(origin)
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

// isListed reports whether CORS_ORIGINS has an entry for the origin.
func (a *App) isListed(origin string) bool {
	return slices.ContainsFunc(a.settings.CORSOrigins, func(entry string) bool { return config.MatchesOrigin(entry, origin) })
}

func developerOrigin(page *url.URL) bool {
	switch page.Scheme {
	case "http":
		return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, page.Hostname())
	case "https", "capacitor":
		return page.Host == "localhost"
	}
	return false
}

// allowHost decides whether the server accepts a Host header. In open mode on a loopback address it accepts the names of this
// machine and those in CORS_ORIGINS only, against DNS rebinding: a page whose name resolves to 127.0.0.1 would have the server's own
// origin. A request without Host is HTTP/1.0, which no browser uses.
func (a *App) allowHost(host string) bool {
	if !a.localOnly() || host == "" {
		return true
	}
	name := hostName(host)
	if address, err := netip.ParseAddr(name); err == nil {
		return address.IsLoopback()
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") ||
		slices.ContainsFunc(a.settings.CORSOrigins, func(origin string) bool {
			_, host, _ := strings.Cut(origin, "://")
			return config.MatchesOrigin(hostName(host), name)
		})
}

// localOnly reports whether the server does not authenticate clients and relies on being reachable from this machine only.
func (a *App) localOnly() bool {
	return a.verifier == nil && a.listener.Addr().(*net.TCPAddr).IP.IsLoopback()
}

// hostName returns the name or address in a Host header, without its port and brackets, in lower case.
func hostName(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	return strings.ToLower(name)
}

// Header values that all answers share. Nothing may change them.
var (
	variesBy         = []string{"Origin, Accept-Encoding"}
	allowCredentials = []string{"true"}
)

// requestedHeaders is how a preflight names the headers of the request to come. An allowed page may send any, as with the official
// server: a client's extraHeaders are not known here.
const requestedHeaders = "Access-Control-Request-Headers"

// checkOrigin is the middleware that refuses pages of other origins and lets allowed ones read the answer. It comes before every
// handler that answers.
func (a *App) checkOrigin(c *gin.Context) {
	header := c.Writer.Header()
	header["Vary"] = variesBy
	if !a.allowHost(c.Request.Host) {
		a.forbid(c, "host", c.Request.Host, "This server is known by another name; CORS_ORIGINS lists those it may have besides localhost.\n")
		return
	}
	origins := c.Request.Header["Origin"]
	if len(origins) == 0 {
		return
	}
	if len(origins) > 1 || !a.allowOrigin(origins[0], c.Request) {
		a.forbid(c, "origin", strings.Join(origins, ", "), "This origin may not use the server; CORS_ORIGINS lists those that may.\n")
		return
	}
	header["Access-Control-Allow-Origin"] = origins
	header["Access-Control-Allow-Credentials"] = allowCredentials
	if c.Request.Method == http.MethodOptions {
		header.Add("Vary", requestedHeaders)
		header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
		if requested := c.Request.Header.Values(requestedHeaders); len(requested) > 0 {
			header["Access-Control-Allow-Headers"] = requested
		}
		header.Set("Access-Control-Max-Age", "600")
		c.AbortWithStatus(http.StatusNoContent)
	}
}

// forbid refuses a request. On a socket path it answers as the official server does, elsewhere with a sentence.
func (a *App) forbid(c *gin.Context, kind, reason, sentence string) {
	a.refusals.Add(kind, c.Request.RemoteAddr, reason)
	if a.isSocketPath(c) {
		c.AbortWithStatusJSON(http.StatusForbidden, gin.H{"code": 4, "message": "Forbidden"})
		return
	}
	c.String(http.StatusForbidden, sentence)
	c.Abort()
}
