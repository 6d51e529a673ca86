package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

// problem is how a request is refused (RFC 9457). Detail is one sentence for people.
type problem struct {
	Type   string       `json:"type" doc:"Always about:blank: the status says it all"`
	Title  string       `json:"title" doc:"The status in words"`
	Status int          `json:"status"`
	Detail string       `json:"detail" doc:"What is wrong, in one sentence for people"`
	Reason string       `json:"reason" doc:"What is wrong, in a word for programs that never changes"`
	Errors []lineError  `json:"errors,omitempty" doc:"What is wrong in an imported file, by line"`
	Table  *rosterTable `json:"table,omitempty" doc:"How far an imported file was read"`
}

// The refusals that only HTTP has.
type httpError struct {
	status int
	reason string
	text   string
}

func (e httpError) Error() string { return e.text }

func (e httpError) problem() problem {
	return problem{Status: e.status, Detail: e.text, Reason: e.reason}
}

var (
	errTooSlow         = httpError{http.StatusRequestTimeout, "body_too_slow", "The body did not arrive in time"}
	errBodyBroke       = httpError{http.StatusBadRequest, "body_broke_off", "The body could not be read"}
	errTooManyRequests = httpError{http.StatusTooManyRequests, reasonRateLimited, "You send more requests and events than you may; please wait as long as Retry-After says and try again"}
	errNoJSON          = httpError{http.StatusUnsupportedMediaType, "body_not_json", "The body must be JSON, with the header Content-Type: application/json"}
)

// errTooLarge refuses a body of more than limit bytes, which is a whole number of megabytes.
func errTooLarge(limit int64) httpError {
	return httpError{http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("The body may have at most %d MB", limit>>20)}
}

// bodyError says what went wrong while a body was read.
func bodyError(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge(large.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errTooSlow
	}
	return errBodyBroke
}

// problem answers a request that was refused.
func (h *Handlers) problem(ctx context.Context, c *gin.Context, err error) {
	var (
		lines  lineErrors
		direct httpError
		p      problem
	)
	switch {
	case errors.As(err, &lines):
		p = problem{Status: http.StatusBadRequest, Detail: lines.Error(), Reason: reasonFile, Errors: lines, Table: tableIn(err)}
	case errors.As(err, &direct):
		p = direct.problem()
	default:
		refusal := h.explain(ctx, err)
		if refusal.Kind == models.Unavailable {
			c.Header("Retry-After", "1")
		}
		p = problem{Status: statusOf(refusal.Kind), Detail: refusal.Text, Reason: refusal.Reason, Table: tableIn(err)}
	}
	h.onRefused(p.Reason)
	writeProblem(c, p)
}

// tableIn returns the table of a file that was refused, nil if nothing of it was read.
func tableIn(err error) *rosterTable {
	var file fileError
	if !errors.As(err, &file) || len(file.table.Rows) == 0 {
		return nil
	}
	return &file.table
}

func statusOf(kind models.Kind) int {
	switch kind {
	case models.Invalid:
		return http.StatusBadRequest
	case models.Forbidden:
		return http.StatusForbidden
	case models.NotFound:
		return http.StatusNotFound
	case models.Conflict:
		return http.StatusConflict
	case models.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func writeProblem(c *gin.Context, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts and numbers
	}
	c.Data(p.Status, mediaProblem, body)
}
