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
		got.want(t, http.StatusBadRequest, "A roster has at most 10000 students")
	}
}
