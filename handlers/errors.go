package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/neuracampus/attendance/models"
)

// The refusals of the edge itself. Those of the rules are in models.
var (
	errIdentityDiffers = refusal(models.Forbidden, "identity_differs", "This connection is signed in as somebody else")
	errUserDiffers     = refusal(models.Forbidden, "user_differs", "userId must be your own")
	errTooManyClasses  = refusal(models.Conflict, "too_many_classes", "One connection can be in at most 100 classes; leave one of them first")
	errUnknownRole     = refusal(models.Invalid, "invalid_role", "role must be teacher or student")
	errOnlyStudents    = refusal(models.Forbidden, "only_students", "Only students have an attendance of their own")
	errTooMany         = refusal(models.Invalid, reasonRateLimited, "Too many events; please wait a moment and try again")
	errTooManySockets  = refusal(models.Invalid, "too_many_sockets", "You are connected in too many places; this connection, the oldest, was closed")
	errTooManyRecords  = refusal(models.Invalid, "too_many_records", "There are too many records for one answer; export the session instead")
	errAnswersBusy     = refusal(models.Unavailable, "answers_busy", "Too many large answers are on their way at the moment; please wait a moment and try again")
	errUnknownEvent    = refusal(models.Invalid, "unknown_event", "There is no such event")
	errInternal        = refusal(-1, "internal_error", "internal error")
)

// The reasons that more than one refusal has.
const (
	reasonRateLimited = "rate_limited"
	reasonMissing     = "missing_parameters"
	reasonParameter   = "invalid_parameter"
	reasonFile        = "invalid_file"
)

// eventRefusals are the refusals that an event can get, which the AsyncAPI document lists with their reasons. The rest is for REST alone.
var eventRefusals = []error{
	refusal(models.Invalid, reasonMissing, "Missing required parameters: classId"),
	refusal(models.Invalid, reasonParameter, "The data of this event must be one object"),
	models.ErrInvalidID, models.ErrInvisibleInID, models.ErrIDNotAddressable, models.ErrInvalidName, models.ErrInvalidDate, models.ErrInvalidSince, models.ErrInvalidStatus,
	models.ErrInvalidSessionType, models.ErrInvalidFrequency, models.ErrInvalidProof, models.ErrInvalidMinutes, models.ErrInvalidDevice,
	errUnknownRole, errUnknownEvent, errTooMany, errTooManyRecords, errAnswersBusy,
	errIdentityDiffers, errUserDiffers, models.ErrNotOwner, models.ErrInitiateRole, models.ErrOthersMark, models.ErrStudentExcused,
	models.ErrCodeRequired, models.ErrCodeWrong, models.ErrCodeThrottled, models.ErrSetByTeacher,
	models.ErrClassNotFound, models.ErrNotOnRoster,
	errTooManyClasses, models.ErrClassArchived, models.ErrNoCode, models.ErrNoActiveSession,
	models.ErrUnavailable, models.ErrUnknownOutcome, models.ErrTooSlow, models.ErrClosed, errInternal,
}

// eventReasons is the schema of the reasons of eventRefusals, with a sentence for each.
func eventReasons() object {
	reasons, sentences := []string{}, object{}
	for _, refused := range eventRefusals {
		reasons = append(reasons, reasonOf(refused))
		sentences[reasonOf(refused)] = refused.Error()
	}
	return object{"enum": reasons, "x-sentences": sentences, "description": "A word for programs that never changes"}
}

func refusal(kind models.Kind, reason, text string) *models.Refusal {
	return &models.Refusal{Kind: kind, Reason: reason, Text: text}
}

func invalid(reason, format string, args ...any) error {
	return refusal(models.Invalid, reason, fmt.Sprintf(format, args...))
}

// reasonOf returns the reason of a refusal that another one quotes.
func reasonOf(err error) string {
	var quoted *models.Refusal
	if errors.As(err, &quoted) {
		return quoted.Reason
	}
	return errInternal.Reason
}

// explain is the one place that decides what clients may know of an error. An error that is no refusal is a fault of the server: it
// is logged once, here, and clients get an internal error.
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
