package handlers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// What a request may cost.
const (
	maxBody = 1 << 20
	// maxRosterBody is for routes that take a roster: the largest roster with long names.
	maxRosterBody  = 8 << 20
	requestTimeout = 3500 * time.Millisecond
	// rosterTimeout and rosterCost are for routes that read or write a row for each student of a roster. The cost is in events.
	rosterTimeout = 30 * time.Second
	rosterCost    = 5
)

// route is one row of the REST API. What it takes and gives is in the types of its operation, from which the decoding
// of requests and the OpenAPI document are both made.
type route struct {
	method  string
	path    string // below /api, parameters as :name
	id      string // the operationId, which generated clients call their function; it never changes
	status  int    // of success
	group   string // heading in the documentation
	summary string
	operation
}

// operation is what a route does. In is a struct whose fields have the tags path, query or body; Out becomes JSON,
// except for csvFile.
type operation struct {
	in, out reflect.Type
	timeout time.Duration
	maxBody int64
	cost    int // in events, against the limit of the user
	run     func(ctx context.Context, actor models.Actor, c *gin.Context) (any, error)
}

func does[In, Out any](act func(context.Context, models.Actor, In) (Out, error)) operation {
	return operation{
		in:      reflect.TypeFor[In](),
		out:     reflect.TypeFor[Out](),
		timeout: requestTimeout,
		maxBody: maxBody,
		cost:    1,
		run: func(ctx context.Context, actor models.Actor, c *gin.Context) (any, error) {
			var in In
			if err := bind(c, reflect.ValueOf(&in).Elem()); err != nil {
				return nil, err
			}
			return act(ctx, actor, in)
		},
	}
}

// doesForRoster is does for an operation whose work grows with the roster.
func doesForRoster[In, Out any](act func(context.Context, models.Actor, In) (Out, error)) operation {
	o := does(act)
	o.timeout, o.cost = rosterTimeout, rosterCost
	return o
}

// takesRoster is doesForRoster for an operation whose body is a roster.
func takesRoster[In, Out any](act func(context.Context, models.Actor, In) (Out, error)) operation {
	o := doesForRoster(act)
	o.maxBody = maxRosterBody
	return o
}

// Mount adds the REST API under /api, its description at /api/openapi.json, and that of the events at /api/asyncapi.json. Identify finds out who a request comes from
// and returns an error for an unauthenticated one; it is nil in open mode, which believes the headers X-User and X-Role. Allow
// counts a request of the user (UserKey) from an address (host:port) as so many events and returns how long they have to wait if it is
// over a limit, else zero; nil allows everything.
//
// The engine must match escaped paths (UseEscapedPath without UnescapePathValues), so that an id may hold a slash.
func (h *Handlers) Mount(router gin.IRouter, identify func(*http.Request) (models.Actor, error), allow func(user, address string, events int) (wait time.Duration)) {
	who := actorFromHeaders
	if identify != nil {
		who = actorFromToken(identify)
	}
	routes := h.routes()
	api := router.Group("/api")
	for _, r := range routes {
		identify := who
		if allow != nil {
			identify = limited(who, r.costOf, allow)
		}
		api.Handle(r.method, r.path, h.serve(r, identify))
	}
	document := newDocument(routes, h.mode)
	events := newEventDocument(h.Table(), h.mode)
	api.GET("/openapi.json", func(c *gin.Context) { c.Data(http.StatusOK, mediaJSON, document) })
	api.GET("/asyncapi.json", func(c *gin.Context) { c.Data(http.StatusOK, mediaJSON, events) })
}

// NoRoute answers requests below /api that no route is for. Others it leaves to the handlers after it.
func NoRoute(c *gin.Context) {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		writeProblem(c, errNoRoute.problem())
		c.Abort()
	}
}

// serve answers one route. A panic becomes a problem, as it becomes an error event in the sockets' handlers.
func (h *Handlers) serve(r route, who func(*gin.Context) (models.Actor, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), r.timeout)
		defer cancel()
		defer func() {
			p := recover()
			if cut, ok := p.(error); ok && errors.Is(cut, http.ErrAbortHandler) {
				panic(p)
			}
			if p != nil {
				h.problem(ctx, c, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		c.Header("Cache-Control", "no-store")
		// The server's middleware chain bounds the time that the body may take to arrive.
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, r.maxBody)

		actor, err := who(c)
		if err != nil {
			h.problem(ctx, c, err)
			return
		}
		if c.Request.ContentLength > r.maxBody { // not after a part of it has arrived
			h.problem(ctx, c, errTooLarge(r.maxBody))
			return
		}
		reply, err := r.run(ctx, actor, c)
		if err != nil {
			h.problem(ctx, c, err)
			return
		}
		switch reply := reply.(type) {
		case noContent:
			c.Status(r.status)
		case csvFile:
			err := reply.write(c)
			if err != nil && !(c.Request.Method == http.MethodHead && c.Writer.Written()) { // the header is all that HEAD asks for
				h.logger.WarnContext(ctx, "an export was cut off", "path", r.path, "err", err)
				panic(http.ErrAbortHandler)
			}
		default:
			c.JSON(r.status, reply)
		}
	}
}

// bodyPerEvent is how many bytes of a body cost as much as an event.
const bodyPerEvent = 64 << 10

// costOf returns as how many events a request counts. A body of unknown length counts as the largest.
func (o operation) costOf(r *http.Request) int {
	size := r.ContentLength
	if size < 0 || size > o.maxBody {
		size = o.maxBody
	}
	return o.cost + int(size/bodyPerEvent)
}

// limited refuses the requests of a user that are over their limit.
func limited(who func(*gin.Context) (models.Actor, error), cost func(*http.Request) int, allow func(user, address string, events int) (wait time.Duration)) func(*gin.Context) (models.Actor, error) {
	return func(c *gin.Context) (models.Actor, error) {
		actor, err := who(c)
		if err != nil {
			return actor, err
		}
		if wait := allow(UserKey(actor), c.Request.RemoteAddr, cost(c.Request)); wait > 0 {
			c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
			return actor, errTooManyRequests
		}
		return actor, nil
	}
}

// noContent is the answer of a route that has nothing to say but that it is done.
type noContent struct{}

// The refusals of requests without a route or without a user.
var (
	errNoRoute = httpError{http.StatusNotFound, "no_route", "There is nothing at this address; /docs lists what there is"}
	errNoToken = httpError{http.StatusUnauthorized, "token_invalid", "Send a token that is valid: Authorization: Bearer <token>"}
	errNoUser  = httpError{http.StatusUnauthorized, "user_missing", "Say who you are: send the header X-User with your id and, if you are no teacher, X-Role: student"}
	errBadUser = httpError{http.StatusUnauthorized, "invalid_user", "The header X-User must be an id of 1 to 64 characters, percent-encoded"}
	errBadRole = httpError{http.StatusUnauthorized, "invalid_role", "The header X-Role must be teacher or student"}
)

// TokenRefusal is the error of a token that is not accepted. Its reason is sent to the client, its cause is not.
type TokenRefusal struct{ Reason string }

func (r TokenRefusal) Error() string { return r.Reason }

// actorFromToken asks identify.
func actorFromToken(identify func(*http.Request) (models.Actor, error)) func(*gin.Context) (models.Actor, error) {
	return func(c *gin.Context) (models.Actor, error) {
		actor, err := identify(c.Request)
		if err != nil {
			c.Header("WWW-Authenticate", "Bearer")
			refused, token := errNoToken, TokenRefusal{}
			if errors.As(err, &token) {
				refused.reason = token.Reason
			}
			return models.Actor{}, refused
		}
		return actor, nil
	}
}

// actorFromHeaders takes a request's word for who it comes from. A page of another site cannot send these headers: the browser
// asks first whether it may. An id of digits only is the same person as the integer.
func actorFromHeaders(c *gin.Context) (models.Actor, error) {
	user := c.GetHeader("X-User")
	if user == "" {
		return models.Actor{}, errNoUser
	}
	key, err := url.PathUnescape(user)
	if err != nil {
		return models.Actor{}, errBadUser
	}
	id, err := models.TextID(key)
	if err != nil {
		return models.Actor{}, errBadUser
	}
	switch role := models.Role(c.GetHeader("X-Role")); role {
	case "":
		return models.Actor{ID: id, Role: models.RoleTeacher}, nil
	case models.RoleTeacher, models.RoleStudent:
		return models.Actor{ID: id, Role: role}, nil
	}
	return models.Actor{}, errBadRole
}
