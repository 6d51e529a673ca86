package engineio

import (
	"log/slog"

	"github.com/neuracampus/attendance/server/descriptor"
)

// writtenTogether is to how many sessions a Writer writes in one system call. For as long as that takes, which is 5 µs or so for
// each, nothing else runs on the processor, not even the garbage collector, for which all others would wait.
const writtenTogether = 32

// Writer flushes many sessions at once, in one system call for every 32 of them where the kernel lets it. One goroutine at a time
// may use it.
type Writer struct {
	ring     *descriptor.Ring // nil: each session's write is a system call of its own
	portions []portion        // that are in the ring
}

// NewWriter returns a Writer. Log is told at debug level if it has to do without the kernel's help.
func NewWriter(log *slog.Logger) *Writer {
	ring, err := descriptor.NewRing(writtenTogether)
	if err != nil {
		log.Debug("every write is a system call of its own", "err", err)
	}
	return &Writer{ring: ring}
}

// Flush does what Session.Flush does for each of sessions, and clears the list.
func (w *Writer) Flush(sessions []*Session) {
	for i, s := range sessions {
		sessions[i] = nil
		p, ok := s.take()
		switch {
		case !ok:
		case w.ring == nil || !p.ws.hold():
			p.wrote(p.ws.tryWrite(p.data))
		default:
			w.portions = append(w.portions, p)
			if !w.ring.Add(p.ws.descriptor, p.data) {
				w.write()
			}
		}
	}
	w.write()
}

func (w *Writer) write() {
	if len(w.portions) == 0 {
		return
	}
	for i, result := range w.ring.Write() {
		p := w.portions[i]
		p.ws.let()
		p.wrote(attempted(result.Written, result.Err))
	}
	clear(w.portions)
	w.portions = w.portions[:0]
}
