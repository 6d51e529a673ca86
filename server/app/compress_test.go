package app

import (
	"compress/gzip"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// uncompressed returns what is in a gzip body.
func uncompressed(t *testing.T, body string) string {
	t.Helper()
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// classOf1000 makes a class with 1000 students and a lecture in which all are absent.
func classOf1000(t *testing.T, a *App) {
	t.Helper()
	var students []string
	for i := range 1000 {
		students = append(students, fmt.Sprintf(`{"id":"student-%d","name":"%s %s"}`, i, []string{"Asha", "Boris", "Chen", "Divya", "Elif"}[i%5], []string{"Rao", "Müller", "Li", "Şahin"}[i%4]))
	}
	send(t, a, "", `{"id":"Math"}`)
	send(t, a, "/Math/roster", `{"students":[`+strings.Join(students, ",")+"]}")
	send(t, a, "/Math/sessions", `{"sessionType":"lecture"}`)
}

// send posts JSON to a path below /api/classes as the teacher.
func send(t *testing.T, a *App, path, body string) {
	t.Helper()
	answer := engineiotest.Do(t, engineiotest.NewHTTPClient(t), http.MethodPost, a.URL()+"/api/classes"+path, body, "X-User", "teacher", "Content-Type", "application/json")
	if answer.Status >= http.StatusMultipleChoices {
		t.Fatalf("%s: %d %s", path, answer.Status, answer.Body)
	}
}

func TestAnswersFrom1kBOnAreCompressed(t *testing.T) {
	a, _ := start(t, settings(t))
	classOf1000(t, a)
	for _, test := range []struct {
		path        string
		part        string
		plain, gzip int // the least bytes without compression, and the most with it; 0: not compressed
	}{
		{"/api/classes/Math/roster", `"student-999"`, 80_000, 8_000},
		{"/api/sessions/1", `"student-999"`, 85_000, 12_000},
		{"/api/sessions/1/export", "student-999", 40_000, 12_000},
		{"/api/classes/Math/export", "student-999", 30_000, 12_000},
		{"/api/openapi.json", `"openapi"`, 30_000, 12_000},
		{"/api/asyncapi.json", `"asyncapi"`, 30_000, 12_000},
		{"/docs", "<!doctype html>", 100, 1_000}, // compressed as a file
		{"/api/classes", `"Math"`, 50, 0},
		{"/api/classes/none", "not found", 50, 0},
		{"/healthz", `"up"`, 10, 0},
	} {
		for accepts, compressed := range map[string]bool{"gzip, deflate, br, zstd": test.gzip > 0, "br": false, "gzip;q=0": false, "": false} {
			status, header, body := ask(t, http.MethodGet, a.URL()+test.path, "X-User", "teacher", "Accept-Encoding", accepts)
			sent := len(body)
			if got := header.Get("Content-Encoding") == "gzip"; got != compressed {
				t.Errorf("%s, %q: Content-Encoding %q", test.path, accepts, header.Get("Content-Encoding"))
				continue
			}
			if compressed {
				if body = uncompressed(t, body); sent > test.gzip {
					t.Errorf("%s: %d bytes are sent for %d", test.path, sent, len(body))
				}
			}
			if len(body) < test.plain || !strings.Contains(body, test.part) {
				t.Errorf("%s, %q: %d, %d bytes: %.100s", test.path, accepts, status, len(body), body)
			}
			if vary := strings.Join(header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") || strings.Count(vary, "Accept-Encoding") > 1 {
				t.Errorf("%s varies by %q", test.path, vary)
			}
		}
	}
}

func TestPollsFrom1kBOnAreCompressed(t *testing.T) {
	a, _ := start(t, settings(t))
	classOf1000(t, a)
	client := engineiotest.NewHTTPClient(t)
	session := engineiotest.Open(t, client, a.URL()+"/socket.io/", 4)
	session.Post(t, "40")
	poll := func() (compressed bool, sent int, body string) {
		status, header, body := ask(t, http.MethodGet, session.URL, "Accept-Encoding", "gzip, deflate")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		sent = len(body)
		if header.Get("Content-Encoding") == "gzip" {
			return true, sent, uncompressed(t, body)
		}
		if got := header.Get("Content-Length"); got != fmt.Sprint(sent) {
			t.Errorf("Content-Length %s of %d bytes", got, sent)
		}
		return false, sent, body
	}
	if compressed, sent, body := poll(); compressed {
		t.Errorf("a poll of %d bytes is compressed to %d", len(body), sent)
	}
	fetch := fmt.Sprintf(`42["fetchAttendance",{"classId":"Math","date":%q,"sessionType":"lecture"}]`, time.Now().UTC().Format(time.DateOnly))
	session.Post(t, `42["identify",{"userId":"teacher","role":"teacher"}]`+"\x1e"+fetch)
	compressed, sent, body := poll()
	if !compressed || sent > 12_000 || len(body) < 100_000 || strings.Count(body, `"studentId"`) != 1000 {
		t.Errorf("compressed %v, %d bytes sent for %d: %.200s", compressed, sent, len(body), body)
	}
}

func TestWebSocketUpgradeIsNotCompressed(t *testing.T) {
	a, _ := start(t, settings(t))
	status, header := raw(t, a, "GET /socket.io/?EIO=4&transport=websocket", "Accept-Encoding: gzip\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
	if header.Get("Content-Encoding") != "" {
		t.Errorf("answered %d %v", status, header)
	}
}

// counter counts the bytes that a response has taken.
type counter struct {
	*httptest.ResponseRecorder
	taken int
}

func (c *counter) Write(data []byte) (int, error) {
	c.taken += len(data)
	return len(data), nil
}

func TestCompressedAnswerIsStreamed(t *testing.T) {
	a := &App{settings: config.Config{SocketPath: "/socket.io"}}
	client := &counter{ResponseRecorder: httptest.NewRecorder()}
	engine := gin.New()
	engine.Use(a.compress)
	engine.GET("/", func(c *gin.Context) {
		chunk := make([]byte, 64<<10)
		_, _ = rand.Read(chunk) // never fails
		for i := range 50 {
			if _, err := c.Writer.Write(chunk); err != nil {
				t.Error(err)
			}
			if written := (i + 1) * len(chunk); client.taken < written-256<<10 {
				t.Fatalf("the client has got %d of %d bytes", client.taken, written)
			}
		}
	})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	request.Header.Set("Accept-Encoding", "gzip")
	engine.ServeHTTP(client, request)
	if client.Header().Get("Content-Encoding") != "gzip" {
		t.Error("the answer is not compressed")
	}
}

// What is cut off by a panic must not end like a whole gzip file.
func TestCompressedAnswerCutOffHasNoEnd(t *testing.T) {
	a, _ := start(t, settings(t), func(a *App) {
		a.http.Handler.(*gin.Engine).GET("/cut", func(c *gin.Context) {
			c.String(http.StatusOK, strings.Repeat("row\n", 100_000))
			panic(http.ErrAbortHandler)
		})
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+"/cut", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request) // it asks for gzip
	if err != nil {
		return // cut off before the header
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("%d bytes came without an error", len(body))
	}
}
