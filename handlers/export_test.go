package handlers

// Routes lists the routes of the REST API as gin knows them.
func (h *Handlers) Routes() []string {
	var routes []string
	for _, r := range h.routes() {
		routes = append(routes, r.method+" /api"+r.path)
	}
	return routes
}
