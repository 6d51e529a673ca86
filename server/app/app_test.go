package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/neuracampus/attendance/server/config"
)

// settings returns settings for a server on a free port with its own directory; more is a list of NAME=value.
func settings(t testing.TB, more ...string) config.Config {
	t.Helper()
	environ := append([]string{"PORT=0", "DATA_DIR=" + t.TempDir(), "LOG_LEVEL=error"}, more...)
	c, err := config.Load(environ, os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start runs a server until stop is called, at the latest at the end of the test. stop returns the error of Run.
func start(t testing.TB, c config.Config, configure ...func(*App)) (_ *App, stop func() error) {
	t.Helper()
	return startLogged(t, c, slog.New(slog.DiscardHandler), configure...)
}

func startLogged(t testing.TB, c config.Config, logger *slog.Logger, configure ...func(*App)) (_ *App, stop func() error) {
	t.Helper()
	server, err := New(t.Context(), c, logger)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range configure {
		change(server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- server.Run(ctx, context.Background()) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-result
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return server, stop
}

// ask sends a request with these header fields, given as name and value in turn, and returns the answer.
func ask(t testing.TB, method, url string, fields ...string) (status int, header http.Header, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "Host" {
			request.Host = fields[i+1]
		}
		request.Header.Add(fields[i], fields[i+1])
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(content)
}

func TestHealthReportsIdentityModeAndVersion(t *testing.T) {
	for _, test := range []struct{ setting, identity string }{
		{"DEMO=true", "open"},
		{"JWT_SECRET=0123456789abcdef0123456789abcdef", "signed"},
	} {
		t.Run(test.identity, func(t *testing.T) {
			a, _ := start(t, settings(t, test.setting))
			status, _, body := ask(t, http.MethodGet, a.URL()+"/healthz")
			var got health
			if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
				t.Fatalf("%d %s: %v", status, body, err)
			}
			if got.Status != "up" || got.Identity != test.identity || got.Version == "" {
				t.Errorf("got %s", body)
			}
			if status, _, body := ask(t, http.MethodGet, a.URL()+"/readyz"); status != http.StatusOK {
				t.Errorf("readyz: %d %s", status, body)
			}
		})
	}
}

func TestStoppedServerIsNotReadyAndLeaksNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	a, stop := start(t, settings(t))
	status, _, _ := ask(t, http.MethodGet, a.URL()+"/socket.io/?EIO=4&transport=polling")
	if status != http.StatusOK {
		t.Fatalf("handshake: %d", status)
	}
	a.draining.Store(true)
	if status, _, body := ask(t, http.MethodGet, a.URL()+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "stopping") {
		t.Errorf("readyz while stopping: %d %s", status, body)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

func TestServerWithoutDataDirDoesNotStart(t *testing.T) {
	c := settings(t)
	c.DataDir = "/dev/null/nowhere"
	a, err := New(t.Context(), c, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatalf("started: %v", a)
	}
}

func TestTakenPortIsNamedInTheError(t *testing.T) {
	first, _ := start(t, settings(t))
	_, port, _ := net.SplitHostPort(first.listener.Addr().String())
	_, err := New(t.Context(), settings(t, "PORT="+port), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("error %v does not name PORT", err)
	}
}

func TestOverdueSessionIsEnded(t *testing.T) {
	a, _ := start(t, settings(t, "SESSION_MAX=1s", "DEMO=true"))
	teacher := dial(t, a)
	teacher.ask(`"identify",{"userId":"teacher-1","role":"teacher"}`)
	teacher.ask(`"joinClass",{"userId":"teacher-1","classId":"demo"}`)
	teacher.ask(`"initiateAttendance",{"classId":"demo","teacherId":"teacher-1","sessionType":"lecture"}`)
	for !strings.HasPrefix(teacher.Receive(t).Text, `42["attendanceEnded",{"classId":"demo","sessionType":"lecture"`) {
		continue
	}
}
