package handlers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func TestDryRunRefusesWhatImportRefuses(t *testing.T) {
	s := start(t, modelstest.SQLite(t), models.ModeSigned)
	s.lesson()
	var lines strings.Builder
	for i := range models.MaxRoster + 1 {
		fmt.Fprintf(&lines, "%d\n", 100_000+i)
	}
	for _, query := range []string{"", "?replace=true", "?dryRun=true", "?dryRun=true&replace=true"} {
		got := s.request(asha, "POST", "/api/classes/Math/roster/import"+query, "id\n"+lines.String())
		got.want(t, http.StatusBadRequest, "A roster has at most 40000 students")
	}
}

// The largest roster is imported, replaced and read. Its JSON text has more bytes than other bodies may have.
func TestRoutesWorkForRosterOf40000(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		s := start(t, db, models.ModeSigned)
		s.request(asha, "POST", "/api/classes", `{"id":"Large"}`).want(t, http.StatusCreated, "")
		var file, others, list strings.Builder
		file.WriteString("id,name\n")
		for i := range models.MaxRoster {
			fmt.Fprintf(&file, "%d,Learner %d\n", 100_000+i, i)
			fmt.Fprintf(&others, `,{"id":"x%d","name":"Somebody with a name that is as long as some are, number %d"}`, i, i)
			fmt.Fprintf(&list, `,{"id":"%d"}`, 100_000+i)
		}
		put := func(list string) answer {
			t.Helper()
			return s.request(asha, "PUT", "/api/classes/Large/roster", `{"students":[`+list[1:]+"]}")
		}
		put(others.String()).want(t, http.StatusOK, `"added":40000,`)
		s.request(asha, "POST", "/api/classes/Large/roster/import?replace=true&dryRun=true", file.String()).want(t, http.StatusOK, `"added":40000,"renamed":0,"removed":40000,`)
		s.request(asha, "POST", "/api/classes/Large/roster/import?replace=true", file.String()).want(t, http.StatusOK, `"added":40000,"renamed":0,"removed":40000,`)
		s.request(asha, "POST", "/api/classes/Large/roster", `{"students":[`+list.String()[1:]+"]}").want(t, http.StatusOK, `"unchanged":40000`)
		put(list.String()).want(t, http.StatusOK, `"unchanged":40000`)
		students := func(method, path, body string) {
			t.Helper()
			got := s.request(asha, method, path, body)
			if count := strings.Count(string(got.body), "Learner "); got.StatusCode != http.StatusOK || count != 40_000 {
				t.Errorf("%s %s: %d with %d students: %.200s", method, path, got.StatusCode, count, got.body)
			}
		}
		started := s.request(asha, "POST", "/api/classes/Large/sessions", `{"sessionType":"lecture"}`)
		started.want(t, http.StatusOK, `"active"`)
		session := fmt.Sprint("/api/sessions/", started.object(t)["id"])
		students("GET", "/api/classes/Large/roster", "")
		students("GET", session, "")
		students("GET", session+"/export", "")
		s.request(asha, "POST", "/api/classes/Large/sessions/end", `{"sessionType":"lecture"}`).want(t, http.StatusOK, "")
		students("GET", "/api/classes/Large/statistics/students", "")
		students("GET", "/api/classes/Large/export", "")
		s.request(asha, "PUT", "/api/classes/Large/roster", `{"students":[{"id":"100000"}]}`).want(t, http.StatusOK, `"removed":39999`)
	})
}
