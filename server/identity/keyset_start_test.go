package identity

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestNewProviderDownAtStartIsRetried(t *testing.T) {
	key := ecKey(t)
	p := serveKeys(t)
	p.set(http.StatusServiceUnavailable)
	result := make(chan error, 1)
	var v *Verifier
	go func() {
		var err error
		v, err = New(t.Context(), Options{JWKSURL: p.URL, Clock: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
		result <- err
	}()
	for p.fetches.Load() < 2 { // the first two are refused
		select {
		case err := <-result:
			t.Fatalf("it did not wait: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	p.set(http.StatusOK, jwk(&key.PublicKey, "k"))
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(signAs(t, jwt.SigningMethodES256, key, "k")); err != nil {
		t.Error(err)
	}
}

func TestNewProviderDownErrorOmitsAddress(t *testing.T) {
	key := ecKey(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	answers := func(status int, header http.Header, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			maps.Copy(w.Header(), header)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body)) // if the client is gone, the test fails elsewhere
		}))
		t.Cleanup(server.Close)
		return strings.TrimPrefix(server.URL, "http://")
	}
	short, _ := json.Marshal(map[string]any{"keys": []any{changed(jwk(&key.PublicKey, "k"), map[string]any{"use": "enc"})}})
	for name, tt := range map[string]struct{ host, want string }{
		"nobody listens": {closed, "connection refused"},
		"not found":      {answers(404, nil, "hunter2"), "the answer is 404"},
		"a page":         {answers(200, nil, "<html>hunter2</html>"), "the answer is no JSON Web Key Set"},
		"no keys":        {answers(200, nil, `{"keys":[]}`), "the set has no key that can be used"},
		"no usable key":  {answers(200, nil, string(short)), "the set has no key that can be used"},
		"too many":       {answers(200, nil, `{"keys":[1`+strings.Repeat(",1", maxKeys)+`]}`), "more than 100 keys"},
		"endless":        {answers(200, nil, strings.Repeat(" ", maxKeySet+1)), "more than 1048576 bytes"},
		"a loop":         {answers(302, http.Header{"Location": {"/hunter2"}}, ""), "it redirects too often"},
	} {
		var log strings.Builder
		ctx, stop := context.WithCancel(t.Context())
		_, err := New(ctx, Options{
			JWKSURL: "http://campus:hunter2@" + tt.host + "/hunter2",
			Logger: slog.New(slog.NewTextHandler(writerFunc(func(line []byte) (int, error) {
				stop() // after the first attempt
				return log.Write(line)
			}), nil)),
		})
		stop()
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error()+log.String(), "hunter2") {
			t.Errorf("%s: %v\n%s", name, err, &log)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(line []byte) (int, error) { return f(line) }

// The time to wait may end in the middle of an attempt, which says nothing about the provider.
func TestNewCutShortErrorSaysWhyProviderFailed(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			http.NotFound(w, r)
			return
		}
		stop()
		<-r.Context().Done()
	}))
	defer server.Close()
	_, err := New(ctx, Options{JWKSURL: server.URL, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "the answer is 404") {
		t.Errorf("got %v", err)
	}
}
