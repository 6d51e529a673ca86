package logging_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/logging"
)

// logBuffer holds the lines that were written, without their times.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := strings.TrimSpace(b.text.String())
	b.text.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func newLog() (*logging.Repeats, *logBuffer) {
	written := &logBuffer{}
	text := slog.NewTextHandler(written, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})
	return logging.NewRepeats(text, time.Minute), written
}

func TestRepeatsSameLineWrittenOnceWithCount(t *testing.T) {
	for _, test := range []struct {
		name  string
		log   func(logger *slog.Logger)
		first []string // at once
		later []string // after a minute
	}{
		{"one line", func(l *slog.Logger) { l.Warn("w") }, []string{"level=WARN msg=w"}, nil},
		{
			"30000 errors of one operation", func(l *slog.Logger) {
				for i := range 30_000 {
					l.Error("the database is not available", "operation", "join", "err", errors.New(fmt.Sprint(i)))
				}
			},
			[]string{`level=ERROR msg="the database is not available" operation=join err=0`},
			[]string{`level=ERROR msg="the database is not available" operation=join err=29999 repeated=29999`},
		},
		{
			"two operations", func(l *slog.Logger) { l.Error("e", "operation", "a"); l.Error("e", "operation", "b") },
			[]string{"level=ERROR msg=e operation=a", "level=ERROR msg=e operation=b"},
			nil,
		},
		{"two levels", func(l *slog.Logger) { l.Error("e"); l.Warn("e") }, []string{"level=ERROR msg=e", "level=WARN msg=e"}, nil},
		{
			"refused tokens at info", func(l *slog.Logger) {
				for i := range 3 {
					l.Info("token refused", "reason", "token_expired", "client", i)
				}
			},
			[]string{"level=INFO msg=\"token refused\" reason=token_expired client=0"},
			[]string{"level=INFO msg=\"token refused\" reason=token_expired client=2 repeated=2"},
		},
		{"debug", func(l *slog.Logger) { l.Debug("d"); l.Debug("d") }, []string{"level=DEBUG msg=d", "level=DEBUG msg=d"}, nil},
		{"attributes of the logger", func(l *slog.Logger) {
			l.With("operation", "a").Warn("w")
			l.With("operation", "b").Warn("w")
			l.With("operation", "b").WithGroup("g").Warn("w", "x", 1)
		}, []string{"level=WARN msg=w operation=a", "level=WARN msg=w operation=b"}, []string{"level=WARN msg=w operation=b g.x=1 g.repeated=1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				repeats, written := newLog()
				test.log(slog.New(repeats))
				if got := written.take(); strings.Join(got, "\n") != strings.Join(test.first, "\n") {
					t.Errorf("at once: %q, want %q", got, test.first)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if got := written.take(); strings.Join(got, "\n") != strings.Join(test.later, "\n") {
					t.Errorf("after a minute: %q, want %q", got, test.later)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				if got := written.take(); got != nil {
					t.Errorf("after two minutes: %q", got)
				}
				test.log(slog.New(repeats))
				if got := written.take(); strings.Join(got, "\n") != strings.Join(test.first, "\n") {
					t.Errorf("at once, later: %q, want %q", got, test.first)
				}
				repeats.Flush()
				if got := written.take(); strings.Join(got, "\n") != strings.Join(test.later, "\n") {
					t.Errorf("flushed: %q, want %q", got, test.later)
				}
			})
		})
	}
}

func TestRepeatsDistinctLinesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repeats, written := newLog()
		for i := range 5000 {
			slog.New(repeats).Warn("w", "reason", i)
		}
		if got := len(written.take()); got != 1001 {
			t.Errorf("%d lines at once, want the first 1000 and one for all others", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := written.take(); len(got) != 1 || !strings.HasSuffix(got[0], "repeated=3999") {
			t.Errorf("after a minute: %q", got)
		}
		time.Sleep(time.Minute)
	})
}
