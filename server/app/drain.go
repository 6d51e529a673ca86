package app

import (
	"context"
	"errors"
	"time"
)

// drainStep is how long a node of a cluster waits until the balancer sends new clients elsewhere, and again how long it takes to close
// the connections. Both together leave most of SHUTDOWN_TIMEOUT for the work that has begun.
func (a *App) drainStep() time.Duration { return min(2*time.Second, a.settings.ShutdownTimeout/5) }

// awaitBalancer gives the balancer time to see the answer of /readyz. A server that is alone has no other to send clients to.
func (a *App) awaitBalancer(ctx context.Context) {
	if !a.settings.Cluster {
		return
	}
	select {
	case <-time.After(a.drainStep()):
	case <-ctx.Done():
	}
}

// clientGrace is how long a stop waits for clients to finish sending their requests and to read their answers.
const clientGrace = time.Second

// finish closes the engine sessions and waits for the handlers that work. It ends the requests that wait for their clients.
func (a *App) finish(ctx context.Context) error {
	drained := a.hub.Drain(ctx)
	closed := make(chan struct{})
	go func() { // ends with the last connection, at the latest with http.Close
		_ = a.http.Shutdown(ctx) // a timeout is no failure, because Close follows
		close(closed)
	}()
	worked := a.requests.wait(ctx)
	select {
	case <-closed:
	case <-time.After(clientGrace):
		worked = errors.Join(worked, a.requests.wait(ctx)) // another body may have arrived
	}
	return errors.Join(drained, worked, a.http.Close())
}
