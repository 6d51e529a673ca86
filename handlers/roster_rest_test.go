package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// A large roster is replaced and read. Its JSON text has more bytes than other bodies may have, and the list more students than a statement
// of SQLite may have values.
func TestRoutesWorkForLargeRoster(t *testing.T) {
	const size = 20_000
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.request(asha, "POST", "/api/classes", `{"id":"Large"}`).want(t, http.StatusCreated, "")
	var list strings.Builder
	for i := range size {
		fmt.Fprintf(&list, `,{"id":"%d","name":"Learner with a name that is as long as some are, number %d"}`, 100_000+i, i)
	}
	s.request(asha, "PUT", "/api/classes/Large/roster", `{"students":[`+list.String()[1:]+"]}").want(t, http.StatusOK, `"added":20000,`)
	students := func(path string) {
		t.Helper()
		got := s.request(asha, "GET", path, "")
		if count := strings.Count(string(got.body), "Learner "); got.StatusCode != http.StatusOK || count != size {
			t.Errorf("%s: %d with %d students: %.200s", path, got.StatusCode, count, got.body)
		}
	}
	started := s.request(asha, "POST", "/api/classes/Large/sessions", `{"sessionType":"lecture"}`)
	started.want(t, http.StatusOK, `"active"`)
	session := fmt.Sprint("/api/sessions/", started.object(t)["id"])
	students("/api/classes/Large/roster")
	students(session)
	students(session + "/export")
	s.request(asha, "POST", "/api/classes/Large/sessions/end", `{"sessionType":"lecture"}`).want(t, http.StatusOK, "")
	students("/api/classes/Large/statistics/students")
	students("/api/classes/Large/export")
	s.request(asha, "PUT", "/api/classes/Large/roster", `{"students":[{"id":"100000"}]}`).want(t, http.StatusOK, `"removed":19999`)
}
