package refusals

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

func TestLogWritesOneLineAMinutePerKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := New(slog.New(slog.NewTextHandler(&log, nil)))
		for range 1000 {
			l.Add("token", "10.0.0.1", "expired")
			l.Add("origin", "10.0.0.2", "https://evil.example")
		}
		l.Add("token", "10.0.0.3", "malformed")
		time.Sleep(interval)
		synctest.Wait()
		checkLines(t, &log,
			`kind=origin count=1000 first_address=10.0.0.2 first_reason=https://evil.example`,
			`kind=token count=1001 first_address=10.0.0.1 first_reason=expired`)

		time.Sleep(10 * interval)
		synctest.Wait()
		checkLines(t, &log)

		l.Add("token", "10.0.0.4", "expired")
		l.Flush() // as when the server stops
		checkLines(t, &log, `kind=token count=1 first_address=10.0.0.4 first_reason=expired`)
		l.Flush()
		checkLines(t, &log)
	})
}

// checkLines fails unless log holds exactly the lines that end in these texts, and empties it.
func checkLines(t *testing.T, log *bytes.Buffer, ends ...string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	log.Reset()
	if len(ends) == 0 && lines[0] == "" {
		return
	}
	if len(lines) != len(ends) {
		t.Fatalf("%d lines, want %d: %q", len(lines), len(ends), lines)
	}
	for i, end := range ends {
		if !strings.Contains(lines[i], `level=INFO msg="clients refused"`) || !strings.HasSuffix(lines[i], end) {
			t.Errorf("line %q, want %q at its end", lines[i], end)
		}
	}
}

func FuzzCutKeepsWholeCharacters(f *testing.F) {
	f.Add(strings.Repeat("a", 200))
	f.Add(strings.Repeat("a", 199) + "é")
	f.Add(strings.Repeat("क", 100))
	f.Add(strings.Repeat("\x80", 300))
	f.Fuzz(func(t *testing.T, text string) {
		cut := Cut(text)
		if len(text) <= maxText {
			if cut != text {
				t.Errorf("%q became %q", text, cut)
			}
			return
		}
		kept := strings.TrimSuffix(cut, "…")
		if len(kept) > maxText || len(kept) < maxText-utf8.UTFMax || !strings.HasPrefix(text, kept) || utf8.ValidString(text) && !utf8.ValidString(cut) {
			t.Errorf("%q became %q", text, cut)
		}
	})
}
