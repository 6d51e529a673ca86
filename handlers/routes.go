package handlers

import "net/http"

// routes lists the whole REST API. models decides who may use a route: a class that the caller may
// not see does not exist for them.
func (h *Handlers) routes() []route {
	const (
		get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
		ok, created, done             = http.StatusOK, http.StatusCreated, http.StatusNoContent

		classes, rosters, sessions, marks, reports = "Classes", "Rosters", "Sessions", "Marks", "Reports"
	)
	return []route{
		{get, "/classes", ok, classes, "List the classes that you teach or attend", does(h.listClasses)},
		{post, "/classes", created, classes, "Create a class", does(h.createClass)},
		{get, "/classes/:classId", ok, classes, "Read a class", does(h.readClass)},
		{patch, "/classes/:classId", ok, classes, "Rename a class", does(h.renameClass)},
		{put, "/classes/:classId/archived", ok, classes, "Take a class out of use, or back into use", does(h.archiveClass)},
		{get, "/classes/:classId/presence", ok, classes, "List who is connected now", doesForRoster(h.presence)},

		{get, "/classes/:classId/roster", ok, rosters, "Read the roster", doesForRoster(h.readRoster)},
		{put, "/classes/:classId/roster", ok, rosters, "Replace the roster", takesRoster(h.replaceRoster)},
		{post, "/classes/:classId/roster", ok, rosters, "Add students to the roster", takesRoster(h.addToRoster)},
		{remove, "/classes/:classId/roster/:studentId", done, rosters, "Remove a student from the roster; their marks stay", does(h.removeFromRoster)},
		{post, "/classes/:classId/roster/import", ok, rosters, "Import students from a CSV file, all or none", takesRoster(h.importRoster)},

		{get, "/classes/:classId/sessions", ok, sessions, "List sessions of a range of days, oldest first", does(h.listSessions)},
		{post, "/classes/:classId/sessions", ok, sessions, "Start today's session of a type, or open it again", doesForRoster(h.startSession)},
		{post, "/classes/:classId/sessions/end", ok, sessions, "End the active session of a type", does(h.endSession)},
		{get, "/sessions/:sessionId", ok, sessions, "Read a session with its records", doesForRoster(h.readSession)},

		{post, "/classes/:classId/marks", ok, marks, "Mark yourself or a student in the active session of a type", does(h.postMark)},
		{put, "/sessions/:sessionId/marks/:studentId", ok, marks, "Correct a mark, also after the end", does(h.correctMark)},
		{get, "/sessions/:sessionId/changes", ok, marks, "Read who changed which mark, when, how and why", does(h.listChanges)},

		{get, "/classes/:classId/statistics", ok, reports, "Add up all sessions held", does(h.classStatistics)},
		{get, "/classes/:classId/statistics/students", ok, reports, "Count by student, perhaps only those under a rate", doesForRoster(h.studentStatistics)},
		{get, "/classes/:classId/statistics/sessions", ok, reports, "Count by session: the class over time", does(h.sessionStatistics)},
		{get, "/classes/:classId/history", ok, reports, "Read your own attendance as a student", does(h.history)},
		{get, "/classes/:classId/export", ok, reports, "Export students by sessions with percentages", doesForRoster(h.exportClass)},
		{get, "/sessions/:sessionId/export", ok, reports, "Export one session", doesForRoster(h.exportSession)},
	}
}
