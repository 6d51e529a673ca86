package app

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/server/refusals"
	"github.com/neuracampus/attendance/server/tally"
)

// TestMetricsAreShownToWhoMayReadThem: on the main port to this machine alone, and with METRICS_ADDR on that port alone.
func TestMetricsAreShownToWhoMayReadThem(t *testing.T) {
	main, _ := start(t, settings(t))
	apart, _ := start(t, settings(t, "METRICS_ADDR=127.0.0.1:0"))
	for _, test := range []struct {
		name   string
		url    string
		fields []string
		status int
	}{
		{"this machine", main.URL() + "/metrics", nil, http.StatusOK},
		{"through a proxy", main.URL() + "/metrics", []string{"X-Forwarded-For", "10.0.0.1"}, http.StatusForbidden},
		{"under another name", main.URL() + "/metrics", []string{"Host", "rebound.example"}, http.StatusForbidden},
		{"main port with METRICS_ADDR", apart.URL() + "/metrics", nil, http.StatusNotFound},
		{"METRICS_ADDR", "http://" + apart.metricsListener.Addr().String() + "/metrics", nil, http.StatusOK},
		{"METRICS_ADDR, another path", "http://" + apart.metricsListener.Addr().String() + "/healthz", nil, http.StatusNotFound},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			status, _, body := ask(t, method, test.url, test.fields...)
			if status != test.status {
				t.Errorf("%s: %s is answered with %d %s", test.name, method, status, body)
			}
			if shown := strings.Contains(body, "attendance_build_info{"); shown != (status == http.StatusOK && method == http.MethodGet) {
				t.Errorf("%s: %s: metrics are shown: %v", test.name, method, shown)
			}
		}
	}
}

// labelValues are all values that a label may have. A new one is added here.
var labelValues = map[string][]string{
	"event":     append(handlers.Sent(), tally.Other),
	"transport": {"polling", "websocket"},
	"revision":  {"3", "4"},
	"pool":      {"reads", "writes", "requests", "batches", "isolated", "schema", "registration"},
	"state":     {"in_use", "idle"},
	"what":      {"event_delayed", "event_refused", "request_refused"},
	"result":    {"recorded", "unchanged", "refused", "failed", "accepted", "missing", "wrong", "throttled", "done", "failed"},
	"kind":      append(underscored(refusals.Kinds), tally.Other, "shared_connection", "shared_device"),
	"reason": {
		// of attendance_connections_closed_total
		"closed_by_the_client", "no_namespace_connected", "ping_timeout", "poll_cancelled", "protocol", "server_shutting_down", "slow", "transport", "other",
		// of attendance_handshake_refusals_total
		"bad_method", "bad_request", "little_memory", "session_unknown", "shutting_down", "too_large", "too_many_a_second", "too_many_connections", "too_many_from_one_address", "too_many_pending", "transport_unknown", "unsupported_protocol",
		// of attendance_refusals_total, as far as the lesson meets them
		"body_not_json", "class_not_found", "code_required", "code_throttled", "code_wrong", "identity_differs", "invalid_body", "invalid_date",
		"invalid_file", "invalid_id", "invalid_parameter", "missing_parameters", "no_active_session", "not_on_roster", "not_your_mark",
		"only_teachers", "token_expired", "token_invalid", "token_missing", "unknown_event", "user_differs",
	},
}

func underscored(words []string) []string {
	return strings.Split(strings.ReplaceAll(strings.Join(words, "\n"), " ", "_"), "\n")
}

var metricLine = regexp.MustCompile(`(?m)^(\w+)\{(.*)\} (\S+)$`)

var metricLabel = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)

// TestLabelsHaveNoWordOfAClient: every value of a label is one of a fixed list after a lesson in which clients send all sorts of things.
func TestLabelsHaveNoWordOfAClient(t *testing.T) {
	a, _ := start(t, settings(t, noisySettings...))
	lesson := runNoisyLesson(t, a)
	body := scrape(t, a)
	events := append([]string{}, labelValues["event"]...)
	for _, event := range a.handlers.Table() {
		events = append(events, event.Name)
	}
	for _, line := range metricLine.FindAllStringSubmatch(body, -1) {
		if strings.HasPrefix(line[1], "go_") || line[1] == "attendance_build_info" || strings.HasSuffix(line[1], "_bucket") {
			continue // what they say comes from the build and from numbers
		}
		for _, label := range metricLabel.FindAllStringSubmatch(line[2], -1) {
			allowed := labelValues[label[1]]
			if label[1] == "event" {
				allowed = events
			}
			if !slices.Contains(allowed, label[2]) {
				t.Errorf("%s has %s=%q, which is in no list", line[1], label[1], label[2])
			}
		}
	}
	for what, text := range lesson.told {
		if strings.Contains(body, text) {
			t.Errorf("the metrics have the %s: %s", what, text)
		}
	}
}

// TestMetricsCountWhatHappened: one line for each metric that a noisy lesson moves.
func TestMetricsCountWhatHappened(t *testing.T) {
	a, _ := start(t, settings(t, noisySettings...))
	runNoisyLesson(t, a)
	body := scrape(t, a)
	for _, want := range []string{
		`attendance_marks_total{result="recorded"} 2`,
		`attendance_marks_total{result="unchanged"} 1`,
		`attendance_marks_total{result="failed"} 0`,
		`attendance_code_checks_total{result="accepted"} 2`,
		`attendance_code_checks_total{result="missing"} 1`,
		`attendance_code_checks_total{result="wrong"} 5`,
		`attendance_code_checks_total{result="throttled"} 1`,
		`attendance_upgrades_total{result="done"} 1`,
		`attendance_refusals_total{reason="code_wrong"} 5`,
		`attendance_refusals_total{reason="token_expired"} 1`,
		`attendance_clients_refused_total{kind="origin"} 1`,
		`attendance_clients_refused_total{kind="token_of_a_socket"} 7`,
		`attendance_handshake_refusals_total{reason="session_unknown"} 1`,
		`attendance_handshakes_total{revision="3",transport="polling"} 1`,
		`attendance_clients_refused_total{kind="other"} 0`,
		`attendance_flags_total{kind="shared_connection"} 0`,
		`attendance_flags_total{kind="shared_device"} 1`,
		`attendance_slow_clients_total 0`,
		`attendance_sessions_active 0`,
		`attendance_commit_batch_size_count 2`,
		`socket_io_events_received_total{event="fetchAttendanceCode"} 1`,
		`socket_io_events_received_total{event="other"} 1`,
		`socket_io_events_sent_total{event="attendanceStarted"} 4`,
		`socket_io_events_sent_total{event="attendanceUpdate"} 7`,
		`socket_io_events_sent_total{event="attendance:flag"} 1`,
		`socket_io_events_sent_total{event="other"} 0`,
	} {
		if !strings.Contains(body, want+"\n") {
			name, _, _ := strings.Cut(want, " ")
			at := strings.Index(body, name)
			t.Errorf("want %s, got %.80q", want, body[max(at, 0):])
		}
	}
}

var (
	refusedCall = regexp.MustCompile(`(?:\.Refused|refusals\.Add)\(("[^"]*")?`)
	forbidCall  = regexp.MustCompile(`a\.forbid\(c, "([^"]*)"`)
	overload    = regexp.MustCompile(`= overload\{\s*"([^"]*)"`)
)

// TestEveryKindOfRefusalIsInTheList reads in the code with which kinds refusals are counted.
func TestEveryKindOfRefusalIsInTheList(t *testing.T) {
	found := 0
	for _, dir := range []string{".", "../engineio", "../sockets"} {
		files, err := filepath.Glob(dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, call := range slices.Concat(refusedCall.FindAllSubmatch(content, -1), forbidCall.FindAllSubmatch(content, -1), overload.FindAllSubmatch(content, -1)) {
				kind := strings.Trim(string(call[1]), `"`)
				if kind == "" { // no constant
					continue
				}
				if found++; !slices.Contains(refusals.Kinds, kind) {
					t.Errorf("%s: the kind %q is not in refusals.Kinds", file, kind)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d kinds were found", found)
	}
}
