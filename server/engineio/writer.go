package engineio

import (
	"log/slog"

	"github.com/neuracampus/attendance/server/iouring"
)

const (
	// ringSize is to how many sessions a Writer writes in one system call (docs/performance.md, "io_uring").
	ringSize = 64
	// minInRing is the least number of sessions for which that is worth it.
	minInRing = 4
)

// Writer flushes many sessions, in one system call for up to 64 of them if the kernel allows it. One goroutine at a time may use it.
type Writer struct {
	ring    ring           // nil: each write is a system call of its own
	writing []sessionWrite // what is in the ring
}

// ring is what a Writer needs of an iouring.Ring.
type ring interface {
	Add(descriptor uintptr, data []byte) (room bool)
	Send() []iouring.Result
}

// sessionWrite is a write that is under way.
type sessionWrite struct {
	session *Session
	queuedWrite
}

// NewWriter returns a Writer that uses io_uring if the kernel allows it. Otherwise it says so in the log, at debug level.
func NewWriter(logger *slog.Logger) *Writer {
	ring, err := iouring.New(ringSize)
	if err != nil {
		logger.Debug("io_uring is not available, so each write is a system call of its own", "err", err)
		return NewPlainWriter()
	}
	return &Writer{ring: ring}
}

// NewPlainWriter returns a Writer whose writes are a system call each.
func NewPlainWriter() *Writer { return &Writer{} }

// Flush does what Session.Flush does, for each of sessions, and clears the list.
func (w *Writer) Flush(sessions []*Session) {
	together := w.ring != nil && len(sessions) >= minInRing
	for i, s := range sessions {
		sessions[i] = nil
		if !together {
			s.Flush()
			continue
		}
		next, ok := s.beginFlush()
		switch {
		case !ok:
		case next.ws.raw == nil:
			s.written(next, 0, nil)
		default:
			w.add(s, next)
		}
	}
	w.send()
}

func (w *Writer) add(s *Session, next queuedWrite) {
	w.writing = append(w.writing, sessionWrite{s, next})
	if !w.ring.Add(next.ws.descriptor, next.data) {
		w.send()
	}
}

// send does the writes that are in the ring.
func (w *Writer) send() {
	if len(w.writing) == 0 {
		return
	}
	for i, result := range w.ring.Send() {
		sent, err := attempted(result.Sent, result.Err)
		w.writing[i].session.written(w.writing[i].queuedWrite, sent, err)
	}
	clear(w.writing)
	w.writing = w.writing[:0]
}
