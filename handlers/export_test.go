package handlers

import (
	"context"
	"time"
)

// Routes lists the routes of the REST API as gin knows them.
func (h *Handlers) Routes() []string {
	var routes []string
	for _, r := range h.routes() {
		routes = append(routes, r.method+" /api"+r.path)
	}
	return routes
}

// UntilNextEnd returns how long EndOverdue waits until it looks again.
func (h *Handlers) UntilNextEnd(ctx context.Context, interval time.Duration) time.Duration {
	return h.untilNextEnd(ctx, interval)
}
