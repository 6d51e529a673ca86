package app

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models/modelstest"
)

// dashboardDeadline is within how long each query of the dashboard must return data.
const dashboardDeadline = 2 * time.Minute

// TestDashboardAndDocumentMatchTheMetrics starts a node of a cluster, which has all metrics, and a Prometheus that scrapes it. Every query
// of the dashboard returns data, Prometheus understands every alert of docs/monitoring.md, and the document lists every metric and no
// other.
func TestDashboardAndDocumentMatchTheMetrics(t *testing.T) {
	t.Parallel()
	a, _ := start(t, settings(t, "DATABASE_DSN="+modelstest.MariaDB(t).DSN, "CLUSTER=true", "NODE_NAME=a", "OPEN_MODE=true",
		"REDIS_URL=redis://127.0.0.1:1/0", "METRICS_ADDR=127.0.0.1:0"))
	target := a.metricsListener.Addr().String()
	prometheus := startPrometheus(t, target)
	document, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}

	teacher, student := enter(t, a, "asha", "teacher"), enter(t, a, "chen", "student")
	teacher.succeeds(initiateLecture)
	queries := dashboardQueries(t)
	for i := 0; len(queries) > 0; i++ {
		student.succeeds(mark("chen", []string{"present", "late"}[i%2]))
		student.ask(mark("somebody else", "present")) // which is refused
		before := len(queries)
		queries = slices.DeleteFunc(queries, func(query string) bool { return prometheus.hasData(t, query) })
		if len(queries) == before && time.Since(prometheus.began) > dashboardDeadline {
			t.Fatalf("%d queries return no data: %s", len(queries), strings.Join(queries, "\n"))
		}
	}
	for _, alert := range documentedAlerts(t, string(document)) {
		prometheus.ask(t, alert)
	}
	_, _, body := ask(t, http.MethodGet, "http://"+target+metricsPath)
	compareNames(t, body, string(document))
}

// prometheusServer is a real Prometheus.
type prometheusServer struct {
	url   string
	began time.Time
}

// startPrometheus starts one that scrapes target every half second.
func startPrometheus(t *testing.T, target string) prometheusServer {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	content := fmt.Sprintf("global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs: [{job_name: attendance, static_configs: [{targets: [%q]}]}]\n", target)
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	var log modelstest.Log
	command := exec.Command("prometheus", "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatalf("%v: apt-get install prometheus", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill() // it keeps nothing
		_ = command.Wait()
	})
	p := prometheusServer{"http://" + address, time.Now()}
	for {
		response, err := http.Get(p.url + "/-/ready")
		if err == nil {
			_ = response.Body.Close() // the status is all that it says
		}
		if err == nil && response.StatusCode == http.StatusOK {
			return p
		}
		if time.Since(p.began) > time.Minute {
			t.Fatalf("Prometheus is not ready: %v\n%s", err, log.String())
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// ask returns the values that a query has now.
func (p prometheusServer) ask(t *testing.T, query string) (values []string) {
	t.Helper()
	response, err := http.PostForm(p.url+"/api/v1/query", url.Values{"query": {query}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Value [2]any
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %s %v", query, answer.Error, err)
	}
	for _, result := range answer.Data.Result {
		values = append(values, fmt.Sprint(result.Value[1]))
	}
	return values
}

func (p prometheusServer) hasData(t *testing.T, query string) bool {
	t.Helper()
	return slices.ContainsFunc(p.ask(t, query), func(value string) bool { return value != "NaN" })
}

// dashboardQueries returns all queries of the dashboard, as Grafana sends them.
func dashboardQueries(t *testing.T) (queries []string) {
	t.Helper()
	content, err := os.ReadFile("../../deploy/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(content, &dashboard); err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$__rate_interval", "10s", "$instance", ".*")
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			queries = append(queries, variables.Replace(target.Expr))
		}
	}
	if len(queries) < 50 {
		t.Fatalf("the dashboard has %d queries only", len(queries))
	}
	return queries
}

var documentedAlert = regexp.MustCompile("(?m)^\\| [^|`]+ \\| `([^`]+)`")

// documentedAlerts returns the queries of the table "What to watch".
func documentedAlerts(t *testing.T, document string) (alerts []string) {
	t.Helper()
	_, section, _ := strings.Cut(document, "## What to watch")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, match := range documentedAlert.FindAllStringSubmatch(section, -1) {
		alerts = append(alerts, strings.ReplaceAll(match[1], `\|`, "|")) // as a bar is written in a cell
	}
	if len(alerts) < 10 {
		t.Fatalf("the document has %d alerts only", len(alerts))
	}
	return alerts
}

var (
	shownMetric      = regexp.MustCompile(`(?m)^# TYPE ((?:attendance|socket_io)_\w+) `)
	documentedMetric = regexp.MustCompile("`((?:attendance|socket_io)_\\w+)`")
)

// compareNames compares the metrics of a scrape with those of the document's table.
func compareNames(t *testing.T, scrape, document string) {
	t.Helper()
	_, table, _ := strings.Cut(document, "| Metric |")
	table, _, _ = strings.Cut(table, "\n\n")
	documented := map[string]bool{}
	for _, match := range documentedMetric.FindAllStringSubmatch(table, -1) {
		documented[match[1]] = true
	}
	for _, match := range shownMetric.FindAllStringSubmatch(scrape, -1) {
		if !documented[match[1]] {
			t.Errorf("docs/monitoring.md does not list %s", match[1])
		}
		delete(documented, match[1])
	}
	for name := range documented {
		t.Errorf("docs/monitoring.md lists %s, which no server shows", name)
	}
}
