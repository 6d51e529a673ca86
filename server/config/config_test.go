package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	noFile     = "testdata/does-not-exist"
	goodSecret = "JWT_SECRET=0123456789abcdef0123456789abcdef"
)

func TestExampleListsEverySettingWithItsDefault(t *testing.T) {
	example, err := readDotenv("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	for field := range reflect.TypeFor[Config]().Fields() {
		if name := field.Tag.Get("env"); name != "" {
			defaults[name] = field.Tag.Get("envDefault")
		}
	}
	if !maps.Equal(example, defaults) {
		t.Errorf(".env.example says %v\nthe struct says   %v", example, defaults)
	}
}

func TestLoadWithoutSettingsReturnsDefaults(t *testing.T) {
	c, err := Load(nil, noFile)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr() != "localhost:5014" || c.Signed() || c.CampusTZ.String() != "UTC" || c.PingInterval != 25*time.Second {
		t.Errorf("unexpected defaults: %+v", c)
	}
}

func TestAddrSignedModeListensOnAllAddresses(t *testing.T) {
	for _, tt := range []struct {
		environ []string
		want    string
	}{
		{[]string{goodSecret}, ":5014"},
		{[]string{goodSecret, "HOST=10.0.0.1"}, "10.0.0.1:5014"},
		{[]string{"HOST=0.0.0.0", "PORT=80", "OPEN_MODE=true"}, "0.0.0.0:80"},
		{[]string{"OPEN_MODE=true"}, "localhost:5014"},
		{[]string{"HOST=::1"}, "[::1]:5014"},
	} {
		c, err := Load(tt.environ, noFile)
		if err != nil || c.Addr() != tt.want {
			t.Errorf("%v: listens on %q (%v), want %q", tt.environ, c.Addr(), err, tt.want)
		}
	}
}

func TestLoadEnvironmentOverridesFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte("PORT=1\nEVENT_RATE=7\nCORS_ORIGINS=\"https://a.example, http://b.example:3000\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load([]string{"PORT=2", "EVENT_BURST="}, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Port != 2 || c.EventRate != 7 || c.EventBurst != 400 {
		t.Errorf("port %d, rate %d, burst %d", c.Port, c.EventRate, c.EventBurst)
	}
	if !reflect.DeepEqual(c.CORSOrigins, []string{"https://a.example", "http://b.example:3000"}) {
		t.Errorf("origins %q", c.CORSOrigins)
	}
}

func TestLoadMistakeIsNamedInOneSentence(t *testing.T) {
	for _, tt := range []struct{ environ, want string }{
		{"PORT=http", `PORT must be a whole number, not "http"`},
		{"PORT=70000", "PORT must be between 0 and 65535, not 70000"},
		{`PORT="80"`, "PORT is in quotes, which docker run --env-file and Kubernetes do not take off: write it without them"},
		{"HOST=localhost:80", `HOST must be a host name or an IP address without a port, not "localhost:80"`},
		{"PING_INTERVAL=25", `PING_INTERVAL must be a duration such as 25s, 2m or 1h30m, not "25"`},
		{"PING_TIMEOUT=0", "PING_TIMEOUT must be between 50ms and 1h0m0s, not 0s"},
		{"SESSION_MAX=-2h", "SESSION_MAX must be between 1s and 168h0m0s, not -2h0m0s"},
		{"RETENTION=400", `RETENTION must be a number of days from 1d to 36500d, such as 400d, not "400"`},
		{"RETENTION=0d", `RETENTION must be a number of days from 1d to 36500d, such as 400d, not "0d"`},
		{"CODE_PERIOD=1s", "CODE_PERIOD must be between 2s and 1m0s, not 1s"},
		{"CODE_PERIOD=61s", "CODE_PERIOD must be between 2s and 1m0s, not 1m1s"},
		{"CAMPUS_TZ=Mars/Base", `CAMPUS_TZ must be a time zone name such as UTC or Asia/Kolkata, not "Mars/Base"`},
		{"LOG_LEVEL=loud", `LOG_LEVEL must be debug, info, warn or error, not "loud"`},
		{"LOG_FORMAT=xml", `LOG_FORMAT must be text or json, not "xml"`},
		{"METRICS_ADDR=9464", `METRICS_ADDR must be an address and a port such as 127.0.0.1:9464 or :9464, not "9464"`},
		{"METRICS_ADDR=127.0.0.1:http", `METRICS_ADDR must be an address and a port such as 127.0.0.1:9464 or :9464, not "127.0.0.1:http"`},
		{"METRICS_ADDR=:70000", `METRICS_ADDR must be an address and a port such as 127.0.0.1:9464 or :9464, not ":70000"`},
		{"SOCKET_PATH=/metrics", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/metrics"`},
		{"IO_URING=yes", `IO_URING must be auto or off, not "yes"`},
		{"DEMO=perhaps", `DEMO must be true or false, not "perhaps"`},
		{"MAX_PAYLOAD=10", "MAX_PAYLOAD must be between 1024 and 100000000, not 10"},
		{"MAX_CONNECTIONS=-1", "MAX_CONNECTIONS must be between 0 and 10000000, not -1"},
		{"MAX_CONNECTIONS_PER_IP=-1", "MAX_CONNECTIONS_PER_IP must be between 0 and 10000000, not -1"},
		{"HANDSHAKE_RATE=fast", `HANDSHAKE_RATE must be a whole number, not "fast"`},
		{"TRUSTED_PROXIES=nginx", `TRUSTED_PROXIES must be a list of addresses and networks such as 10.0.0.7,192.168.0.0/16, not "nginx"`},
		{"TRUSTED_PROXIES=10.0.0.1,", `TRUSTED_PROXIES must be a list of addresses and networks such as 10.0.0.7,192.168.0.0/16, not "10.0.0.1,"`},
		{"TRUSTED_PROXIES=10.0.0.1/33", `TRUSTED_PROXIES must be a list of addresses and networks such as 10.0.0.7,192.168.0.0/16, not "10.0.0.1/33"`},
		{"TLS_CERT=cert.pem", "TLS_CERT and TLS_KEY belong together: set both"},
		{"DOMAIN=school", `DOMAIN must be a host name such as attendance.school.example, not "school"`},
		{"DOMAIN=192.0.2.1", `DOMAIN must be a host name such as attendance.school.example, not "192.0.2.1"`},
		{"DOMAIN=https://a.example", `DOMAIN must be a host name such as attendance.school.example, not "https://a.example"`},
		{"DOMAIN=a.example", "DOMAIN is for other machines, and without JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL everybody is believed to be who they say: set one of these, or HOST and OPEN_MODE=true if that is meant"},
		{"HTTP_PORT=5014", "HTTP_PORT must be between 0 and 65535 and not PORT, not 5014"},
		{"DRAIN_DELAY=-1s", "DRAIN_DELAY must not be negative"},
		{"DRAIN_SPREAD=-1s", "DRAIN_SPREAD must not be negative"},
		{"DRAIN_DELAY=10s", "SHUTDOWN_TIMEOUT must be more than DRAIN_DELAY and DRAIN_SPREAD together, which are 10s"},
		{"EVENT_RATE=0", "EVENT_RATE must be between 1 and 1000000, not 0"},
		{"CORS_ORIGINS=*", `CORS_ORIGINS must list origins such as https://campus.example, http://localhost:3000 or https://*.campus.example, and "*" is no origin`},
		{"CORS_ORIGINS=https://a.example/", `CORS_ORIGINS must list origins such as https://campus.example, http://localhost:3000 or https://*.campus.example, and "https://a.example/" has more than a scheme, a host and a port`},
		{"SOCKET_PATH=socket.io", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "socket.io"`},
		{"SOCKET_PATH=/", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/"`},
		{"SOCKET_PATH=/api/live", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/api/live"`},
		{"SOCKET_PATH=/docs", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/docs"`},
		{"SOCKET_PATH=/live//", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/live//"`},
		{"SOCKET_PATH=/live/..", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/live/.."`},
		{"SOCKET_PATH=/:class", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/:class"`},
		{"SOCKET_PATH=/live?a=b", `SOCKET_PATH must be a path such as /socket.io or /campus/live that is not in use for something else, not "/live?a=b"`},
		{"SERVE_CLIENT=no", `SERVE_CLIENT must be true or false, not "no"`},
		{"JWT_COOKIE=a b", `JWT_COOKIE must be a cookie name, not "a b"`},
		{"JWT_ISSUER=x", "JWT_ISSUER needs JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL beside it"},
		{"JWT_MAX_AGE=8h", "JWT_MAX_AGE needs JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL beside it"},
		{"JWT_LEEWAY=1h", "JWT_LEEWAY must be between 0s and 10m0s, not 1h0m0s"},
		{"JWT_LEEWAY=30", `JWT_LEEWAY must be a duration such as 25s, 2m or 1h30m, not "30"`},
		{"JWT_JWKS_URL=file:///etc/keys", "JWT_JWKS_URL must be an http or https address such as https://campus.example/.well-known/jwks.json"},
		{"JWT_PUBLIC_KEY=/nowhere/key.pem", "JWT_PUBLIC_KEY must be a PEM public key or the path of one: no such file or directory"},
	} {
		_, err := Load([]string{tt.environ}, noFile)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.environ, err, tt.want)
		}
	}
}

func TestLoadReportsAllMistakesAtOnce(t *testing.T) {
	_, err := Load([]string{"PORT=x", "PING_TIMEOUT=soon", "LOG_FORMAT=xml", goodSecret, "JWT_JWKS_URL=https://keys.example/jwks"}, noFile)
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 4 || !strings.Contains(err.Error(), "JWT_SECRET and JWT_JWKS_URL exclude each other") {
		t.Errorf("want four mistakes, one per line, got:\n%v", err)
	}
}

func TestLoadPublicKeyFromTextOrFile(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := pemText(t, &private.PublicKey)
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{text, strings.ReplaceAll(text, "\n", `\n`), file} {
		c, err := Load([]string{"JWT_PUBLIC_KEY=" + value}, noFile)
		if err != nil || !private.PublicKey.Equal(c.PublicKey) {
			t.Errorf("%q: %v", value, err)
		}
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load([]string{"JWT_PUBLIC_KEY=" + pemText(t, &other.PublicKey)}, noFile); err == nil {
		t.Error("a key that ES256 cannot use was taken")
	}
}

func pemText(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestConfigPrintedOmitsSecrets(t *testing.T) {
	for _, environ := range [][]string{
		{"JWT_SECRET=hunter2, and then some more of it", "DATABASE_DSN=root:hunter2@/x"},
		{"JWT_JWKS_URL=https://campus:hunter2@keys.example/jwks"},
		{"CLUSTER=true", "NODE_NAME=a", "DATABASE_DSN=root:hunter2@/x", "REDIS_URL=redis://campus:hunter2@redis.example"},
	} {
		c, err := Load(environ, noFile)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", c, "secret", c.JWTSecret)
		slog.New(slog.NewTextHandler(&log, nil)).Info("start", "config", c, "secret", c.JWTSecret)
		encoded, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		printed := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.JWTSecret, c.JWTSecret) + string(encoded) + log.String()
		if strings.Contains(printed, "hunter2") {
			t.Errorf("a secret was printed: %s", printed)
		}
	}
}

func TestLoadEmptyVariableKeepsFileValue(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(goodSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, empty := range []string{"JWT_SECRET=", "JWT_SECRET= \n"} {
		if c, err := Load([]string{empty}, file); err != nil || !c.Signed() {
			t.Errorf("%q: %v, signed %v", empty, err, c.Signed())
		}
	}
}
