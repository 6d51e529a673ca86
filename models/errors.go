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
	Kind   Kind
	Reason string // a word for programs, in lower case with underscores; it never changes
	Text   string
}

func (r *Refusal) Error() string { return r.Text }

func refusal(kind Kind, reason, text string) error {
	return &Refusal{Kind: kind, Reason: reason, Text: text}
}

func invalid(reason, format string, args ...any) error {
	return &Refusal{Kind: Invalid, Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// The refusals that have a name. Frontends in use show some of these texts already, so their wording is fixed.
var (
	ErrInvalidID          = refusal(Invalid, "invalid_id", "An id must be an integer or a text of 1 to 64 characters without control characters")
	ErrInvisibleInID      = refusal(Invalid, "invisible_in_id", "An id must not have invisible characters in it; type it again")
	ErrIDNotAddressable   = refusal(Invalid, "id_not_addressable", "An id must not be . or .., because no address can hold it")
	ErrInvalidName        = refusal(Invalid, "invalid_name", "A name must be a text of at most 200 characters without control characters")
	ErrInvalidSearch      = refusal(Invalid, "invalid_search", "search must be a text of at most 200 characters without control characters")
	ErrInvalidDate        = refusal(Invalid, "invalid_date", "Invalid date format")
	ErrInvalidSince       = refusal(Invalid, "invalid_since", "since must be a timestamp that the server has sent, such as 2026-03-02T09:00:00.000Z")
	ErrInvalidStatus      = refusal(Invalid, "invalid_status", "status must be present, late, absent or excused")
	ErrInvalidSessionType = refusal(Invalid, "invalid_session_type", "sessionType must be 1 to 32 letters, digits, hyphens or underscores")
	ErrInvalidFrequency   = refusal(Invalid, "invalid_frequency", "frequency must be a number or a list of at most 16 numbers, each above 0 and at most 24000 Hz")
	ErrInvalidReason      = refusal(Invalid, "invalid_reason", "A reason must be a text of at most 500 characters without control characters")
	ErrReasonMissing      = refusal(Invalid, "reason_missing", "A correction needs a reason")
	ErrFlagReasonMissing  = refusal(Invalid, "reason_missing", "Say why the flag is dismissed")
	ErrInvalidDevice      = refusal(Invalid, "invalid_device", "deviceId must be a text of at most 64 characters without control characters")
	ErrNameDiffers        = refusal(Invalid, "name_differs", "Repeat the name of the class, or its id if it has no name, to delete it with its marks")
	ErrInvalidVisibility  = refusal(Invalid, "invalid_visibility", "visibility must be class or own")
	ErrInvalidProof       = refusal(Invalid, "invalid_proof", "proof must be none or code")
	ErrInvalidMinutes     = refusal(Invalid, "invalid_minutes", "The time of a rule must be a whole number of minutes from 1 to 600, or null")
	ErrInvalidRange       = refusal(Invalid, "invalid_range", "The first date must not be after the last date")

	ErrNotOwner       = refusal(Forbidden, "not_owner", "Not authorized to manage this class")
	ErrOnlyTeachers   = refusal(Forbidden, "only_teachers", "Only teachers can manage classes")
	ErrOnlyAdmins     = refusal(Forbidden, "only_admins", "Only an administrator can create a class for somebody else")
	ErrSearchRole     = refusal(Forbidden, "only_admins", "Only an administrator can list all classes")
	ErrOthersData     = refusal(Forbidden, "not_your_data", "Only the student and an administrator can export what is stored about a student")
	ErrEraseRole      = refusal(Forbidden, "only_admins", "Only an administrator can erase a student")
	ErrInitiateRole   = refusal(Forbidden, "only_teachers", "Only teachers can initiate attendance")
	ErrEndRole        = refusal(Forbidden, "only_teachers", "Only teachers can end attendance sessions")
	ErrOthersMark     = refusal(Forbidden, "not_your_mark", "Students can only mark their own attendance")
	ErrStudentExcused = refusal(Forbidden, "only_teachers_excuse", "Only the teacher can excuse a student")
	ErrCodeRequired   = refusal(Forbidden, "code_required", "Enter the code that is shown in class")
	ErrCodeWrong      = refusal(Forbidden, "code_wrong", "That code is wrong or no longer shown")
	ErrCodeThrottled  = refusal(Forbidden, "code_throttled", "Too many wrong codes, ask your teacher")
	ErrSetByTeacher   = refusal(Forbidden, "set_by_teacher", "The teacher has set this mark, so only the teacher can change it")

	ErrClassNotFound   = refusal(NotFound, "class_not_found", "Class not found")
	ErrSessionNotFound = refusal(NotFound, "session_not_found", "Session not found")
	ErrFlagNotFound    = refusal(NotFound, "flag_not_found", "Flag not found")
	ErrStudentUnknown  = refusal(NotFound, "student_not_found", "Nothing is stored about this student")
	ErrNotATeacher     = refusal(NotFound, "not_a_teacher", "This teacher does not teach the class")
	ErrNotOnRoster     = refusal(NotFound, "not_on_roster", "This student is not on the roster of the class")

	ErrClassExists     = refusal(Conflict, "class_exists", "A class with this id exists already")
	ErrClassArchived   = refusal(Conflict, "class_archived", "This class is archived")
	ErrSessionActive   = refusal(Conflict, "session_active", "End the active attendance session first")
	ErrHasMarks        = refusal(Conflict, "has_marks", "The class has marks; to delete it with them, send marks=delete and repeat the name of the class")
	ErrOwnerStays      = refusal(Conflict, "owner_stays", "The owner of a class cannot be removed; hand the class over first")
	ErrFlagDismissed   = refusal(Conflict, "flag_dismissed", "This flag has been dismissed already")
	ErrNoCode          = refusal(Conflict, "no_code", "This session asks for no code")
	ErrNoActiveSession = refusal(Conflict, "no_active_session", "No active attendance session for this class and session type")

	ErrUnavailable    = refusal(Unavailable, "database_unavailable", "The database cannot be reached or written to at the moment; nothing was changed, please try again")
	ErrUnknownOutcome = refusal(Unavailable, "outcome_unknown", "The connection to the database broke before it confirmed this; please look whether it was done, or try again")
	ErrTooSlow        = refusal(Unavailable, "too_slow", "The server could not do this in time; please try again")
	ErrNotCompacted   = refusal(Unavailable, "not_compacted", "The student is erased, but traces may be left in the database file; please send this again")
	ErrBulkBusy       = refusal(Unavailable, "rosters_busy", "Other rosters are being saved at the moment; nothing was changed, please try again")
	ErrClosed         = refusal(Unavailable, "shutting_down", "The server is shutting down; please try again")
)
