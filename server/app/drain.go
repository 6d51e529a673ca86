package app

import (
	"context"
	"errors"
	"time"
)

// awaitBalancer gives the balancer time to see the answer of /readyz, so that it sends new clients elsewhere.
func (a *App) awaitBalancer(ctx context.Context) {
	select {
	case <-time.After(a.settings.DrainDelay):
	case <-ctx.Done():
	}
}

// clientGrace is how long a stop waits for clients to finish sending their requests and to read their answers.
const clientGrace = time.Second

// finish closes the engine sessions and waits for the handlers that work. It ends the requests that wait for their clients. Served is
// what serve returned.
func (a *App) finish(ctx context.Context, served <-chan error) error {
	if a.activated {
		a.leaveSockets(ctx, served)
	}
	drained := a.hub.Drain(ctx)
	closed := a.shutDown(ctx)
	worked := a.requests.wait(ctx)
	select {
	case <-closed:
	case <-time.After(clientGrace):
		worked = errors.Join(worked, a.requests.wait(ctx)) // another body may have arrived
	}
	return errors.Join(drained, worked, a.http.Close())
}

// leaveSockets leaves further connections to the next process, in the service manager's sockets: a refusal would cost a client one of its
// tries. Those that were accepted are served before new clients are refused.
func (a *App) leaveSockets(ctx context.Context, served <-chan error) {
	listeners := a.listeners()
	for _, listener := range listeners {
		_ = listener.Close() // an error means that it is closed already
	}
	for range listeners { // then every accepted connection has been counted
		a.logger.Debug("a listener is left to the next process", "reason", <-served)
	}
	a.http.SetKeepAlivesEnabled(false)
	a.connections.awaitFirstRequests(ctx)
}

// shutDown accepts no further connection, and closes those that wait for a request. The channel is closed when all are.
func (a *App) shutDown(ctx context.Context) <-chan struct{} {
	closed := make(chan struct{})
	go func() { // ends with the last connection, at the latest with http.Close
		_ = a.http.Shutdown(ctx) // a timeout is no failure, because Close follows
		close(closed)
	}()
	return closed
}

// stopping returns the context of a stop: it ends after SHUTDOWN_TIMEOUT, or when hurried does.
func (a *App) stopping(hurried context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(hurried, a.settings.ShutdownTimeout)
}
