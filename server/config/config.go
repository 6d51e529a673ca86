// Package config turns the environment and an optional .env file into one checked Config. It reads, and does nothing
// else: no logging, no connections.
package config

import (
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // CAMPUS_TZ works on machines without a zone database, such as a minimal container

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Secret is a setting that must not reach a log: every way of printing it gives "[redacted]".
type Secret string

func (Secret) String() string               { return "[redacted]" }
func (Secret) GoString() string             { return "[redacted]" }
func (Secret) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
func (Secret) LogValue() slog.Value         { return slog.StringValue("[redacted]") }

// Config holds every setting. Meaning, unit and default of each are in .env.example, which a test compares with
// this struct.
type Config struct {
	Port            int            `env:"PORT" envDefault:"5014"`
	Host            string         `env:"HOST"`
	DatabaseDSN     Secret         `env:"DATABASE_DSN"`
	DataDir         string         `env:"DATA_DIR" envDefault:"./data"`
	Demo            bool           `env:"DEMO" envDefault:"false"`
	CORSOrigins     []string       `env:"CORS_ORIGINS" envSeparator:","`
	CampusTZ        *time.Location `env:"CAMPUS_TZ" envDefault:"UTC"`
	SessionMax      time.Duration  `env:"SESSION_MAX" envDefault:"2h"`
	ResumeWindow    time.Duration  `env:"RESUME_WINDOW" envDefault:"2m"`
	PingInterval    time.Duration  `env:"PING_INTERVAL" envDefault:"25s"`
	PingTimeout     time.Duration  `env:"PING_TIMEOUT" envDefault:"20s"`
	ConnectTimeout  time.Duration  `env:"CONNECT_TIMEOUT" envDefault:"45s"`
	MaxPending      int            `env:"MAX_PENDING" envDefault:"5000"`
	MaxPayload      int            `env:"MAX_PAYLOAD" envDefault:"1000000"`
	EventRate       int            `env:"EVENT_RATE" envDefault:"100"`
	EventBurst      int            `env:"EVENT_BURST" envDefault:"400"`
	SendQueue       int            `env:"SEND_QUEUE" envDefault:"4096"`
	SendQueueBytes  int            `env:"SEND_QUEUE_BYTES" envDefault:"4000000"`
	JWTSecret       Secret         `env:"JWT_SECRET"`
	JWTPublicKey    Secret         `env:"JWT_PUBLIC_KEY"`
	JWTJWKSURL      string         `env:"JWT_JWKS_URL"`
	JWTIssuer       string         `env:"JWT_ISSUER"`
	JWTAudience     string         `env:"JWT_AUDIENCE"`
	JWTCookie       string         `env:"JWT_COOKIE" envDefault:"accessToken"`
	LogLevel        slog.Level     `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat       string         `env:"LOG_FORMAT" envDefault:"text"`
	ShutdownTimeout time.Duration  `env:"SHUTDOWN_TIMEOUT" envDefault:"10s"`

	// PublicKey is what JWT_PUBLIC_KEY holds or points to; nil when it is not set.
	PublicKey crypto.PublicKey
}

// Signed reports whether clients prove who they are with a token. Otherwise they are believed (open mode).
func (c Config) Signed() bool {
	return c.JWTSecret != "" || c.JWTPublicKey != "" || c.JWTJWKSURL != ""
}

// Addr is the address to listen on. Open mode believes everybody, so without an explicit HOST it stays on this machine.
func (c Config) Addr() string {
	host := c.Host
	if host == "" && !c.Signed() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// Load reads the environment (entries "NAME=value", as os.Environ gives them) over the file dotenv, which need not
// exist. A variable set to nothing counts as not set. The error names every mistake, one per line.
func Load(environ []string, dotenv string) (Config, error) {
	values, err := godotenv.Read(dotenv)
	switch {
	case errors.Is(err, os.ErrNotExist):
		values = map[string]string{}
	case err != nil:
		return Config{}, fmt.Errorf("%s cannot be read: %w", dotenv, err)
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	maps.DeleteFunc(values, func(_, value string) bool { return strings.TrimSpace(value) == "" })

	var c Config
	var wrong mistakes
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		wrong.addParseErrors(err, values)
	}
	c.check(&wrong)
	return c, errors.Join(wrong.errs...)
}
