// Package metrics shows the operator what the server has counted, in the format of Prometheus. It knows nothing of attendance: its
// callers say what is read at each scrape.
//
// Everything here is safe for concurrent use. A label's value must be one of a fixed list, and never a text of a client.
package metrics

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Registry is all metrics of a server.
type Registry struct{ prometheus *prometheus.Registry }

// New returns a registry with the metrics of the Go runtime and of the process.
func New() *Registry {
	r := &Registry{prometheus.NewRegistry()}
	r.prometheus.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Read has read called at each scrape, to show counters that are kept elsewhere. So they cost nothing between two scrapes. Read may be
// called by several goroutines at a time.
func (r *Registry) Read(read func(*Scrape)) { r.prometheus.MustRegister(reader(read)) }

// Histogram adds a histogram with these upper bounds of its buckets, and returns what counts a value.
func (r *Registry) Histogram(name, help string, bounds []float64) (observe func(value float64)) {
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds})
	r.prometheus.MustRegister(histogram)
	return histogram.Observe
}

const (
	// maxScrapes is how many scrapes may run at a time.
	maxScrapes = 4
	// scrapeTimeout is within how long an answer must begin.
	scrapeTimeout = 10 * time.Second
)

// Handler returns what answers a scrape. A metric that cannot be read is left out, and logged.
func (r *Registry) Handler(logger *slog.Logger) http.Handler {
	return promhttp.HandlerFor(r.prometheus, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		ErrorLog:            slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
		MaxRequestsInFlight: maxScrapes,
		Timeout:             scrapeTimeout,
	})
}

// Scrape is one reading of the metrics.
type Scrape struct{ metrics chan<- prometheus.Metric }

// Counter shows a number that only grows. Labels are names and values in turn; all calls with one metric's name have the same names.
func (s *Scrape) Counter(name, help string, value float64, labels ...string) {
	s.show(prometheus.CounterValue, name, help, value, labels)
}

// Gauge shows a number that grows and shrinks.
func (s *Scrape) Gauge(name, help string, value float64, labels ...string) {
	s.show(prometheus.GaugeValue, name, help, value, labels)
}

func (s *Scrape) show(kind prometheus.ValueType, name, help string, value float64, labels []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	s.metrics <- prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, names, nil), kind, value, values...)
}

// reader is a function as a collector.
type reader func(*Scrape)

// Describe implements prometheus.Collector. It describes nothing: what read shows is checked at each scrape.
func (reader) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (read reader) Collect(metrics chan<- prometheus.Metric) { read(&Scrape{metrics}) }
