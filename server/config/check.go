package config

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// mistakes collects one sentence for each setting that is wrong: the first, because what follows from a mistake is
// no news.
type mistakes struct {
	errs  []error
	named map[string]bool
}

// add notes that a setting is wrong; the format continues a sentence that begins with its name.
func (m *mistakes) add(name, format string, args ...any) {
	if m.named[name] {
		return
	}
	if m.named == nil {
		m.named = map[string]bool{}
	}
	m.named[name] = true
	m.errs = append(m.errs, fmt.Errorf(name+" "+format, args...))
}

// addParseErrors notes the values that do not even have the right type.
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
	case reflect.TypeFor[*time.Location]():
		return "a time zone name such as UTC or Asia/Kolkata"
	case reflect.TypeFor[slog.Level]():
		return "debug, info, warn or error"
	case reflect.TypeFor[bool]():
		return "true or false"
	}
	return "a whole number"
}

// check notes values that have the right type and make no sense.
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
		{"RESUME_WINDOW", c.ResumeWindow, 0, 24 * time.Hour},
		{"PING_INTERVAL", c.PingInterval, 50 * time.Millisecond, time.Hour},
		{"PING_TIMEOUT", c.PingTimeout, 50 * time.Millisecond, time.Hour},
		{"CONNECT_TIMEOUT", c.ConnectTimeout, 50 * time.Millisecond, time.Hour},
		{"SHUTDOWN_TIMEOUT", c.ShutdownTimeout, 100 * time.Millisecond, time.Hour},
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
	for i, origin := range c.CORSOrigins {
		c.CORSOrigins[i] = strings.TrimSpace(origin)
		if !isOrigin(c.CORSOrigins[i]) {
			m.add("CORS_ORIGINS", "must list exact origins such as https://campus.example or http://localhost:3000, not %q", c.CORSOrigins[i])
		}
	}
	c.checkIdentity(m)
}

// checkIdentity wants one kind of key at most: which algorithm a token may use then follows from the configuration
// and never from the token.
func (c *Config) checkIdentity(m *mistakes) {
	var given []string
	for _, s := range []struct{ name, value string }{
		{"JWT_SECRET", string(c.JWTSecret)}, {"JWT_PUBLIC_KEY", string(c.JWTPublicKey)}, {"JWT_JWKS_URL", c.JWTJWKSURL},
	} {
		if s.value != "" {
			given = append(given, s.name)
		}
	}
	if len(given) > 1 {
		m.add(strings.Join(given, " and "), "exclude each other: set one of them")
	}
	if c.JWTIssuer != "" && !c.Signed() {
		m.add("JWT_ISSUER", "needs JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL beside it")
	}
	if c.JWTAudience != "" && !c.Signed() {
		m.add("JWT_AUDIENCE", "needs JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL beside it")
	}
	if c.JWTPublicKey != "" {
		key, err := publicKey(string(c.JWTPublicKey))
		if err != nil {
			m.add("JWT_PUBLIC_KEY", "must be a PEM public key or the path of one: %w", err)
		}
		c.PublicKey = key
	}
	if u, err := url.Parse(c.JWTJWKSURL); c.JWTJWKSURL != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
		m.add("JWT_JWKS_URL", "must be an http or https address, not %q", c.JWTJWKSURL)
	}
	if err := (&http.Cookie{Name: c.JWTCookie, Value: "x"}).Valid(); err != nil {
		m.add("JWT_COOKIE", "must be a cookie name, not %q", c.JWTCookie)
	}
}

// isOrigin reports whether s is written exactly as browsers send it in the Origin header.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != "" && s == strings.ToLower(u.Scheme+"://"+u.Host)
}

// publicKey reads an RSA or P-256 key. Where the value is PEM itself, line breaks may be written as \n, because
// many ways of setting an environment variable allow one line only.
func publicKey(value string) (crypto.PublicKey, error) {
	text := []byte(strings.ReplaceAll(value, `\n`, "\n"))
	if !strings.Contains(value, "-----BEGIN") {
		var err error
		if text, err = os.ReadFile(value); err != nil {
			return nil, err
		}
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no PEM block in it")
	}
	key, err := parseBlock(block)
	if err != nil {
		return nil, err
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.Size() < 256 {
			return nil, errors.New("an RSA key needs at least 2048 bits")
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return nil, errors.New("an elliptic key must be P-256, which is what ES256 uses")
		}
	default:
		return nil, fmt.Errorf("%T is not supported, only RSA and P-256", key)
	}
	return key, nil
}

func parseBlock(block *pem.Block) (crypto.PublicKey, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, fmt.Errorf("it holds a %s", block.Type)
}
