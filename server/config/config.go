// Package config turns the environment and an optional .env file into one checked Config. It does not log and opens no connection.
package config

import (
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // CAMPUS_TZ works on machines without a zone database, such as a minimal container

	"github.com/caarlos0/env/v11"
)

// Secret is a setting that must not reach a log: every way of printing it gives "[redacted]".
type Secret string

// String implements fmt.Stringer.
func (Secret) String() string { return "[redacted]" }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return "[redacted]" }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Days is a number of days, written as 400d.
type Days int

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Days) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "d")
	days, err := strconv.Atoi(number)
	if !ok || err != nil || days < 1 || days > maxDays {
		return errDays
	}
	*d = Days(days)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Days) MarshalText() ([]byte, error) {
	if d == 0 {
		return nil, nil
	}
	return fmt.Appendf(nil, "%dd", int(d)), nil
}

// maxDays is about a hundred years.
const maxDays = 36_500

var errDays = errors.New("no number of days")

// Config holds every setting. Meaning, unit and default of each are in .env.example, which a test compares with
// this struct.
type Config struct {
	Port            int            `env:"PORT" envDefault:"5014"`
	Host            string         `env:"HOST"`
	TLSCert         string         `env:"TLS_CERT"`
	TLSKey          string         `env:"TLS_KEY"`
	Domain          string         `env:"DOMAIN"`
	ACMEEmail       string         `env:"ACME_EMAIL"`
	ACMEDirectory   string         `env:"ACME_DIRECTORY" envDefault:"https://acme-v02.api.letsencrypt.org/directory"`
	HTTPPort        int            `env:"HTTP_PORT"`
	DatabaseDSN     Secret         `env:"DATABASE_DSN"`
	DataDir         string         `env:"DATA_DIR" envDefault:"./data"`
	Demo            bool           `env:"DEMO" envDefault:"false"`
	SocketPath      string         `env:"SOCKET_PATH" envDefault:"/socket.io"`
	ServeClient     bool           `env:"SERVE_CLIENT" envDefault:"true"`
	CORSOrigins     []string       `env:"CORS_ORIGINS" envSeparator:","`
	CampusTZ        *time.Location `env:"CAMPUS_TZ" envDefault:"UTC"`
	SessionMax      time.Duration  `env:"SESSION_MAX" envDefault:"2h"`
	Retention       Days           `env:"RETENTION"`
	CodePeriod      time.Duration  `env:"CODE_PERIOD" envDefault:"10s"`
	ResumeWindow    time.Duration  `env:"RESUME_WINDOW" envDefault:"2m"`
	PingInterval    time.Duration  `env:"PING_INTERVAL" envDefault:"25s"`
	PingTimeout     time.Duration  `env:"PING_TIMEOUT" envDefault:"20s"`
	ConnectTimeout  time.Duration  `env:"CONNECT_TIMEOUT" envDefault:"45s"`
	MaxPending      int            `env:"MAX_PENDING" envDefault:"5000"`
	MaxPayload      int            `env:"MAX_PAYLOAD" envDefault:"1000000"`
	EventRate       int            `env:"EVENT_RATE" envDefault:"100"`
	EventBurst      int            `env:"EVENT_BURST" envDefault:"400"`
	UserSockets     int            `env:"USER_SOCKETS" envDefault:"10"`
	MaxConnections  int            `env:"MAX_CONNECTIONS" envDefault:"0"`
	MaxPerAddress   int            `env:"MAX_CONNECTIONS_PER_IP" envDefault:"0"`
	HandshakeRate   int            `env:"HANDSHAKE_RATE" envDefault:"0"`
	TrustedProxies  Networks       `env:"TRUSTED_PROXIES"`
	SendQueue       int            `env:"SEND_QUEUE" envDefault:"4096"`
	SendQueueBytes  int            `env:"SEND_QUEUE_BYTES" envDefault:"4000000"`
	IOUring         string         `env:"IO_URING" envDefault:"auto"`
	JWTSecret       Secret         `env:"JWT_SECRET"`
	JWTPublicKey    Secret         `env:"JWT_PUBLIC_KEY"`
	JWTJWKSURL      Secret         `env:"JWT_JWKS_URL"` // it may hold a password
	JWTIssuer       string         `env:"JWT_ISSUER"`
	JWTAudience     string         `env:"JWT_AUDIENCE"`
	JWTCookie       string         `env:"JWT_COOKIE" envDefault:"accessToken"`
	JWTLeeway       time.Duration  `env:"JWT_LEEWAY" envDefault:"30s"`
	JWTMaxAge       time.Duration  `env:"JWT_MAX_AGE" envDefault:"0"`
	OpenMode        bool           `env:"OPEN_MODE" envDefault:"false"`
	LogLevel        slog.Level     `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat       string         `env:"LOG_FORMAT" envDefault:"text"`
	MetricsAddr     string         `env:"METRICS_ADDR"`
	ShutdownTimeout time.Duration  `env:"SHUTDOWN_TIMEOUT" envDefault:"10s"`
	DrainDelay      time.Duration  `env:"DRAIN_DELAY"`
	DrainSpread     time.Duration  `env:"DRAIN_SPREAD"`

	Cluster          bool          `env:"CLUSTER" envDefault:"false"`
	NodeName         string        `env:"NODE_NAME"`
	RedisURL         Secret        `env:"REDIS_URL"` // it may hold a password
	RedisEmitter     bool          `env:"REDIS_EMITTER" envDefault:"false"`
	ClusterRetention time.Duration `env:"CLUSTER_RETENTION" envDefault:"1h"`

	// PublicKey is what JWT_PUBLIC_KEY holds or points to; nil when it is not set.
	PublicKey crypto.PublicKey

	// Warnings are sentences about settings that are accepted but may be mistakes.
	Warnings []string
}

// IOUringAuto is the IO_URING that uses io_uring where the kernel allows it.
const IOUringAuto = "auto"

// Signed reports whether clients need a token. Otherwise the server believes their ids (open mode).
func (c Config) Signed() bool {
	return c.JWTSecret != "" || c.JWTPublicKey != "" || c.JWTJWKSURL != ""
}

// Addr is the address to listen on. In open mode, which has no authentication, it is a local one unless HOST is set.
func (c Config) Addr() string {
	host := c.Host
	if host == "" && !c.Signed() {
		host = "localhost"
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// Local reports whether the server listens on this machine only.
func (c Config) Local() bool {
	host, _, err := net.SplitHostPort(c.Addr())
	address, notIP := netip.ParseAddr(host)
	return err == nil && (strings.EqualFold(host, "localhost") || notIP == nil && address.Unmap().IsLoopback())
}

// Load reads the environment (entries "NAME=value", as os.Environ gives them) over the file dotenv, which need not
// exist. A variable set to nothing counts as not set. The error names every mistake, one per line, and holds no secret.
func Load(environ []string, dotenv string) (Config, error) {
	var c Config
	var wrong mistakes
	values, err := readDotenv(dotenv)
	if err != nil {
		return Config{}, err
	}
	checkFileNames(&wrong, values)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if trimmed(value) == "" {
			continue
		}
		checkVariableName(&wrong, name)
		if isQuoted(trimmed(value)) && isSetting(name) {
			wrong.add(name, "is in quotes, which docker run --env-file and Kubernetes do not take off: write it without them")
		}
		values[name] = value
	}
	c.trim(values)
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		wrong.addParseErrors(err, values)
	}
	c.setDrainDefaults(values)
	c.setTLSDefaults(values)
	c.check(&wrong)
	return c, errors.Join(wrong.errs...)
}

// trim removes white space around the values, and empty values. The issuer of the tokens may sign with the white space, so around
// JWT_SECRET it is worth a warning.
func (c *Config) trim(values map[string]string) {
	for name, value := range values {
		values[name] = trimmed(value)
		if name == "JWT_SECRET" && values[name] != value {
			c.Warnings = append(c.Warnings, "JWT_SECRET has spaces or a line break around it, which are not taken as part of it; make sure that the tokens are signed without them, too")
		}
	}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
}
