package app

import (
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// inPath are the values for the parameters of paths.
var inPath = strings.NewReplacer(":classId", "Math", ":sessionId", "1", ":studentId", "student-1")

func TestHEADAnswersLikeGETWithoutBody(t *testing.T) {
	a, _ := start(t, settings(t))
	classOf1000(t, a)
	type request struct{ path, user string }
	requests := []request{{"/", ""}, {"/docs", ""}, {"/nothing", ""}, {"/api/nothing", ""}, {"/api/classes", ""}, {"/api/classes/none", "teacher"}, {"/api/classes/Math/sessions?from=today", "teacher"}}
	for _, route := range a.http.Handler.(*gin.Engine).Routes() {
		if route.Method == http.MethodGet && !strings.HasPrefix(route.Path, "/socket.io") {
			requests = append(requests, request{inPath.Replace(route.Path), "teacher"})
		}
	}
	for _, bundle := range bundles {
		requests = append(requests, request{"/socket.io/" + bundle, ""})
	}
	for _, request := range requests {
		for _, accepts := range []string{"", "gzip"} {
			fields := []string{"Accept-Encoding", accepts, "Origin", allowed, "X-Request-ID", "the-same"}
			if request.user != "" {
				fields = append(fields, "X-User", request.user)
			}
			status, want, content := ask(t, http.MethodGet, a.URL()+request.path, fields...)
			headStatus, got, body := ask(t, http.MethodHead, a.URL()+request.path, fields...)
			maps.DeleteFunc(want, func(name string, _ []string) bool { return name == "Date" })
			maps.DeleteFunc(got, func(name string, _ []string) bool { return name == "Date" })
			if headStatus != status || body != "" || content == "" || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, accepting %q:\n  HEAD %d %v %q\n  GET  %d %v", request.path, accepts, headStatus, got, body, status, want)
			}
		}
	}
}

func TestHEADEndsWritingOnceTheHeaderIsKnown(t *testing.T) {
	for _, accepts := range []string{"", "gzip"} {
		var wrote, failed int
		a, _ := start(t, settings(t), func(a *App) {
			a.http.Handler.(*gin.Engine).HEAD("/long", func(c *gin.Context) {
				for i := range 10_000 {
					if _, err := c.Writer.WriteString(strings.Repeat("x", 1000) + string(rune('a'+i%26))); err != nil {
						failed++
						return
					}
					wrote++
				}
			})
		})
		if status, header, body := ask(t, http.MethodHead, a.URL()+"/long", "Accept-Encoding", accepts); status != http.StatusOK || body != "" || header.Get("Content-Length") != "" {
			t.Errorf("accepting %q: %d %v %q", accepts, status, header, body)
		}
		if failed != 1 || wrote > 5000 {
			t.Errorf("accepting %q: wrote %d times, failed %d", accepts, wrote, failed)
		}
	}
}

func TestHEADOfLongExportKeepsTheConnection(t *testing.T) {
	a, _ := start(t, settings(t))
	classOf1000(t, a)
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	t.Cleanup(client.CloseIdleConnections)
	for range 3 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, a.URL()+"/api/sessions/1/export", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-User", "teacher")
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Close {
			t.Errorf("answered %d, closes the connection: %v", response.StatusCode, response.Close)
		}
	}
}
