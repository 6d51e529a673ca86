package logging

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
)

// ID names a request or a connection in the log, so that its lines can be found. It is no secret and gives access to nothing. Zero: none.
type ID uint64

// NewID returns a random ID.
func NewID() ID { return ID(rand.Uint64() | 1) }

// String returns 16 hexadecimal digits.
func (id ID) String() string {
	var bytes [8]byte
	binary.BigEndian.PutUint64(bytes[:], uint64(id))
	return hex.EncodeToString(bytes[:])
}

type requestKey struct{}

type connectionKey struct{}

// WithRequest returns a context whose log lines have the id of a request.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// WithConnection returns a context whose log lines have the id of a connection.
func WithConnection(ctx context.Context, id ID) context.Context {
	return context.WithValue(ctx, connectionKey{}, id)
}

// contextHandler adds to each line what its context says about where it comes from.
type contextHandler struct{ slog.Handler }

// NewContext returns a handler that adds the ids of WithRequest and WithConnection, as request_id and connection_id.
func NewContext(next slog.Handler) slog.Handler { return contextHandler{next} }

// Handle implements slog.Handler.
func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	request, isRequest := ctx.Value(requestKey{}).(string)
	connection, isConnection := ctx.Value(connectionKey{}).(ID)
	if isRequest || isConnection {
		record = record.Clone()
	}
	if isRequest {
		record.AddAttrs(slog.String("request_id", request))
	}
	if isConnection {
		record.AddAttrs(slog.String("connection_id", connection.String()))
	}
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h contextHandler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attributes)}
}

// WithGroup implements slog.Handler.
func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}
