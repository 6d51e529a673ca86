package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/neuracampus/attendance/models"
)

// The refusals of the edge itself. Those of the rules are in models.
var (
	errIdentityDiffers = &models.Refusal{Kind: models.Forbidden, Text: "This connection is signed in as somebody else"}
	errUserDiffers     = &models.Refusal{Kind: models.Forbidden, Text: "userId must be your own"}
	errTooManyClasses  = &models.Refusal{Kind: models.Conflict, Text: "One connection can be in at most 100 classes; leave one of them first"}
	errUnknownRole     = &models.Refusal{Kind: models.Invalid, Text: "role must be teacher or student"}
	errOnlyStudents    = &models.Refusal{Kind: models.Forbidden, Text: "Only students have an attendance of their own"}
	errTooMany         = &models.Refusal{Kind: models.Invalid, Text: "Too many events; please wait a moment and try again"}
	errTooManySockets  = &models.Refusal{Kind: models.Invalid, Text: "You are connected in too many places; this connection, the oldest, was closed"}
	errUnknownEvent    = &models.Refusal{Kind: models.Invalid, Text: "There is no such event"}
	errInternal        = &models.Refusal{Kind: -1, Text: "internal error"}
)

// The words by which a client tells one refusal from another.
const (
	reasonRateLimited  = "rate_limited"
	reasonUnknownEvent = "unknown_event"
)

func invalid(format string, args ...any) error {
	return &models.Refusal{Kind: models.Invalid, Text: fmt.Sprintf(format, args...)}
}

// explain is the one place that decides what may be said outside about an error. What is no refusal is a fault of
// ours: it is logged once, here, and people hear of an internal error.
func (h *Handlers) explain(ctx context.Context, err error) *models.Refusal {
	var refusal *models.Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, context.DeadlineExceeded):
		h.logger.WarnContext(ctx, "not done in time", "err", err)
		errors.As(models.ErrTooSlow, &refusal)
		return refusal
	case errors.Is(err, context.Canceled):
		h.logger.DebugContext(ctx, "the client went away", "err", err)
		errors.As(models.ErrTooSlow, &refusal)
		return refusal
	}
	h.logger.ErrorContext(ctx, "internal error", "err", err)
	return errInternal
}
