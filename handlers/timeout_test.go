package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// timedRequests are requests that use the database, one per operation of models.
var timedRequests = []struct{ method, path, body string }{
	{"GET", "/api/classes", ""},
	{"POST", "/api/classes", `{"id":"Physics"}`},
	{"GET", "/api/classes/Math", ""},
	{"PATCH", "/api/classes/Math", `{"name":"Mathematics"}`},
	{"PUT", "/api/classes/Math/archived", `{"archived":false}`},
	{"GET", "/api/classes/Math/presence", ""},
	{"GET", "/api/classes/Math/roster", ""},
	{"PUT", "/api/classes/Math/roster", `{"students":[{"id":"chen"},{"id":"divya"}]}`},
	{"POST", "/api/classes/Math/roster", `{"students":[{"id":"chen"},{"id":"divya"}]}`},
	{"DELETE", "/api/classes/Math/roster/divya", ""},
	{"POST", "/api/classes/Math/roster/import", "id\nchen\ndivya\n" + numberedLines(2000)},
	{"POST", "/api/classes/Math/roster/import?dryRun=true", "id\nchen\ndivya\n" + numberedLines(2000)},
	{"POST", "/api/classes/Math/roster/import?replace=true", "id\nchen\ndivya\n" + numberedLines(2000)},
	{"GET", "/api/classes/Math/sessions", ""},
	{"POST", "/api/classes/Math/sessions", `{"sessionType":"lab"}`},
	{"POST", "/api/classes/Math/sessions/end", `{"sessionType":"lab"}`},
	{"GET", "/api/sessions/1", ""},
	{"POST", "/api/classes/Math/marks", `{"sessionType":"lecture","studentId":"chen"}`},
	{"PUT", "/api/sessions/1/marks/chen", `{"status":"excused","reason":"ill"}`},
	{"GET", "/api/sessions/1/changes", ""},
	{"GET", "/api/classes/Math/statistics", ""},
	{"GET", "/api/classes/Math/statistics/students", ""},
	{"GET", "/api/classes/Math/statistics/sessions", ""},
	{"GET", "/api/classes/Math/export", ""},
	{"GET", "/api/sessions/1/export", ""},
}

func numberedLines(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "student-%d\n", i)
	}
	return lines.String()
}

// A request that runs out of time, at whatever moment, is answered 503 with a sentence.
func TestRequestOutOfTimeIsAnswered503(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		s.lesson()
		for _, test := range timedRequests {
			for _, limit := range []time.Duration{0, 500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 12 * time.Millisecond, 30 * time.Millisecond, 80 * time.Millisecond, 200 * time.Millisecond} {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				request := s.newRequest(asha, test.method, test.path, strings.NewReader(test.body)).WithContext(ctx)
				request.Header.Set("Content-Type", "application/json")
				recorder := httptest.NewRecorder()
				func() {
					defer func() {
						fault := recover()
						if err, isError := fault.(error); fault != nil && !(isError && errors.Is(err, http.ErrAbortHandler)) {
							panic(fault)
						}
					}()
					s.engine.ServeHTTP(recorder, request)
				}()
				cancel()
				switch body := recorder.Body.String(); {
				case limit == 0 && recorder.Code != http.StatusServiceUnavailable:
					t.Errorf("%s %s without time is answered %d %s", test.method, test.path, recorder.Code, body)
				case recorder.Code == http.StatusServiceUnavailable && (!strings.Contains(body, `"reason":"too_slow"`) || recorder.Header().Get("Retry-After") == ""):
					t.Errorf("%s %s within %v: 503 %s", test.method, test.path, limit, body)
				case recorder.Code >= http.StatusInternalServerError && recorder.Code != http.StatusServiceUnavailable:
					t.Errorf("%s %s within %v is answered %d %s", test.method, test.path, limit, recorder.Code, body)
				}
			}
		}
		if log := s.log.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("the log has an error:\n%s", log)
		}
	})
}
