package engineio

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/googollee/go-socket.io/logger"
	libraryslog "golang.org/x/exp/slog"
)

var errInvalidNamespace = errors.New("Invalid namespace") //lint:ignore ST1005 the official server's wording, shown by clients

var quietOnce sync.Once

// redirectLibraryLog sends the library's log, which has an error for every client that goes away, to log at debug level. The library
// has one log for the whole process, so the first caller's counts.
func redirectLibraryLog(log *slog.Logger) {
	if log == nil {
		log = slog.Default()
	}
	quietOnce.Do(func() { logger.Log = libraryslog.New(debugHandler{log}) })
}

// debugHandler turns records of the slog that the library was built with into ours.
type debugHandler struct{ log *slog.Logger }

// Enabled implements the library's slog.Handler.
func (h debugHandler) Enabled(ctx context.Context, _ libraryslog.Level) bool {
	return h.log.Enabled(ctx, slog.LevelDebug)
}

// Handle implements the library's slog.Handler.
func (h debugHandler) Handle(ctx context.Context, record libraryslog.Record) error {
	attributes := make([]any, 0, 2*record.NumAttrs())
	record.Attrs(func(a libraryslog.Attr) bool {
		attributes = append(attributes, a.Key, a.Value.String())
		return true
	})
	h.log.DebugContext(ctx, "go-socket.io", append(attributes, "message", record.Message)...)
	return nil
}

// WithAttrs implements the library's slog.Handler; the library never calls it.
func (h debugHandler) WithAttrs([]libraryslog.Attr) libraryslog.Handler { return h }

// WithGroup implements the library's slog.Handler; the library never calls it.
func (h debugHandler) WithGroup(string) libraryslog.Handler { return h }
