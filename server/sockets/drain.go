package sockets

import (
	"context"
	"time"
)

// Drain refuses new clients and new events, waits for the handlers that run, writes what they sent, and closes the transports,
// without a DISCONNECT packet, so that the clients reconnect. With DrainTime it closes the sockets one after the other first, and
// handles the events of each until then. It returns when all are closed, or with ctx's error.
func (h *Hub) Drain(ctx context.Context) error {
	h.transports.Refuse()
	if h.options.DrainTime > 0 {
		h.presence.Drain()
		if err := h.drainSockets(ctx); err != nil {
			return err
		}
	}
	h.refuseEvents()
	handled := make(chan struct{})
	go func() { // ends with the last handler
		h.handling.Wait()
		close(handled)
	}()
	if err := wait(ctx, handled); err != nil {
		return err
	}
	h.presence.Drain()
	if err := h.transports.Drain(ctx); err != nil {
		return err
	}
	if err := h.server.Close(); err != nil {
		return err
	}
	return wait(ctx, h.served)
}

// refuseEvents handles no further event of any socket.
func (h *Hub) refuseEvents() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.draining {
		h.draining = true
		close(h.stopping)
	}
}

// drainSockets begins to close the sockets that have a user at equal intervals within DrainTime.
func (h *Hub) drainSockets(ctx context.Context) error {
	sockets := h.limits.all()
	began := time.Now()
	for i, socket := range sockets {
		due := began.Add(h.options.DrainTime * time.Duration(i) / time.Duration(len(sockets)))
		if err := sleepUntil(ctx, due); err != nil {
			return err
		}
		go socket.drain() // ends with the handler that runs; Drain waits for that and for the session
	}
	return nil
}

// sleepUntil returns ctx's error if ctx ends before.
func sleepUntil(ctx context.Context, due time.Time) error {
	left := time.Until(due)
	if left <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain closes the socket when the handler that runs has answered. Events that arrive meanwhile are not handled: the client sends
// them again when it is back.
func (s *Socket) drain() {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.member.session.Drain()
}
