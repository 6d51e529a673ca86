package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// TestEveryErrorHasItsStatusAndSentence also when it was wrapped on its way, and tells what is logged at which level.
func TestEveryErrorHasItsStatusAndSentence(t *testing.T) {
	const internal = "internal error"
	for _, test := range []struct {
		err    error
		status int
		text   string // empty: the error's own
		level  string // of the log's line; empty: none
	}{
		{models.ErrInvalidID, http.StatusBadRequest, "", ""},
		{models.ErrInvisibleInID, http.StatusBadRequest, "", ""},
		{models.ErrInvalidName, http.StatusBadRequest, "", ""},
		{models.ErrInvalidDate, http.StatusBadRequest, "", ""},
		{models.ErrInvalidStatus, http.StatusBadRequest, "", ""},
		{models.ErrInvalidSessionType, http.StatusBadRequest, "", ""},
		{models.ErrInvalidFrequency, http.StatusBadRequest, "", ""},
		{models.ErrInvalidReason, http.StatusBadRequest, "", ""},
		{models.ErrReasonMissing, http.StatusBadRequest, "", ""},
		{models.ErrInvalidRange, http.StatusBadRequest, "", ""},
		{errUnknownRole, http.StatusBadRequest, "", ""},
		{errTooMany, http.StatusBadRequest, "", ""},

		{models.ErrNotOwner, http.StatusForbidden, "", ""},
		{models.ErrOnlyTeachers, http.StatusForbidden, "", ""},
		{models.ErrInitiateRole, http.StatusForbidden, "", ""},
		{models.ErrEndRole, http.StatusForbidden, "", ""},
		{models.ErrOthersMark, http.StatusForbidden, "", ""},
		{models.ErrStudentExcused, http.StatusForbidden, "", ""},
		{models.ErrSetByTeacher, http.StatusForbidden, "", ""},
		{errIdentityDiffers, http.StatusForbidden, "", ""},
		{errTooManyClasses, http.StatusConflict, "", ""},
		{errUserDiffers, http.StatusForbidden, "", ""},
		{errOnlyStudents, http.StatusForbidden, "", ""},

		{models.ErrClassNotFound, http.StatusNotFound, "", ""},
		{models.ErrSessionNotFound, http.StatusNotFound, "", ""},
		{models.ErrNotOnRoster, http.StatusNotFound, "", ""},

		{models.ErrClassExists, http.StatusConflict, "", ""},
		{models.ErrClassArchived, http.StatusConflict, "", ""},
		{models.ErrSessionActive, http.StatusConflict, "", ""},
		{models.ErrNoActiveSession, http.StatusConflict, "", ""},

		{models.ErrUnavailable, http.StatusServiceUnavailable, "", ""},
		{models.ErrBulkBusy, http.StatusServiceUnavailable, "", ""},
		{models.ErrClosed, http.StatusServiceUnavailable, "", ""},
		{models.ErrTooSlow, http.StatusServiceUnavailable, "", ""},
		{context.DeadlineExceeded, http.StatusServiceUnavailable, models.ErrTooSlow.Error(), "WARN"},
		{context.Canceled, http.StatusServiceUnavailable, models.ErrTooSlow.Error(), "DEBUG"},

		{errors.New("Error 1146: Table 'attendance.classes' doesn't exist"), http.StatusInternalServerError, internal, "ERROR"},
	} {
		var log strings.Builder
		h := New(nil, models.ModeOpen, nil, nil, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
		got := h.explain(t.Context(), fmt.Errorf("read a class: %w", test.err))
		want := test.text
		if want == "" {
			want = test.err.Error()
		}
		if got.Text != want || statusOf(got.Kind) != test.status {
			t.Errorf("%v: %d %s, want %d %s", test.err, statusOf(got.Kind), got.Text, test.status, want)
		}
		if line := log.String(); (test.level == "") != (line == "") || strings.Count(line, "\n") > 1 || !strings.Contains(line, test.level) {
			t.Errorf("%v: the log says %q", test.err, line)
		}
	}
}
