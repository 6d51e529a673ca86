package engineio

import (
	"bytes"
	"log/slog"
	"strings"
	"syscall"
	"testing"
)

func TestWriterWithoutIOUringIsLoggedAndPlain(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0 // a ring is a file, so none can be made
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	writer := NewWriter(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if writer.ring != nil {
		t.Error("there is a ring")
	}
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=DEBUG") || !strings.Contains(got, "io_uring is not available") {
		t.Errorf("logged %q, want one line at debug level", got)
	}
}
