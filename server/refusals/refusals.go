// Package refusals logs which clients were refused, without letting them fill the log: one line a minute for each kind of
// refusal.
package refusals

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/neuracampus/attendance/server/tally"
)

// interval is how long refusals are counted before they are logged.
const interval = time.Minute

// maxText is how many bytes of a client's text a log line holds.
const maxText = 200

// Kinds are the kinds of refusals that Totals counts. Each is a fixed text of the code that refuses.
var Kinds = []string{
	"event flood",
	"host",
	"large answer",
	"little memory left",
	"no descriptor left",
	"origin",
	"slow client closed",
	"the server stops",
	"token of a socket",
	"token over REST",
	"too many connections",
	"too many connections from one address",
	"too many handshakes a second",
	"too many sessions without a namespace",
	"unfinished body",
	"unread answer",
}

// Log counts refusals by their kind and logs the counts at info level, once a minute. It is safe for concurrent use.
type Log struct {
	logger *slog.Logger

	totals tally.Tally // since New

	mu    sync.Mutex
	kinds map[string]*count
	timer *time.Timer // runs while there are counts
}

// count is how often a kind of refusal occurred since the last line, and its first client.
type count struct {
	times           int
	address, reason string
}

// New returns a Log that writes to logger.
func New(logger *slog.Logger) *Log {
	return &Log{logger: logger, kinds: make(map[string]*count), totals: tally.New(Kinds...)}
}

// Add counts a refusal. Kind is one of Kinds; address is the client's; reason may hold a text of the client.
func (l *Log) Add(kind, address, reason string) {
	l.totals.Add(kind)
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.kinds[kind]; c != nil {
		c.times++
		return
	}
	l.kinds[kind] = &count{times: 1, address: Cut(address), reason: Cut(reason)}
	if l.timer == nil {
		l.timer = time.AfterFunc(interval, l.Flush)
	}
}

// Flush logs the counts that were not logged yet.
func (l *Log) Flush() {
	l.mu.Lock()
	kinds := l.kinds
	l.kinds = make(map[string]*count)
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.mu.Unlock()
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		c := kinds[kind]
		l.logger.Info("clients refused", "kind", kind, "count", c.times, "first_address", c.address, "first_reason", c.reason)
	}
}

// Totals returns the number of refusals of each kind since New.
func (l *Log) Totals() map[string]int64 { return l.totals.Counts() }

// Cut returns the first 200 bytes of a client's text, without splitting a character.
func Cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) + "…"
}
