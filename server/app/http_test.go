package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"
)

// get requests a path of a page that has these files.
func get(files fstest.MapFS, method, path, encoding string) *httptest.ResponseRecorder {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(secureHeaders)
	engine.NoRoute(newPage(files).serve)
	request := httptest.NewRequest(method, path, http.NoBody)
	request.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, request)
	return recorder
}

func TestPageIsServedWithItsCacheHeaders(t *testing.T) {
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
			t.Errorf("a file with a hash in its name has Cache-Control %q", cache)
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

func TestPageThatIsNotBuiltTellsHowToBuildIt(t *testing.T) {
	answer := get(fstest.MapFS{".gitkeep": {}}, http.MethodGet, "/", "")
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "make web") {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

func TestPanicIsLoggedAndAnswered500(t *testing.T) {
	var log bytes.Buffer
	a := &App{logger: slog.New(slog.NewTextHandler(&log, nil))}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(a.recovering)
	engine.NoRoute(func(*gin.Context) { panic("a bug") })
	answer := httptest.NewRecorder()
	engine.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+strings.Repeat("x", 1000), http.NoBody))
	if answer.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", answer.Code)
	}
	line := log.String()
	if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, `fault="a bug"`) || !strings.Contains(line, "path=/xxx") || strings.Contains(line, strings.Repeat("x", 300)) {
		t.Errorf("logged %s", line)
	}
}
