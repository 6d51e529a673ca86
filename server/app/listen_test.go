package app

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

const signedMode = "JWT_SECRET=0123456789abcdef0123456789abcdef"

// loopback6 listens on a free port of [::1]. A machine without [::1] cannot run these tests.
func loopback6(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Fatalf("turn IPv6 on for the loopback device (sysctl net.ipv6.conf.lo.disable_ipv6=0): %v", err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // the tests close it as well
	return listener
}

func TestSettingsDecideTheListenAddresses(t *testing.T) {
	loopback6(t)
	for name, tt := range map[string]struct {
		settings []string
		v4, v6   bool
	}{
		"open mode":                 {nil, true, true},
		"open mode, localhost":      {[]string{"HOST=localhost"}, true, true},
		"open mode, 127.0.0.1":      {[]string{"HOST=127.0.0.1"}, true, false},
		"open mode, ::1":            {[]string{"HOST=::1"}, false, true},
		"open mode without a host":  {[]string{"OPEN_MODE=true"}, true, true},
		"signed mode":               {[]string{signedMode}, true, true},
		"signed mode, localhost":    {[]string{signedMode, "HOST=localhost"}, true, true},
		"open mode, every address":  {[]string{"OPEN_MODE=true", "HOST=0.0.0.0"}, true, true},
		"open mode, every address6": {[]string{"OPEN_MODE=true", "HOST=::"}, true, true},
	} {
		a, stop := start(t, settings(t, tt.settings...))
		_, port, err := net.SplitHostPort(a.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		reached := func(host string) bool {
			response, err := http.Get("http://" + net.JoinHostPort(host, port) + "/readyz")
			if err != nil {
				return false
			}
			defer response.Body.Close()
			return response.StatusCode == http.StatusOK
		}
		if v4, v6 := reached("127.0.0.1"), reached("::1"); v4 != tt.v4 || v6 != tt.v6 {
			t.Errorf("%s: 127.0.0.1 %v, [::1] %v", name, v4, v6)
		}
		if status, _, _ := ask(t, http.MethodGet, a.URL()+"/readyz"); status != http.StatusOK {
			t.Errorf("%s: %s answers %d", name, a.URL(), status)
		}
		if err := stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if reached("127.0.0.1") || reached("::1") {
			t.Errorf("%s: answers after the stop", name)
		}
	}
}

func TestPortTakenOnIPv6IsNamedInTheError(t *testing.T) {
	taken := loopback6(t)
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	_, err := New(t.Context(), settings(t, "PORT="+port), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("%v does not name PORT", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatalf("the port of 127.0.0.1 is still held: %v", err)
	}
	_ = free.Close()
}

func TestSignedDatabaseIsRefusedInOpenMode(t *testing.T) {
	directory := t.TempDir()
	for _, step := range []struct {
		name     string
		settings []string
		refused  bool
	}{
		{"signed", []string{signedMode}, false},
		{"the secret is gone", nil, true},
		{"the same with the demo", []string{"DEMO=true"}, true},
		{"with OPEN_MODE=true", []string{"OPEN_MODE=true"}, false},
		{"signed again", []string{signedMode}, false},
	} {
		a, err := New(t.Context(), settings(t, append(step.settings, "DATA_DIR="+directory)...), slog.New(slog.DiscardHandler))
		if err == nil {
			a.close()
		}
		if step.refused != (err != nil) || err != nil && (!strings.Contains(err.Error(), "OPEN_MODE=true") || errors.Is(err, models.ErrDatabaseSigned)) {
			t.Errorf("%s: %v", step.name, err)
		}
	}
}
