package engineio

// Queued returns how many packets are in the send queue or being written.
func (s *Session) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queued
}
