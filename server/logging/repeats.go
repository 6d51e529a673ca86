// Package logging keeps a log readable when the same line is logged thousands of times. Its handler wraps the one that writes, so
// callers use their logger as usual. It imports nothing of this server.
package logging

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// keys are the attributes that distinguish two lines with the same message. The others, such as addresses, ids and the texts of
// errors, differ in every repetition.
var keys = []string{"operation", "event", "reason", "kind", "method"}

// maxLines bounds how many different lines are counted at a time. Beyond it, lines with the same message count as the same.
const maxLines = 1000

// Repeats is a slog.Handler that writes a line at once, and repetitions of it as one more line at the end of each interval: the last
// of them, with their number as "repeated". Lines are the same if their level, message and key attributes are. Debug lines
// are all written. It is safe for concurrent use; Flush writes what is still counted.
type Repeats struct {
	next  slog.Handler
	with  string // key attributes that the logger has
	lines *lines // shared with the handlers made from this one
}

type lines struct {
	interval time.Duration

	mu     sync.Mutex
	counts map[string]*line
}

// line is a line that was written, and its repetitions since then.
type line struct {
	next     slog.Handler
	last     slog.Record
	repeated int
	timer    *time.Timer // ends the interval
}

// NewRepeats returns a handler in front of next.
func NewRepeats(next slog.Handler, interval time.Duration) *Repeats {
	return &Repeats{next: next, lines: &lines{interval: interval, counts: make(map[string]*line)}}
}

// Enabled implements slog.Handler.
func (r *Repeats) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (r *Repeats) WithAttrs(attributes []slog.Attr) slog.Handler {
	var with strings.Builder
	with.WriteString(r.with)
	for _, attribute := range attributes {
		addKey(&with, attribute)
	}
	return &Repeats{r.next.WithAttrs(attributes), with.String(), r.lines}
}

// WithGroup implements slog.Handler.
func (r *Repeats) WithGroup(name string) slog.Handler {
	return &Repeats{r.next.WithGroup(name), r.with, r.lines}
}

// Handle implements slog.Handler.
func (r *Repeats) Handle(ctx context.Context, record slog.Record) error {
	if record.Level < slog.LevelInfo || !r.lines.begin(r.key(record), r.next, record) {
		return r.next.Handle(ctx, record)
	}
	return nil
}

func (r *Repeats) key(record slog.Record) string {
	var key strings.Builder
	key.WriteString(record.Level.String() + " " + record.Message)
	key.WriteString(r.with)
	record.Attrs(func(attribute slog.Attr) bool {
		addKey(&key, attribute)
		return true
	})
	return key.String()
}

func addKey(to *strings.Builder, attribute slog.Attr) {
	if slices.Contains(keys, attribute.Key) {
		to.WriteString("\x00" + attribute.Key + "=" + attribute.Value.String())
	}
}

// begin reports whether a line repeats another, which it then counts.
func (l *lines) begin(key string, next slog.Handler, record slog.Record) (repeats bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.counts) >= maxLines && l.counts[key] == nil {
		key, _, _ = strings.Cut(key, "\x00")
	}
	if known := l.counts[key]; known != nil {
		known.repeated++
		known.next, known.last = next, record.Clone()
		return true
	}
	l.counts[key] = &line{timer: time.AfterFunc(l.interval, func() { l.end(key) })}
	return false
}

// end writes the repetitions of an interval. It removes a line that had none.
func (l *lines) end(key string) {
	l.mu.Lock()
	known := l.counts[key]
	if known == nil {
		l.mu.Unlock()
		return // flushed
	}
	write := known.take()
	if write == nil {
		delete(l.counts, key)
	} else {
		known.timer.Reset(l.interval)
	}
	l.mu.Unlock()
	if write != nil {
		write()
	}
}

// take returns a function that writes the repetitions, nil if there are none.
func (k *line) take() (write func()) {
	if k.repeated == 0 {
		return nil
	}
	next, last := k.next, k.last
	last.AddAttrs(slog.Int("repeated", k.repeated))
	k.repeated, k.last = 0, slog.Record{}
	return func() { _ = next.Handle(context.Background(), last) } // an error of the log cannot be logged
}

// Flush writes the repetitions that were counted and not written yet. Call it before the process ends.
func (r *Repeats) Flush() {
	r.lines.mu.Lock()
	var writes []func()
	for _, known := range r.lines.counts {
		known.timer.Stop()
		if write := known.take(); write != nil {
			writes = append(writes, write)
		}
	}
	clear(r.lines.counts)
	r.lines.mu.Unlock()
	for _, write := range writes {
		write()
	}
}
