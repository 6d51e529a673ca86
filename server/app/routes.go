package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/public"
	"github.com/neuracampus/attendance/server/identity"
)

// isSocketPath reports whether a route is one that sockets connect to: SOCKET_PATH with a slash at its end, or without one for clients
// with addTrailingSlash: false.
func (a *App) isSocketPath(c *gin.Context) bool {
	return strings.TrimSuffix(c.FullPath(), "/") == a.settings.SocketPath
}

// routes returns the router with every route. Each request goes through the same middleware chain, also when no route matches.
func (a *App) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.UseEscapedPath, engine.UnescapePathValues = true, false // ids in paths may hold slashes
	// gin's own redirects would bypass the chain.
	engine.RedirectTrailingSlash, engine.RedirectFixedPath = false, false
	engine.Use(a.recovering, a.findClientAddress, a.identifyRequest, a.setDeadlines, head, a.compress, a.secureHeaders, a.checkOrigin)

	files := readAssets(public.Page(), a.pageSettings())
	a.mountBundles(engine, files)
	engine.GET("/healthz", a.healthz)
	engine.GET("/readyz", a.readyz)
	if a.settings.MetricsAddr == "" {
		engine.GET(metricsPath, a.metricsForThisMachine())
	}
	a.handlers.Mount(engine, a.bearer(), a.hub.Allow)
	mountHeads(engine)
	for _, end := range []string{"", "/"} { // Engine.IO refuses HEAD
		engine.Any(a.settings.SocketPath+end, func(c *gin.Context) { a.hub.ServeHTTP(c.Writer, c.Request) })
	}
	engine.NoRoute(handlers.NoRoute, newPage(files).serve)
	return engine
}

// recovering logs a handler's panic, and answers 500 unless an answer has begun.
func (a *App) recovering(c *gin.Context) {
	defer func() {
		fault := recover()
		if cut, ok := fault.(error); ok && errors.Is(cut, http.ErrAbortHandler) {
			panic(fault) // net/http closes the connection
		}
		if fault != nil {
			a.logger.ErrorContext(c.Request.Context(), "panic in a request", "route", c.FullPath(), "fault", fault, "stack", string(debug.Stack()))
			c.Abort()
			if !c.Writer.Written() {
				c.Status(http.StatusInternalServerError)
			}
		}
	}()
	c.Next()
}

// bearer returns the function that authenticates a REST request, nil in open mode. It ignores cookies, because a browser also sends
// them with requests from other sites' pages.
func (a *App) bearer() func(*http.Request) (models.Actor, error) {
	if a.verifier == nil {
		return nil
	}
	return func(r *http.Request) (models.Actor, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return models.Actor{}, handlers.TokenRefusal{Reason: string(identity.ReasonMissing)}
		}
		claims, err := a.verifier.Verify(token)
		if err != nil {
			a.refusals.Add("token over REST", r.RemoteAddr, err.Error())
		}
		var refused *identity.Refusal
		if errors.As(err, &refused) {
			err = handlers.TokenRefusal{Reason: string(refused.Reason)}
		}
		return claims.Actor, err
	}
}

// contentPolicy lets the page load resources of its own origin only, and connect to its own host only. In Safari before 15.4 'self'
// does not include WebSockets, so policyFor adds their addresses.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'%s; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// plainHost matches a Host header that is safe in a content policy.
var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-]+(:[0-9]+)?$|^\[[0-9a-fA-F:.]+\](:[0-9]+)?$`)

func policyFor(host string) string {
	sockets := ""
	if plainHost.MatchString(host) {
		sockets = " ws://" + host + " wss://" + host
	}
	return fmt.Sprintf(contentPolicy, sockets)
}

// Header values that all answers share. Nothing may change them.
var (
	noSniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
)

// secureHeaders is the middleware that restricts what browsers do with an answer. Answers on socket paths are no documents and need
// no policy.
func (a *App) secureHeaders(c *gin.Context) {
	header := c.Writer.Header()
	header["X-Content-Type-Options"] = noSniff
	header["Referrer-Policy"] = sameOrigin
	if !a.isSocketPath(c) {
		header.Set("Content-Security-Policy", policyFor(c.Request.Host))
		header.Set("Permissions-Policy", "microphone=(self)")
	}
}

// status is the part of the health report for every client.
type status struct {
	Status   string `json:"status"`
	Identity string `json:"identity"`
}

// health is the health report for the operator.
type health struct {
	status
	Version       string `json:"version"`
	Sockets       int    `json:"sockets"`
	UnknownEvents int64  `json:"unknownEvents"`
	SkippedEvents int64  `json:"skippedEvents"` // of the log of a cluster, wholly or in part
	IgnoredEmits  int64  `json:"ignoredEmits"`  // messages in Redis that REDIS_EMITTER does not take
}

func (a *App) healthz(c *gin.Context) {
	known := status{"up", a.mode()}
	if !fromThisMachine(c.Request) {
		c.JSON(http.StatusOK, known)
		return
	}
	c.JSON(http.StatusOK, health{known, Version(), a.hub.Sockets(), a.hub.UnknownEvents(), a.skipped.Load(), a.ignored.Load()})
}

// fromThisMachine reports whether a request comes from this machine, was sent to one of its names, and did not pass a proxy.
func fromThisMachine(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, field := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via"} {
		if r.Header[field] != nil {
			return false
		}
	}
	name := hostName(r.Host)
	address, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && address.IsLoopback()
}

func (a *App) readyz(c *gin.Context) { c.JSON(a.readyReport(c.Request.Context())) }

// ready is the answer of /readyz.
type ready struct {
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// readyReport returns whether the server can work, as the status of an answer and its body.
func (a *App) readyReport(ctx context.Context) (status int, report ready) {
	switch {
	case a.draining.Load():
		return http.StatusServiceUnavailable, ready{"draining", "the server is stopping"}
	case a.ready.check(ctx) != nil:
		return http.StatusServiceUnavailable, ready{"unavailable", "the database cannot be reached or written to"}
	case a.redis != nil && !a.redis.Working():
		return http.StatusOK, ready{"degraded", "Redis is away, so clients are sent what other nodes commit a little later"}
	}
	return http.StatusOK, ready{Status: "ready"}
}

// release is set by the linker in make release, and in the Dockerfile.
var release string

// Version returns the release, or else the commit of the build.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return "development"
}
