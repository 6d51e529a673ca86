package engineio

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// overtakeTimeout is how long a request waits for another one of the same client that was sent before it but may be read
// after it, since they come over different connections.
const overtakeTimeout = 100 * time.Millisecond

const (
	// maxInboxBytes is how much may wait for the handlers of one polling client before its next POST has to wait.
	maxInboxBytes = 1 << 20

	// inboxCost is what a message costs beside its data. Without it, empty ones could come without end.
	inboxCost = 64
)

// Values of headers, not to be changed: a poll is answered thousands of times a second.
var (
	typeText   = []string{"text/plain; charset=UTF-8"}
	typeBinary = []string{"application/octet-stream"}
	typeHTML   = []string{"text/html"}
	typeJSON   = []string{"application/json"}
	noStore    = []string{"no-store"}
)

// poll is a GET that waits for something to send.
type poll struct {
	ready chan struct{}
	once  sync.Once
	last  *codec.Message // what must be sent after the queue, if anything
}

func newPoll() *poll { return &poll{ready: make(chan struct{})} }

func (p *poll) wake() { p.once.Do(func() { close(p.ready) }) }

// answer wakes the poll and makes it send m at the end. The caller holds the session's mu.
func (p *poll) answer(m *codec.Message) {
	p.last = m
	p.wake()
}

// servePoll answers a GET: with what is queued, or else with what comes next.
func (s *Session) servePoll(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	// The client may be about to finish its upgrade, or have done so already and we have not read it yet.
	if s.probed || s.probing && len(s.queue) == 0 {
		s.mu.Unlock()
		s.awaitUpgrade()
		s.mu.Lock()
	}
	if refusal := s.pollingRefusal(); refusal != nil {
		s.mu.Unlock()
		s.transports.refuse(w, *refusal)
		return
	}
	if s.poll != nil {
		s.mu.Unlock()
		s.closeForViolation("two polls at once")
		s.transports.refuse(w, errorBadRequest)
		return
	}
	p := newPoll()
	s.poll = p
	if s.probed {
		p.answer(noopMessage)
	} else if len(s.queue) > 0 {
		p.wake()
	}
	s.changed.Broadcast()
	s.mu.Unlock()

	select {
	case <-p.ready:
	case <-r.Context().Done():
	}
	if r.Context().Err() != nil { // even if there is something to send: the client would not get it
		s.close(endedByCancel, closeMessage)
		return
	}

	s.mu.Lock()
	s.poll = nil
	var packets []codec.Packet
	for _, m := range s.queue {
		packets = append(packets, m.Packets()...)
	}
	clear(s.queue)
	large := s.takeLarge()
	s.queue, s.queued, s.queuedSize = nil, 0, 0
	if p.last != nil && (len(packets) == 0 || s.closed) {
		packets = append(packets, p.last.Packets()...)
	}
	s.mu.Unlock()

	body, binary := codec.AppendPayload(nil, packets, s.revision, s.base64Only)
	s.transports.counters.sent[overPolling].Add(int64(len(body)))
	contentType := typeText
	if binary {
		contentType = typeBinary
	}
	err := writeAnswer(w, http.StatusOK, contentType, body, s.transports.options.peerTimeout())
	if large != 0 {
		s.transports.large.bytes.Add(-large)
	}
	if err != nil {
		s.closeBroken(err)
	}
}

// pollingRefusal returns what a request over polling is refused with, nil if the session takes it. A session that is ending gives the
// answer of one that has ended, as the official server does. The caller holds mu.
func (s *Session) pollingRefusal() *httpError {
	switch {
	case s.closed:
		return &errorUnknownSID
	case s.ws != nil:
		return &errorBadRequest
	}
	return nil
}

// awaitUpgrade waits a moment for the client's upgrade packet, but before the probe not while there is something to send.
func (s *Session) awaitUpgrade() {
	s.awaitChange(overtakeTimeout, func() bool { return s.ws != nil || s.closed || !s.probed && len(s.queue) > 0 })
}

// awaitPoll waits a moment for the poll that is to be told of the session's end: the request that ends it may have overtaken it, or the
// client may be between two polls. None comes over WebSocket.
func (s *Session) awaitPoll() {
	s.awaitChange(overtakeTimeout, func() bool { return s.poll != nil || s.ws != nil || s.closed })
}

// awaitChange waits until done, for timeout at the most. Done is called with mu held, whenever the session may have changed.
func (s *Session) awaitChange(timeout time.Duration, done func() bool) {
	late := false
	timer := time.AfterFunc(timeout, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		late = true
		s.changed.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !late && !done() {
		s.changed.Wait()
	}
}

// writeAnswer answers a request. It fails if the client has not read the answer within timeout.
func writeAnswer(w http.ResponseWriter, status int, contentType []string, body []byte, timeout time.Duration) error {
	header := w.Header()
	header["Content-Type"] = contentType
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	header["Cache-Control"] = noStore
	// net/http takes the deadline back with the end of the request. What cannot set one is no HTTP server's writer.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout))
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// servePost takes what the client sends. A client has one POST at a time.
func (s *Session) servePost(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refusal, limit, overlaps := s.pollingRefusal(), s.limit(), s.posting
	s.posting = true
	s.mu.Unlock()
	if refusal != nil {
		s.transports.refuse(w, *refusal)
		return
	}
	if overlaps { // as in the official server (engine.io, transports/polling.ts, onDataRequest): each holds a body in memory
		s.closeForViolation("two posts at once")
		s.transports.refuse(w, errorBadRequest)
		return
	}
	if r.ContentLength > int64(limit) { // before it arrives: the client may never send it
		w.Header().Set("Connection", "close")
		s.refuseTooBig(w, limit)
		return
	}
	options := &s.transports.options
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			s.refuseTooBig(w, limit)
			return
		}
		s.closeBroken(err)
		s.transports.refuse(w, errorBadRequest)
		return
	}
	// A deadline that the HTTP server has set was the body's; the handlers may be longer behind.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	s.transports.counters.received[overPolling].Add(int64(len(body)))
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // without one it is text
	packets, err := codec.DecodePayload(body, s.revision, mediaType == "application/octet-stream")
	if err != nil {
		_ = s.violation("undecodable payload") // the same error
		s.transports.refuse(w, errorBadRequest)
		return
	}
	if s.ended() { // while the body came
		s.transports.refuse(w, errorUnknownSID)
		return
	}
	for _, p := range packets {
		if p.Type() == codec.PacketClose {
			s.awaitPoll()
		}
		message, deliver, err := s.accept(p)
		if errors.Is(err, codec.ErrBadPacket) {
			s.transports.refuse(w, errorBadRequest)
			return
		}
		if err != nil {
			break
		}
		if deliver && !s.push(message) {
			s.transports.refuse(w, errorUnknownSID)
			return
		}
	}
	s.mu.Lock()
	s.posting = false
	s.mu.Unlock()
	// The connection is gone if this fails; the next poll finds out.
	_ = writeAnswer(w, http.StatusOK, typeHTML, []byte("ok"), options.peerTimeout())
}

// refuseTooBig answers a POST over the limit and ends the session. The refusal goes first: an official client that gets it ends the
// session itself, with "transport error"; one whose poll is answered before sees a "transport close" that explains nothing.
func (s *Session) refuseTooBig(w http.ResponseWriter, limit int) {
	s.transports.counters.refused.Add(reasonTooLarge)
	body := "the payload is over the limit of " + strconv.Itoa(limit) + " bytes\n"
	_ = writeAnswer(w, http.StatusRequestEntityTooLarge, typeText, []byte(body), refusalTimeout) // the client is gone if this fails
	_ = http.NewResponseController(w).Flush()
	s.awaitChange(overtakeTimeout, func() bool { return s.closed })
	s.closeForViolation(codec.ErrTooBig.Error())
}

// push puts a message into the inbox, waiting while the handlers are behind. It returns false if the session has ended.
func (s *Session) push(message codec.Packet) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.inboxBytes > min(maxInboxBytes, s.limit()) && !s.closed {
		s.changed.Wait()
	}
	if s.closed {
		return false
	}
	s.inbox = append(s.inbox, message)
	s.inboxBytes += len(message.Data) + inboxCost
	s.changed.Broadcast()
	return true
}
