package models

import "fmt"

// Kind says what sort of refusal an error is; the edge turns it into a status.
type Kind int

// The kinds of refusal.
const (
	Invalid     Kind = iota // the request itself is wrong
	Forbidden               // this person may not do that
	NotFound                // there is no such thing, or this person may not know of it
	Conflict                // not in the present state
	Unavailable             // the database cannot do it now; the same request may succeed later
)

// Refusal is an error whose text is one sentence for the user who asked. Nothing was changed. Every other error of
// this package is a fault of ours or of the database, and its text is for the log.
type Refusal struct {
	Kind Kind
	Text string
}

func (r *Refusal) Error() string { return r.Text }

func refusal(kind Kind, text string) error { return &Refusal{Kind: kind, Text: text} }

func invalid(format string, args ...any) error {
	return &Refusal{Kind: Invalid, Text: fmt.Sprintf(format, args...)}
}

// The refusals that have a name. Frontends in use show some of these texts already, so their wording is fixed.
var (
	ErrInvalidID          = refusal(Invalid, "An id must be an integer or a text of 1 to 64 characters without control characters")
	ErrInvisibleInID      = refusal(Invalid, "An id must not have invisible characters in it; type it again")
	ErrIDNotAddressable   = refusal(Invalid, "An id must not be . or .., because no address can hold it")
	ErrInvalidName        = refusal(Invalid, "A name must be a text of at most 200 characters without control characters")
	ErrInvalidDate        = refusal(Invalid, "Invalid date format")
	ErrInvalidStatus      = refusal(Invalid, "status must be present, late, absent or excused")
	ErrInvalidSessionType = refusal(Invalid, "sessionType must be 1 to 32 letters, digits, hyphens or underscores")
	ErrInvalidFrequency   = refusal(Invalid, "frequency must be a number or a list of at most 16 numbers, each above 0 and at most 24000 Hz")
	ErrInvalidReason      = refusal(Invalid, "A reason must be a text of at most 500 characters without control characters")
	ErrReasonMissing      = refusal(Invalid, "A correction needs a reason")
	ErrInvalidRange       = refusal(Invalid, "The first date must not be after the last date")

	ErrNotOwner       = refusal(Forbidden, "Not authorized to manage this class")
	ErrOnlyTeachers   = refusal(Forbidden, "Only teachers can manage classes")
	ErrInitiateRole   = refusal(Forbidden, "Only teachers can initiate attendance")
	ErrEndRole        = refusal(Forbidden, "Only teachers can end attendance sessions")
	ErrOthersMark     = refusal(Forbidden, "Students can only mark their own attendance")
	ErrStudentExcused = refusal(Forbidden, "Only the teacher can excuse a student")
	ErrSetByTeacher   = refusal(Forbidden, "The teacher has set this mark, so only the teacher can change it")

	ErrClassNotFound   = refusal(NotFound, "Class not found")
	ErrSessionNotFound = refusal(NotFound, "Session not found")
	ErrNotOnRoster     = refusal(NotFound, "This student is not on the roster of the class")

	ErrClassExists     = refusal(Conflict, "A class with this id exists already")
	ErrClassArchived   = refusal(Conflict, "This class is archived")
	ErrSessionActive   = refusal(Conflict, "End the active attendance session first")
	ErrNoActiveSession = refusal(Conflict, "No active attendance session for this class and session type")

	ErrUnavailable    = refusal(Unavailable, "The database cannot be reached or written to at the moment; nothing was changed, please try again")
	ErrUnknownOutcome = refusal(Unavailable, "The connection to the database broke before it confirmed this; please look whether it was done, or try again")
	ErrTooSlow        = refusal(Unavailable, "The server could not do this in time; please try again")
	ErrBulkBusy       = refusal(Unavailable, "Other rosters are being saved at the moment; nothing was changed, please try again")
	ErrClosed         = refusal(Unavailable, "The server is shutting down; please try again")
)
