package engineio

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	libraryslog "golang.org/x/exp/slog"

	"github.com/googollee/go-socket.io/logger"
)

func TestLibraryLogsAtDebugLevel(t *testing.T) {
	redirectLibraryLog(nil)
	if _, ok := logger.Log.Handler().(debugHandler); !ok {
		t.Fatalf("the library logs to %T", logger.Log.Handler())
	}
	var text strings.Builder
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug} {
		text.Reset()
		handler := debugHandler{slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: level}))}
		libraryslog.New(handler).Error("a client went away", "why", "it rained")
		switch got := text.String(); {
		case level == slog.LevelInfo && got != "":
			t.Errorf("logged %q", got)
		case level == slog.LevelDebug && !strings.Contains(got, `level=DEBUG msg=go-socket.io why="it rained" message="a client went away"`):
			t.Errorf("logged %q", got)
		}
	}
	if (debugHandler{slog.New(slog.DiscardHandler)}).Enabled(context.Background(), libraryslog.LevelError) {
		t.Error("records are made although the log discards them")
	}
}
