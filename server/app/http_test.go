package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/config"
)

// get requests a path of a page that has these files.
func get(files fstest.MapFS, method, path, encoding string, fields ...string) *httptest.ResponseRecorder {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	a := &App{settings: config.Config{SocketPath: "/socket.io"}}
	engine.Use(a.secureHeaders)
	engine.NoRoute(newPage(readAssets(files, strings.NewReplacer())).serve)
	request := httptest.NewRequest(method, path, http.NoBody)
	request.Header.Set("Accept-Encoding", encoding)
	for i := 0; i < len(fields); i += 2 {
		request.Header.Set(fields[i], fields[i+1])
	}
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

	for _, test := range []struct{ accepts, encoding string }{
		{"br, gzip;q=0.8", "gzip"},
		{"GZIP", "gzip"},
		{"gzip ; q=1", "gzip"},
		{"gzip;q=0", ""},
		{"gzip; q=0.0", ""},
		{"gzip;q=0.000, identity", ""},
		{"", ""},
	} {
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

// Each encoding has an ETag of its own, and with it 304 and ranges of that encoding.
func TestAssetIsRevalidatedAndRangedPerEncoding(t *testing.T) {
	script := strings.Repeat("console.log('attendance');", 100)
	files := fstest.MapFS{"assets/index-Ab12cd.js": {Data: []byte(script)}}
	request := func(fields ...string) *httptest.ResponseRecorder {
		return get(files, http.MethodGet, "/assets/index-Ab12cd.js", fields[0], fields[1:]...)
	}
	plain, compressed := request("").Header().Get("ETag"), request("gzip").Header().Get("ETag")
	if plain == compressed || !strings.HasPrefix(plain, `"`) || !strings.HasSuffix(compressed, `"`) {
		t.Fatalf("the ETags are %s and %s", plain, compressed)
	}
	whole := request("gzip").Body.Bytes()
	for _, test := range []struct {
		name   string
		fields []string // Accept-Encoding, then more headers
		status int
		body   string
	}{
		{"plain, known", []string{"", "If-None-Match", plain}, http.StatusNotModified, ""},
		{"plain, known among others", []string{"", "If-None-Match", `"other", W/` + plain}, http.StatusNotModified, ""},
		{"gzip, known", []string{"gzip", "If-None-Match", compressed}, http.StatusNotModified, ""},
		{"gzip, plain known", []string{"gzip", "If-None-Match", plain}, http.StatusOK, string(whole)},
		{"plain, range", []string{"", "Range", "bytes=8-10"}, http.StatusPartialContent, "log"},
		{"gzip, range", []string{"gzip", "Range", "bytes=0-9"}, http.StatusPartialContent, string(whole[:10])},
		{"plain, range of an older file", []string{"", "Range", "bytes=8-10", "If-Range", `"older"`}, http.StatusOK, script},
		{"range beyond the end", []string{"", "Range", "bytes=90000-"}, http.StatusRequestedRangeNotSatisfiable, "invalid range: failed to overlap\n"},
	} {
		answer := request(test.fields...)
		if answer.Code != test.status || answer.Body.String() != test.body {
			t.Errorf("%s: %d %q, want %d %q", test.name, answer.Code, answer.Body, test.status, test.body)
		}
		if length := answer.Header().Get("Content-Length"); length != "" && length != strconv.Itoa(answer.Body.Len()) {
			t.Errorf("%s: Content-Length %s of %d bytes", test.name, length, answer.Body.Len())
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
	engine.GET("/students/:studentId", func(*gin.Context) { panic("a bug") })
	answer := httptest.NewRecorder()
	engine.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/students/who", http.NoBody))
	if answer.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", answer.Code)
	}
	line := log.String()
	if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, `fault="a bug"`) || !strings.Contains(line, "route=/students/:studentId") || strings.Contains(line, "who") {
		t.Errorf("logged %s", line)
	}
}
