package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
)

const internal = "internal error"

// refusals lists every refusal that has a name in the code, and the errors that are no refusals.
var refusals = []struct {
	name   string // in the code, empty where it has none
	err    error
	status int
	reason string
	text   string // empty: the error's own
	level  string // of the log's line; empty: none
}{
	{"ErrInvalidID", models.ErrInvalidID, http.StatusBadRequest, "invalid_id", "", ""},
	{"ErrInvisibleInID", models.ErrInvisibleInID, http.StatusBadRequest, "invisible_in_id", "", ""},
	{"ErrIDNotAddressable", models.ErrIDNotAddressable, http.StatusBadRequest, "id_not_addressable", "", ""},
	{"ErrInvalidName", models.ErrInvalidName, http.StatusBadRequest, "invalid_name", "", ""},
	{"ErrNameDiffers", models.ErrNameDiffers, http.StatusBadRequest, "name_differs", "", ""},
	{"ErrInvalidVisibility", models.ErrInvalidVisibility, http.StatusBadRequest, "invalid_visibility", "", ""},
	{"ErrInvalidSearch", models.ErrInvalidSearch, http.StatusBadRequest, "invalid_search", "", ""},
	{"ErrInvalidDate", models.ErrInvalidDate, http.StatusBadRequest, "invalid_date", "", ""},
	{"ErrInvalidSince", models.ErrInvalidSince, http.StatusBadRequest, "invalid_since", "", ""},
	{"ErrInvalidStatus", models.ErrInvalidStatus, http.StatusBadRequest, "invalid_status", "", ""},
	{"ErrInvalidSessionType", models.ErrInvalidSessionType, http.StatusBadRequest, "invalid_session_type", "", ""},
	{"ErrInvalidFrequency", models.ErrInvalidFrequency, http.StatusBadRequest, "invalid_frequency", "", ""},
	{"ErrInvalidReason", models.ErrInvalidReason, http.StatusBadRequest, "invalid_reason", "", ""},
	{"ErrReasonMissing", models.ErrReasonMissing, http.StatusBadRequest, "reason_missing", "", ""},
	{"ErrFlagReasonMissing", models.ErrFlagReasonMissing, http.StatusBadRequest, "reason_missing", "", ""},
	{"ErrInvalidDevice", models.ErrInvalidDevice, http.StatusBadRequest, "invalid_device", "", ""},
	{"ErrInvalidProof", models.ErrInvalidProof, http.StatusBadRequest, "invalid_proof", "", ""},
	{"ErrInvalidMinutes", models.ErrInvalidMinutes, http.StatusBadRequest, "invalid_minutes", "", ""},
	{"ErrInvalidRange", models.ErrInvalidRange, http.StatusBadRequest, "invalid_range", "", ""},
	{"errUnknownRole", errUnknownRole, http.StatusBadRequest, "invalid_role", "", ""},
	{"errTooMany", errTooMany, http.StatusBadRequest, "rate_limited", "", ""},
	{"errTooManyRecords", errTooManyRecords, http.StatusBadRequest, "too_many_records", "", ""},
	{"errAnswersBusy", errAnswersBusy, http.StatusServiceUnavailable, "answers_busy", "", ""},
	{"errTooManySockets", errTooManySockets, http.StatusBadRequest, "too_many_sockets", "", ""},
	{"errUnknownEvent", errUnknownEvent, http.StatusBadRequest, "unknown_event", "", ""},

	{"ErrNotOwner", models.ErrNotOwner, http.StatusForbidden, "not_owner", "", ""},
	{"ErrOnlyAdmins", models.ErrOnlyAdmins, http.StatusForbidden, "only_admins", "", ""},
	{"ErrOthersData", models.ErrOthersData, http.StatusForbidden, "not_your_data", "", ""},
	{"ErrEraseRole", models.ErrEraseRole, http.StatusForbidden, "only_admins", "", ""},
	{"ErrSearchRole", models.ErrSearchRole, http.StatusForbidden, "only_admins", "", ""},
	{"ErrOnlyTeachers", models.ErrOnlyTeachers, http.StatusForbidden, "only_teachers", "", ""},
	{"ErrInitiateRole", models.ErrInitiateRole, http.StatusForbidden, "only_teachers", "", ""},
	{"ErrEndRole", models.ErrEndRole, http.StatusForbidden, "only_teachers", "", ""},
	{"ErrOthersMark", models.ErrOthersMark, http.StatusForbidden, "not_your_mark", "", ""},
	{"ErrStudentExcused", models.ErrStudentExcused, http.StatusForbidden, "only_teachers_excuse", "", ""},
	{"ErrCodeRequired", models.ErrCodeRequired, http.StatusForbidden, "code_required", "", ""},
	{"ErrCodeWrong", models.ErrCodeWrong, http.StatusForbidden, "code_wrong", "", ""},
	{"ErrCodeThrottled", models.ErrCodeThrottled, http.StatusForbidden, "code_throttled", "", ""},
	{"ErrSetByTeacher", models.ErrSetByTeacher, http.StatusForbidden, "set_by_teacher", "", ""},
	{"errIdentityDiffers", errIdentityDiffers, http.StatusForbidden, "identity_differs", "", ""},
	{"errTooManyClasses", errTooManyClasses, http.StatusConflict, "too_many_classes", "", ""},
	{"errUserDiffers", errUserDiffers, http.StatusForbidden, "user_differs", "", ""},
	{"errOnlyStudents", errOnlyStudents, http.StatusForbidden, "only_students", "", ""},

	{"ErrClassNotFound", models.ErrClassNotFound, http.StatusNotFound, "class_not_found", "", ""},
	{"ErrSessionNotFound", models.ErrSessionNotFound, http.StatusNotFound, "session_not_found", "", ""},
	{"ErrFlagNotFound", models.ErrFlagNotFound, http.StatusNotFound, "flag_not_found", "", ""},
	{"ErrStudentUnknown", models.ErrStudentUnknown, http.StatusNotFound, "student_not_found", "", ""},
	{"ErrNotATeacher", models.ErrNotATeacher, http.StatusNotFound, "not_a_teacher", "", ""},
	{"ErrNotOnRoster", models.ErrNotOnRoster, http.StatusNotFound, "not_on_roster", "", ""},

	{"ErrClassExists", models.ErrClassExists, http.StatusConflict, "class_exists", "", ""},
	{"ErrClassArchived", models.ErrClassArchived, http.StatusConflict, "class_archived", "", ""},
	{"ErrSessionActive", models.ErrSessionActive, http.StatusConflict, "session_active", "", ""},
	{"ErrHasMarks", models.ErrHasMarks, http.StatusConflict, "has_marks", "", ""},
	{"ErrOwnerStays", models.ErrOwnerStays, http.StatusConflict, "owner_stays", "", ""},
	{"ErrFlagDismissed", models.ErrFlagDismissed, http.StatusConflict, "flag_dismissed", "", ""},
	{"ErrNoCode", models.ErrNoCode, http.StatusConflict, "no_code", "", ""},
	{"ErrNoActiveSession", models.ErrNoActiveSession, http.StatusConflict, "no_active_session", "", ""},

	{"ErrUnavailable", models.ErrUnavailable, http.StatusServiceUnavailable, "database_unavailable", "", ""},
	{"ErrUnknownOutcome", models.ErrUnknownOutcome, http.StatusServiceUnavailable, "outcome_unknown", "", ""},
	{"ErrNotCompacted", models.ErrNotCompacted, http.StatusServiceUnavailable, "not_compacted", "", ""},
	{"ErrBulkBusy", models.ErrBulkBusy, http.StatusServiceUnavailable, "rosters_busy", "", ""},
	{"ErrClosed", models.ErrClosed, http.StatusServiceUnavailable, "shutting_down", "", ""},
	{"ErrTooSlow", models.ErrTooSlow, http.StatusServiceUnavailable, "too_slow", "", ""},
	{"", context.DeadlineExceeded, http.StatusServiceUnavailable, "too_slow", models.ErrTooSlow.Error(), "WARN"},
	{"", context.Canceled, http.StatusServiceUnavailable, "too_slow", models.ErrTooSlow.Error(), "DEBUG"},

	{"", errors.New("Error 1146: Table 'attendance.classes' doesn't exist"), http.StatusInternalServerError, "internal_error", internal, "ERROR"},
	{"errInternal", errInternal, http.StatusInternalServerError, "internal_error", "", ""},

	{"errTooLarge", errTooLarge(1 << 20), http.StatusRequestEntityTooLarge, "body_too_large", "", ""},
	{"errTooSlow", errTooSlow, http.StatusRequestTimeout, "body_too_slow", "", ""},
	{"errBodyBroke", errBodyBroke, http.StatusBadRequest, "body_broke_off", "", ""},
	{"errNoJSON", errNoJSON, http.StatusUnsupportedMediaType, "body_not_json", "", ""},
	{"errTooManyRequests", errTooManyRequests, http.StatusTooManyRequests, "rate_limited", "", ""},
	{"errNoRoute", errNoRoute, http.StatusNotFound, "no_route", "", ""},
	{"errNoToken", errNoToken, http.StatusUnauthorized, "token_invalid", "", ""},
	{"errNoUser", errNoUser, http.StatusUnauthorized, "user_missing", "", ""},
	{"errBadUser", errBadUser, http.StatusUnauthorized, "invalid_user", "", ""},
	{"errBadRole", errBadRole, http.StatusUnauthorized, "invalid_role", "", ""},
	{"", invalid(reasonMissing, "Missing required parameters: id"), http.StatusBadRequest, "missing_parameters", "", ""},
	{"", lineErrors{{1, "The id is missing"}}, http.StatusBadRequest, "invalid_file", "", ""},
}

// TestRefusalHasStatusReasonAndSentence also tries errors that were wrapped on their way, and compares what is logged at which level.
func TestRefusalHasStatusReasonAndSentence(t *testing.T) {
	for _, test := range refusals {
		var log strings.Builder
		h := New(nil, models.ModeOpen, nil, nil, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		recorder := httptest.NewRecorder()
		request, _ := gin.CreateTestContext(recorder)
		h.problem(t.Context(), request, fmt.Errorf("read a class: %w", test.err))
		var got problem
		if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		want := test.text
		if want == "" {
			want = test.err.Error()
		}
		if got.Status != test.status || recorder.Code != test.status || got.Detail != want || got.Reason != test.reason {
			t.Errorf("%v: %s, want %d %s %s", test.err, recorder.Body, test.status, test.reason, want)
		}
		if line := log.String(); (test.level == "") != (line == "") || strings.Count(line, "\n") > 1 || !strings.Contains(line, test.level) {
			t.Errorf("%v: the log says %q", test.err, line)
		}
	}
}

// madeRefusal is where the code names a refusal, and gives it a reason: a word in quotes, or a constant.
var madeRefusal = regexp.MustCompile(`(?m)^\t(?:var )?(\w+)\s+= (?:&models\.Refusal\{|refusal\(|httpError\{)[^,]+, ("[a-z_]+"|reason\w+), ".+"[)}]$`)

// TestRefusalInSourceIsInTableWithReason reads the files that make refusals.
func TestRefusalInSourceIsInTableWithReason(t *testing.T) {
	listed := map[string]bool{}
	for _, refusal := range refusals {
		listed[refusal.name] = true
	}
	anyRefusal := regexp.MustCompile(`(?m)^\t(?:var )?\w+\s+= (&models\.Refusal|&Refusal|refusal\(|httpError\{)`)
	for _, name := range []string{"../models/errors.go", "errors.go", "problem.go", "rest.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := madeRefusal.FindAllStringSubmatch(string(source), -1)
		if all := anyRefusal.FindAllString(string(source), -1); len(found) != len(all) || len(found) == 0 {
			t.Errorf("%s names %d refusals, %d with a reason", name, len(all), len(found))
		}
		for _, refusal := range found {
			if !listed[refusal[1]] {
				t.Errorf("%s has %s, which has no row in the table of this test", name, refusal[1])
			}
		}
	}
}

// unacknowledged are the reasons that no acknowledgement carries: most are of requests over HTTP.
var unacknowledged = []string{
	"body_broke_off", "body_not_json", "body_too_large", "body_too_slow", "class_exists", "flag_dismissed", "flag_not_found", "has_marks", "invalid_file", "invalid_range",
	"invalid_reason", "invalid_search", "invalid_user", "invalid_visibility", "name_differs", "no_route", "not_a_teacher", "not_compacted",
	"not_your_data", "only_admins", "only_students", "owner_stays", "reason_missing", "rosters_busy", "session_active", "session_not_found",
	"student_not_found", "token_invalid", "too_many_sockets", "user_missing",
}

// TestReasonIsDescribedOrNeverAcknowledged: the AsyncAPI document lists every reason that an acknowledgement can carry.
func TestReasonIsDescribedOrNeverAcknowledged(t *testing.T) {
	described, _ := eventReasons()["enum"].([]string)
	for _, refusal := range refusals {
		if slices.Contains(described, refusal.reason) == slices.Contains(unacknowledged, refusal.reason) {
			t.Errorf("%s must be either in eventRefusals or in unacknowledged", refusal.reason)
		}
	}
}
