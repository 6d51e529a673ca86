package engineio

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

// maxLargeTotal is how many times QueueBytes the large messages may have that wait for all clients together. Each client may have
// some beside its send queue, so without this limit many clients that read nothing could take all the memory.
const maxLargeTotal = 16

// largeTotal is the size of the large messages that wait for all clients together.
type largeTotal struct {
	mu    sync.Mutex // held while a message is compared with the limit and queued; taken before Session.mu
	bytes atomic.Int64
}

// SendAnswer is Send for an answer that may be large, and that the client may get a second time as an acknowledgement. It returns
// false, and sends nothing, if the large messages that wait for all clients together would exceed their limit. It never blocks on a
// client.
func (s *Session) SendAnswer(m *codec.Message) bool {
	if s.countOf(m).larges == 0 {
		s.Send(m)
		return true
	}
	total := &s.transports.large
	total.mu.Lock()
	if waiting := total.bytes.Load(); waiting+fewLarge*int64(m.Size()) > int64(maxLargeTotal*s.transports.options.QueueBytes) {
		total.mu.Unlock()
		s.transports.options.Refused("large answer", s.remote, fmt.Sprintf("%d bytes of large answers wait, %d bytes come up", waiting, m.Size()))
		return false
	}
	flush := s.Enqueue(m)
	total.mu.Unlock()
	if flush {
		s.Flush()
	}
	return true
}

// takeLarge takes the large messages out of the count of the session and returns the bytes that the caller must take out of the total
// when the messages are written. The caller holds mu.
func (s *Session) takeLarge() int64 {
	taken := int64(s.largeSize)
	if s.closed {
		taken = 0 // the end of the session took them out
	}
	s.larges, s.largeSize = 0, 0
	return taken
}
