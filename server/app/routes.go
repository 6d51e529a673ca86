package app

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/public"
	"github.com/neuracampus/attendance/server/identity"
)

// routes is everything that the server answers to.
func (a *App) routes() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.UseEscapedPath, engine.UnescapePathValues = true, false // ids in paths may hold slashes

	rest := engine.Group("/", secureHeaders, a.checkOrigin)
	rest.GET("/healthz", a.healthz)
	rest.GET("/readyz", a.readyz)
	a.handlers.Mount(rest, a.bearer(), a.hub.Allow)
	page := newPage(public.Page())
	engine.NoRoute(secureHeaders, a.checkOrigin, handlers.NoRoute, page.serve)
	return a.recovering(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/socket.io/", "/socket.io": // the second with addTrailingSlash: false
			a.hub.ServeHTTP(w, r) // gin would have nothing to do, at a twentieth of what a poll costs
		default:
			engine.ServeHTTP(w, r)
		}
	}))
}

// recovering logs what a handler panics with, and answers if nothing has been answered yet.
func (a *App) recovering(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			fault := recover()
			if cut, ok := fault.(error); ok && errors.Is(cut, http.ErrAbortHandler) {
				panic(fault) // net/http closes the connection
			}
			if fault != nil {
				a.logger.Error("panic in a request", "path", r.URL.Path, "fault", fault, "stack", string(debug.Stack()))
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		handler.ServeHTTP(w, r)
	})
}

// bearer returns what finds out who a request comes from, nil in open mode. A cookie does not count: the browser sends
// it with requests that another site's page makes, too.
func (a *App) bearer() func(*http.Request) (models.Actor, error) {
	if a.verifier == nil {
		return nil
	}
	return func(r *http.Request) (models.Actor, error) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return models.Actor{}, identity.ErrUnauthorized
		}
		claims, err := a.verifier.Verify(token)
		return claims.Actor, err
	}
}

// contentPolicy lets the page load nothing that is not its own.
const contentPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

func secureHeaders(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", contentPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Permissions-Policy", "microphone=(self)")
}

type health struct {
	Status        string `json:"status"`
	Version       string `json:"version"`
	Identity      string `json:"identity"`
	Sockets       int    `json:"sockets"`
	UnknownEvents int64  `json:"unknownEvents"`
}

func (a *App) healthz(c *gin.Context) {
	c.JSON(http.StatusOK, health{"up", version(), a.mode(), a.hub.Sockets(), a.unknown.Load()})
}

func (a *App) readyz(c *gin.Context) {
	if a.draining.Load() {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "draining", "message": "the server is stopping"})
		return
	}
	if a.ready.check(c.Request.Context()) != nil {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "unavailable", "message": "the database cannot be reached or written to"})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}

// version is the release, or the commit that was built.
func version() string {
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
