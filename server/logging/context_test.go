package logging

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestLogLinesHaveIDsOfTheirContext in text and in JSON, also those that are repeated.
func TestLogLinesHaveIDsOfTheirContext(t *testing.T) {
	background := context.Background()
	for _, test := range []struct {
		name       string
		ctx        context.Context
		text, json string
	}{
		{"none", background, "", ""},
		{"request", WithRequest(background, "r1"), " request_id=r1", `,"request_id":"r1"`},
		{"connection", WithConnection(background, 0xab), " connection_id=00000000000000ab", `,"connection_id":"00000000000000ab"`},
		{
			"both", WithConnection(WithRequest(background, "r1"), 0xab),
			" request_id=r1 connection_id=00000000000000ab", `,"request_id":"r1","connection_id":"00000000000000ab"`,
		},
	} {
		var text, json bytes.Buffer
		noTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&text, noTime), slog.NewJSONHandler(&json, noTime)} {
			repeats := NewRepeats(handler, time.Hour)
			logger := slog.New(NewContext(repeats)).With("node", "a")
			logger.WarnContext(test.ctx, "trouble", "event", "mark")
			logger.WarnContext(test.ctx, "trouble", "event", "mark")
			repeats.Flush()
		}
		line := "level=WARN msg=trouble node=a event=mark" + test.text
		if want := line + "\n" + line + " repeated=1\n"; text.String() != want {
			t.Errorf("%s: wrote %q, want %q", test.name, text.String(), want)
		}
		line = `{"level":"WARN","msg":"trouble","node":"a","event":"mark"` + test.json
		if want := line + "}\n" + line + `,"repeated":1}` + "\n"; json.String() != want {
			t.Errorf("%s: wrote %q, want %q", test.name, json.String(), want)
		}
	}
}

func TestNewIDIsNeverZeroAndHas16Digits(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := NewID().String()
		if len(id) != 16 || strings.Trim(id, "0") == "" || seen[id] {
			t.Fatalf("made %q", id)
		}
		seen[id] = true
	}
}
