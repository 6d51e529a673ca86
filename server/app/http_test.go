package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gin-gonic/gin"
)

func TestOriginsThatMayUseTheServer(t *testing.T) {
	const signed = "JWT_SECRET=0123456789abcdef0123456789abcdef"
	const listed = "CORS_ORIGINS=https://campus.example,http://localhost:3000"
	for _, test := range []struct {
		name, setting, origin string
		allowed               bool
	}{
		{"its own page", signed, "OWN", true},
		{"a developer's page in open mode", "", "http://localhost:5173", true},
		{"the same by address", "", "http://127.0.0.1:8080", true},
		{"an app in a web view", "", "capacitor://localhost", true},
		{"an app in a web view over https", "", "https://localhost", true},
		{"a developer's page in signed mode", signed, "http://localhost:5173", false},
		{"https localhost with a port", "", "https://localhost:8443", false},
		{"a foreign page", "", "https://evil.example", false},
		{"null", "", "null", false},
		{"a look-alike", "", "http://localhost.evil.example", false},
		{"a listed page", listed, "https://campus.example", true},
		{"a listed page, other scheme", listed, "http://campus.example", false},
		{"a listed page with more behind it", listed, "https://campus.example.evil.example", false},
		{"not listed", listed, "http://localhost:5173", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var more []string
			if test.setting != "" {
				more = append(more, test.setting)
			}
			a, _ := start(t, settings(t, more...))
			origin := test.origin
			if origin == "OWN" {
				origin = a.URL()
			}
			for _, path := range []string{"/healthz", "/socket.io/?EIO=4&transport=polling", "/"} {
				status, header, body := ask(t, http.MethodGet, a.URL()+path, "Origin", origin)
				if test.allowed != (status == http.StatusOK) {
					t.Errorf("%s: %d %s", path, status, body)
				}
				granted := header.Get("Access-Control-Allow-Origin")
				if test.allowed && (granted != origin || header.Get("Access-Control-Allow-Credentials") != "true") || !test.allowed && granted != "" {
					t.Errorf("%s allows %q", path, granted)
				}
				if !strings.Contains(strings.Join(header.Values("Vary"), ","), "Origin") {
					t.Errorf("%s does not vary by Origin", path)
				}
			}
			status, header, _ := ask(t, http.MethodOptions, a.URL()+"/api/classes", "Origin", origin, "Access-Control-Request-Method", "PUT")
			if test.allowed && (status != http.StatusNoContent || !strings.Contains(header.Get("Access-Control-Allow-Methods"), "PUT")) {
				t.Errorf("preflight: %d %v", status, header)
			}
		})
	}
}

// get serves one request for a page of these files.
func get(files fstest.MapFS, method, path, encoding string) *httptest.ResponseRecorder {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.NoRoute(secureHeaders, newPage(files).serve)
	request := httptest.NewRequest(method, path, http.NoBody)
	request.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, request)
	return recorder
}

func TestThePage(t *testing.T) {
	script := strings.Repeat("console.log('attendance');", 100)
	files := fstest.MapFS{
		".gitkeep":               {},
		"index.html":             {Data: []byte("<!doctype html>")},
		"assets/index-Ab12cd.js": {Data: []byte(script)},
	}
	for _, path := range []string{"/", "/index.html"} {
		answer := get(files, http.MethodGet, path, "")
		if answer.Code != http.StatusOK || answer.Body.String() != "<!doctype html>" {
			t.Errorf("%s: %d %q", path, answer.Code, answer.Body)
		}
		if cache := answer.Header().Get("Cache-Control"); cache != "no-cache" {
			t.Errorf("%s is cached: %s", path, cache)
		}
		if policy := answer.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}

	for _, test := range []struct{ accepts, encoding string }{{"br, gzip;q=0.8", "gzip"}, {"gzip;q=0", ""}, {"", ""}} {
		answer := get(files, http.MethodGet, "/assets/index-Ab12cd.js", test.accepts)
		if encoding := answer.Header().Get("Content-Encoding"); encoding != test.encoding {
			t.Errorf("accepting %q: %q", test.accepts, encoding)
		}
		var content io.Reader = answer.Body
		if test.encoding == "gzip" {
			var err error
			if content, err = gzip.NewReader(answer.Body); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(content); err != nil || string(text) != script {
			t.Errorf("accepting %q: %v, %q", test.accepts, err, text)
		}
		if cache := answer.Header().Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("a name with a hash is cached as %q", cache)
		}
		if kind := answer.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/javascript") {
			t.Errorf("type %q", kind)
		}
	}

	for _, test := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/nothing", http.StatusNotFound},
		{http.MethodGet, "/.gitkeep", http.StatusNotFound},
		{http.MethodGet, "/assets/../index.html", http.StatusNotFound},
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
	} {
		if answer := get(files, test.method, test.path, ""); answer.Code != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, answer.Code, test.status)
		}
	}
}

func TestAPageThatWasNotBuiltSaysHow(t *testing.T) {
	answer := get(fstest.MapFS{".gitkeep": {}}, http.MethodGet, "/", "")
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "make web") {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

func TestHeadersThatNeverEndAreGivenUp(t *testing.T) {
	t.Parallel() // it takes the ten seconds that the server is patient for
	a, _ := start(t, settings(t))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", a.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	// A timeout of ours is an error here; the server's end of the connection is none.
	if answer, err := io.ReadAll(conn); err != nil || strings.Contains(string(answer), " 200 ") {
		t.Errorf("the server still waits for the rest of the header: %q, %v", answer, err)
	}
}

func TestAPanicIsLoggedAndAnswered(t *testing.T) {
	var log bytes.Buffer
	a := &App{logger: slog.New(slog.NewTextHandler(&log, nil))}
	answer := httptest.NewRecorder()
	a.recovering(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })).
		ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/socket.io/", http.NoBody))
	if answer.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", answer.Code)
	}
	if line := log.String(); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, `fault="a bug"`) || !strings.Contains(line, "path=/socket.io/") {
		t.Errorf("logged %s", line)
	}
}
