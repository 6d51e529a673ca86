package metrics

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func scrape(t testing.TB, r *Registry, logger *slog.Logger) string {
	t.Helper()
	answer := httptest.NewRecorder()
	r.Handler(logger).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	return answer.Body.String()
}

func TestScrapeReadsCountersAtEachScrape(t *testing.T) {
	r, marks := New(), 0
	r.Read(func(s *Scrape) {
		marks++
		s.Counter("marks_total", "Marks.", float64(marks), "result", "recorded")
		s.Counter("marks_total", "Marks.", 7, "result", "refused")
		s.Gauge("connected", "Sockets.", 3)
	})
	observe := r.Histogram("seconds", "Time.", []float64{1, 2})
	observe(1.5)
	for _, first := range []string{"1", "2"} {
		body := scrape(t, r, slog.New(slog.DiscardHandler))
		for _, want := range []string{
			"# HELP marks_total Marks.", "# TYPE marks_total counter", `marks_total{result="recorded"} ` + first, `marks_total{result="refused"} 7`,
			"# TYPE connected gauge", "connected 3", `seconds_bucket{le="1"} 0`, `seconds_bucket{le="2"} 1`, "seconds_count 1",
			"go_goroutines ", "process_cpu_seconds_total ",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("no %q in\n%s", want, body)
			}
		}
	}
}

func TestScrapeLeavesOutAMetricThatContradictsItself(t *testing.T) {
	r := New()
	r.Read(func(s *Scrape) {
		s.Gauge("sound", "Fine.", 1)
		s.Gauge("twice", "Shown twice.", 1)
		s.Gauge("twice", "Shown twice.", 2)
	})
	var log strings.Builder
	body := scrape(t, r, slog.New(slog.NewTextHandler(&log, nil)))
	if !strings.Contains(body, "sound 1") || strings.Contains(body, "twice 2") || !strings.Contains(log.String(), "twice") {
		t.Errorf("log: %s\n%s", log.String(), body)
	}
}

// BenchmarkHistogram counts one value, as a transaction and a fan-out do.
func BenchmarkHistogram(b *testing.B) {
	observe := New().Histogram("seconds", "Time.", []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2})
	b.ReportAllocs()
	for b.Loop() {
		observe(.004)
	}
}
