package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// mistakes collects one sentence for each setting that is wrong. Only the first counts, because others often follow from it.
type mistakes struct {
	errs  []error
	named map[string]bool
}

// add adds a mistake; the format continues a sentence that begins with the setting's name.
func (m *mistakes) add(name, format string, args ...any) {
	if m.named[name] {
		return
	}
	if m.named == nil {
		m.named = map[string]bool{}
	}
	m.named[name] = true
	m.errs = append(m.errs, fmt.Errorf("%s "+format, append([]any{name}, args...)...))
}

// addParseErrors adds the values that do not have the right type.
func (m *mistakes) addParseErrors(err error, values map[string]string) {
	var aggregate env.AggregateError
	if !errors.As(err, &aggregate) {
		m.errs = append(m.errs, err)
		return
	}
	for _, e := range aggregate.Errors {
		var parse env.ParseError
		if !errors.As(e, &parse) {
			m.errs = append(m.errs, e)
			continue
		}
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		name := field.Tag.Get("env")
		m.add(name, "must be %s, not %q", expected(field.Type), values[name])
	}
}

func expected(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "a duration such as 25s, 2m or 1h30m"
	case reflect.TypeFor[Days]():
		return "a number of days from 1d to 36500d, such as 400d"
	case reflect.TypeFor[Networks]():
		return "a list of addresses and networks such as 10.0.0.7,192.168.0.0/16"
	case reflect.TypeFor[*time.Location]():
		return "a time zone name such as UTC or Asia/Kolkata"
	case reflect.TypeFor[slog.Level]():
		return "debug, info, warn or error"
	case reflect.TypeFor[bool]():
		return "true or false"
	}
	return "a whole number"
}

// check adds the values that have the right type but are out of range.
func (c *Config) check(m *mistakes) {
	// Port 0 means any free port; tests use it.
	if c.Port < 0 || c.Port > 65535 {
		m.add("PORT", "must be between 0 and 65535, not %d", c.Port)
	}
	if strings.ContainsAny(c.Host, " /[]") || (strings.Contains(c.Host, ":") && net.ParseIP(c.Host) == nil) {
		m.add("HOST", "must be a host name or an IP address without a port, not %q", c.Host)
	}
	for _, d := range []struct {
		name             string
		value, low, high time.Duration
	}{
		{"SESSION_MAX", c.SessionMax, time.Second, 7 * 24 * time.Hour},
		{"CODE_PERIOD", c.CodePeriod, 2 * time.Second, time.Minute},
		{"RESUME_WINDOW", c.ResumeWindow, 0, 24 * time.Hour},
		{"PING_INTERVAL", c.PingInterval, 50 * time.Millisecond, time.Hour},
		{"PING_TIMEOUT", c.PingTimeout, 50 * time.Millisecond, time.Hour},
		{"CONNECT_TIMEOUT", c.ConnectTimeout, 50 * time.Millisecond, time.Hour},
		{"SHUTDOWN_TIMEOUT", c.ShutdownTimeout, 100 * time.Millisecond, time.Hour},
		{"JWT_LEEWAY", c.JWTLeeway, 0, 10 * time.Minute},
		{"JWT_MAX_AGE", c.JWTMaxAge, 0, 366 * 24 * time.Hour},
	} {
		if d.value < d.low || d.value > d.high {
			m.add(d.name, "must be between %v and %v, not %v", d.low, d.high, d.value)
		}
	}
	for _, n := range []struct {
		name             string
		value, low, high int
	}{
		{"MAX_PENDING", c.MaxPending, 1, 1_000_000},
		{"MAX_PAYLOAD", c.MaxPayload, 1024, 100_000_000},
		{"EVENT_RATE", c.EventRate, 1, 1_000_000},
		{"EVENT_BURST", c.EventBurst, 1, 1_000_000},
		{"USER_SOCKETS", c.UserSockets, 1, 1_000_000},
		{"MAX_CONNECTIONS", c.MaxConnections, 0, 10_000_000},
		{"MAX_CONNECTIONS_PER_IP", c.MaxPerAddress, 0, 10_000_000},
		{"HANDSHAKE_RATE", c.HandshakeRate, 0, 1_000_000},
		{"SEND_QUEUE", c.SendQueue, 16, 1_000_000},
		{"SEND_QUEUE_BYTES", c.SendQueueBytes, 65_536, 1_000_000_000},
	} {
		if n.value < n.low || n.value > n.high {
			m.add(n.name, "must be between %d and %d, not %d", n.low, n.high, n.value)
		}
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		m.add("LOG_FORMAT", "must be text or json, not %q", c.LogFormat)
	}
	if c.MetricsAddr != "" && !isListenAddress(c.MetricsAddr) {
		m.add("METRICS_ADDR", "must be an address and a port such as 127.0.0.1:9464 or :9464, not %q", c.MetricsAddr)
	}
	if c.IOUring != IOUringAuto && c.IOUring != "off" {
		m.add("IO_URING", "must be auto or off, not %q", c.IOUring)
	}
	path := strings.TrimSuffix(c.SocketPath, "/")
	if !isSocketPath(path) {
		m.add("SOCKET_PATH", "must be a path such as /socket.io or /campus/live that is not in use for something else, not %q", c.SocketPath)
	}
	c.SocketPath = path
	for i, origin := range c.CORSOrigins {
		c.CORSOrigins[i] = strings.TrimSpace(origin)
		if fault := originFault(c.CORSOrigins[i]); fault != "" {
			m.add("CORS_ORIGINS", "must list origins such as https://campus.example, http://localhost:3000 or https://*.campus.example, and %q %s", c.CORSOrigins[i], fault)
		}
	}
	c.checkIdentity(m)
	c.checkCluster(m)
	c.checkDrain(m)
	c.checkTLS(m)
}

// isListenAddress reports whether a server can listen on what is set: a host, which may be empty, a colon and a port.
func isListenAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || strings.ContainsAny(host, " /") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// socketPath matches paths without characters that are encoded in URLs.
var socketPath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

// isSocketPath reports whether clients can connect below the path, and nothing else is served there.
func isSocketPath(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return socketPath.MatchString(path) && !slices.Contains([]string{"api", "assets", "docs", "healthz", "metrics", "readyz"}, first)
}
