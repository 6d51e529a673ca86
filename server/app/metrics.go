package app

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/cluster"
	"github.com/neuracampus/attendance/server/metrics"
	"github.com/neuracampus/attendance/server/sockets"
	"github.com/neuracampus/attendance/server/tally"
)

const metricsPath = "/metrics"

// openMetrics says what the metrics show and, with METRICS_ADDR, opens the port that they are on.
func (a *App) openMetrics(ctx context.Context) (err error) {
	a.metrics.Read(a.readMetrics)
	if a.settings.MetricsAddr == "" {
		return nil
	}
	if a.metricsListener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", a.settings.MetricsAddr); err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("GET "+metricsPath, a.metrics.Handler(a.logger))
	a.metricsServer = &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       75 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
	}
	return nil
}

// metricsForThisMachine answers scrapes on the main port, to which everybody can connect.
func (a *App) metricsForThisMachine() gin.HandlerFunc {
	scrape := a.metrics.Handler(a.logger)
	return func(c *gin.Context) {
		if !fromThisMachine(c.Request) {
			c.String(http.StatusForbidden, "Metrics are for requests from this machine; METRICS_ADDR opens a port for others.\n")
			return
		}
		scrape.ServeHTTP(c.Writer, c.Request)
	}
}

// observeCommits returns what counts the batches of marks.
func (a *App) observeCommits() func(marks int, took time.Duration) {
	sizes := a.metrics.Histogram("attendance_commit_batch_size", "Marks in one transaction.", []float64{1, 2, 5, 10, 20, 50, 100, 200, 512})
	seconds := a.metrics.Histogram("attendance_commit_seconds", "Time of one transaction of marks, from its begin to the answer of COMMIT.",
		[]float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2})
	return func(marks int, took time.Duration) {
		sizes(float64(marks))
		seconds(took.Seconds())
	}
}

// observeFanOuts returns what counts the fan-outs of broadcasts.
func (a *App) observeFanOuts() func(took time.Duration) {
	seconds := a.metrics.Histogram("attendance_fanout_seconds", "Time from a broadcast until the send queues of all members are written.",
		[]float64{.0001, .0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5})
	return func(took time.Duration) { seconds(took.Seconds()) }
}

// readMetrics shows what the parts of the server have counted.
func (a *App) readMetrics(s *metrics.Scrape) {
	s.Gauge("attendance_build_info", "The version of the server; the value is always 1.", 1, "version", Version())
	status, _ := a.readyReport(context.Background())
	s.Gauge("attendance_ready", "1 while /readyz answers with 200.", boolean(status == http.StatusOK))
	hub := a.hub.Counts()
	readSockets(s, hub)
	readTransports(s, hub)
	a.readRefusals(s, hub)
	a.readMarks(s)
	if a.reader != nil {
		a.readCluster(s, a.reader.Counts())
	}
}

// readSockets shows the metrics that dashboards of Socket.IO servers know, under their names.
func readSockets(s *metrics.Scrape, hub sockets.Counts) {
	s.Gauge("socket_io_connected", "Sockets that are connected now.", float64(hub.Connected))
	s.Counter("socket_io_connect_total", "Sockets that have connected.", float64(hub.Connects))
	s.Counter("socket_io_disconnect_total", "Sockets that have disconnected.", float64(hub.Disconnects))
	s.Counter("socket_io_errors_total", "Connections that were closed because the client broke the protocol.", float64(hub.Violations))
	for event, count := range hub.Received {
		s.Counter("socket_io_events_received_total", "Events from clients.", float64(count), "event", event)
	}
	for event, count := range hub.Sent {
		s.Counter("socket_io_events_sent_total", "Events to clients, one for each socket.", float64(count), "event", event)
	}
}

func readTransports(s *metrics.Scrape, hub sockets.Counts) {
	for carrier, count := range hub.Sessions {
		s.Gauge("attendance_connections", "Connections that are open now, by transport and revision of Engine.IO.", float64(count),
			"transport", carrier.Transport, "revision", strconv.Itoa(carrier.Revision))
	}
	for carrier, count := range hub.Opened {
		s.Counter("attendance_handshakes_total", "Connections that were opened, by transport and revision of Engine.IO.", float64(count),
			"transport", carrier.Transport, "revision", strconv.Itoa(carrier.Revision))
	}
	showTally(s.Counter, "attendance_connections_closed_total", "Connections that were closed.", "reason", hub.Ended)
	s.Gauge("attendance_connections_pending", "Connections that have not joined the namespace yet.", float64(hub.Pending))
	s.Counter("attendance_upgrades_total", "Upgrades from polling to WebSocket.", float64(hub.Upgrades), "result", "done")
	s.Counter("attendance_upgrades_total", "Upgrades from polling to WebSocket.", float64(hub.FailedUpgrades), "result", "failed")
	showTally(s.Counter, "attendance_received_bytes_total", "Bytes of messages from clients.", "transport", hub.BytesReceived)
	showTally(s.Counter, "attendance_sent_bytes_total", "Bytes of messages to clients.", "transport", hub.BytesSent)
	s.Gauge("attendance_send_queue_packets", "Packets that wait for all clients to read them.", float64(hub.QueuedTotal))
	s.Gauge("attendance_send_queue_packets_max", "Packets that wait for the client that is furthest behind.", float64(hub.QueuedMost))
	s.Gauge("attendance_send_queue_bytes", "Bytes that wait for all clients to read them.", float64(hub.QueuedBytes))
	s.Gauge("attendance_waiting_event_bytes", "Bytes of events that wait for their limit or for their user.", float64(hub.WaitingBytes))
	s.Gauge("attendance_handlers_running", "Events that are being handled.", float64(hub.Handlers))
}

const slowClient = "slow client closed" // of engineio

// readRefusals shows who was refused what: the sentences that clients were sent by their reason, and what is logged as "clients refused".
func (a *App) readRefusals(s *metrics.Scrape, hub sockets.Counts) {
	showTally(s.Counter, "attendance_handshake_refusals_total", "Requests of the transports that were refused.", "reason", hub.Refused)
	showTally(s.Counter, "attendance_refusals_total", "Events, requests and tokens that were refused.", "reason", a.reasons.counts())
	kinds := a.refusals.Totals()
	s.Counter("attendance_slow_clients_total", "Clients that were closed because they did not read what they were sent.", float64(kinds[slowClient]))
	delete(kinds, slowClient)
	showTally(s.Counter, "attendance_clients_refused_total", "Clients that were refused or closed for what they did.", "kind", kinds)
	const limited = "attendance_rate_limited_total"
	const help = "What was over EVENT_RATE: events that were delayed, events that were refused, REST requests that were refused."
	s.Counter(limited, help, float64(hub.DelayedEvents), "what", "event_delayed")
	s.Counter(limited, help, float64(hub.RefusedEvents), "what", "event_refused")
	s.Counter(limited, help, float64(hub.RefusedRequests), "what", "request_refused")
}

// sessionsTimeout bounds the one statement of a scrape.
const sessionsTimeout = time.Second

func (a *App) readMarks(s *metrics.Scrape) {
	counts := a.store.Counts()
	const marks = "Marks that clients have sent."
	s.Counter("attendance_marks_total", marks, float64(counts.Marks.Recorded), "result", "recorded")
	s.Counter("attendance_marks_total", marks, float64(counts.Marks.Unchanged), "result", "unchanged")
	s.Counter("attendance_marks_total", marks, float64(counts.Marks.Refused), "result", "refused")
	s.Counter("attendance_marks_total", marks, float64(counts.Marks.Failed), "result", "failed")
	const codes = "Codes of marks in sessions that ask for one."
	s.Counter("attendance_code_checks_total", codes, float64(counts.Codes.Accepted), "result", "accepted")
	s.Counter("attendance_code_checks_total", codes, float64(counts.Codes.Missing), "result", "missing")
	s.Counter("attendance_code_checks_total", codes, float64(counts.Codes.Wrong), "result", "wrong")
	s.Counter("attendance_code_checks_total", codes, float64(counts.Codes.Throttled), "result", "throttled")
	for kind, count := range counts.Flags {
		s.Counter("attendance_flags_total", "Flags that were raised or got another student.", float64(count), "kind", string(kind))
	}
	s.Gauge("attendance_marks_waiting", "Marks that wait for the next transaction.", float64(counts.WaitingMarks))
	readPools(s, counts)

	ctx, cancel := context.WithTimeout(context.Background(), sessionsTimeout)
	defer cancel()
	if active, err := a.store.ActiveSessions(ctx); err == nil { // otherwise it is left out, and the store has logged why
		s.Gauge("attendance_sessions_active", "Attendance sessions that are active, of the whole database.", float64(active))
	}
}

func readPools(s *metrics.Scrape, counts models.Counts) {
	for name, pool := range counts.Pools {
		const connections = "Connections to the database."
		s.Gauge("attendance_database_connections", connections, float64(pool.InUse), "pool", name, "state", "in_use")
		s.Gauge("attendance_database_connections", connections, float64(pool.Idle), "pool", name, "state", "idle")
		s.Gauge("attendance_database_connections_max", "The most connections to the database.", float64(pool.MaxOpenConnections), "pool", name)
		s.Counter("attendance_database_waits_total", "Statements that waited for a connection.", float64(pool.WaitCount), "pool", name)
		s.Counter("attendance_database_wait_seconds_total", "Time that statements waited for a connection.", pool.WaitDuration.Seconds(), "pool", name)
	}
}

func (a *App) readCluster(s *metrics.Scrape, counts cluster.Counts) {
	s.Gauge("attendance_cluster_streams", "Streams of events that this node delivers.", float64(counts.Streams))
	s.Gauge("attendance_cluster_events_behind", "Events that this node knows of and cannot deliver yet.", float64(counts.Behind))
	s.Gauge("attendance_cluster_lag_seconds", "Time since the stream that is furthest behind is.", counts.Lag.Seconds())
	s.Gauge("attendance_cluster_log_age_seconds", "Time since this node has read the log of the others.", counts.LogAge.Seconds())
	s.Counter("attendance_cluster_gaps_total", "Gaps in streams, which the log fills.", float64(counts.Gaps))
	const resyncs = "Streams whose members had to read their state again."
	s.Counter("attendance_cluster_resyncs_total", resyncs, float64(counts.Resyncs[cluster.Pruned]), "reason", "pruned")
	s.Counter("attendance_cluster_resyncs_total", resyncs, float64(counts.Resyncs[cluster.WentBack]), "reason", "went_back")
	s.Counter("attendance_cluster_skipped_events_total", "Events that were left out, wholly or in part, because a newer version wrote them.", float64(a.skipped.Load()))
	if a.redis == nil {
		return
	}
	s.Gauge("attendance_redis_up", "1 while notifications through Redis work.", boolean(a.redis.Working()))
	s.Counter("attendance_redis_dropped_total", "Notifications that were dropped because too many waited; the log replaces them.", float64(counts.Dropped))
	s.Counter("attendance_redis_ignored_emits_total", "Messages in Redis that other back ends may not send.", float64(a.ignored.Load()))
}

func boolean(value bool) float64 {
	if value {
		return 1
	}
	return 0
}

// showTally shows a metric with one label.
func showTally(show func(name, help string, value float64, labels ...string), name, help, label string, counts map[string]int64) {
	for value, count := range counts {
		show(name, help, float64(count), label, strings.ReplaceAll(value, " ", "_"))
	}
}

// reasonCounts counts refusals by the words that name them. The words are constants of the code.
type reasonCounts struct {
	mu      sync.Mutex
	reasons map[string]int64
}

// maxReasons bounds the labels, should a word ever come from elsewhere.
const maxReasons = 200

func (r *reasonCounts) add(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reasons == nil {
		r.reasons = make(map[string]int64)
	}
	if _, known := r.reasons[reason]; !known && len(r.reasons) >= maxReasons {
		reason = tally.Other
	}
	r.reasons[reason]++
}

func (r *reasonCounts) counts() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.reasons)
}
