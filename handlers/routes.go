package handlers

import "net/http"

// The groups of routes in the documentation.
const (
	groupClasses  = "Classes"
	groupRosters  = "Rosters"
	groupSessions = "Sessions"
	groupMarks    = "Marks"
	groupReports  = "Reports"
	groupPrivacy  = "Privacy"
)

// routes lists the whole REST API. models decides who may use a route: a class that the caller may
// not see does not exist for them.
func (h *Handlers) routes() []route {
	const (
		get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
		ok, created, done             = http.StatusOK, http.StatusCreated, http.StatusNoContent
	)
	return []route{
		{get, "/classes", "listClasses", ok, groupClasses, "List the classes that you teach or attend, or as an administrator all", does(h.listClasses)},
		{post, "/classes", "createClass", created, groupClasses, "Create a class", does(h.createClass)},
		{get, "/classes/:classId", "readClass", ok, groupClasses, "Read a class", does(h.readClass)},
		{patch, "/classes/:classId", "changeClass", ok, groupClasses, "Change the name or the rules of a class or what its students see of each other, or hand it over", does(h.changeClass)},
		{remove, "/classes/:classId", "deleteClass", done, groupClasses, "Delete a class, as the owner or an administrator", doesForRoster(h.deleteClass)},
		{put, "/classes/:classId/archived", "archiveClass", ok, groupClasses, "Take a class out of use, or back into use", does(h.archiveClass)},
		{get, "/classes/:classId/presence", "listPresent", ok, groupClasses, "List who is connected now", doesForRoster(h.presence)},
		{get, "/classes/:classId/teachers", "listTeachers", ok, groupClasses, "List the teachers of a class", does(h.listTeachers)},
		{put, "/classes/:classId/teachers/:teacherId", "addTeacher", ok, groupClasses, "Add a teacher, as the owner or an administrator", does(h.addTeacher)},
		{remove, "/classes/:classId/teachers/:teacherId", "removeTeacher", done, groupClasses, "Remove a teacher, as the owner or an administrator", does(h.removeTeacher)},

		{get, "/classes/:classId/roster", "readRoster", ok, groupRosters, "Read the roster", doesForRoster(h.readRoster)},
		{put, "/classes/:classId/roster", "replaceRoster", ok, groupRosters, "Replace the roster", takesRoster(h.replaceRoster)},
		{post, "/classes/:classId/roster", "addToRoster", ok, groupRosters, "Add students to the roster", takesRoster(h.addToRoster)},
		{remove, "/classes/:classId/roster/:studentId", "removeFromRoster", done, groupRosters, "Remove a student from the roster; their marks stay", does(h.removeFromRoster)},
		{post, "/classes/:classId/roster/import", "importRoster", ok, groupRosters, "Import students from a CSV file, all or none", takesRoster(h.importRoster)},

		{get, "/classes/:classId/sessions", "listSessions", ok, groupSessions, "List sessions of a range of days, oldest first", does(h.listSessions)},
		{post, "/classes/:classId/sessions", "startSession", ok, groupSessions, "Start today's session of a type, or open it again", doesForRoster(h.startSession)},
		{post, "/classes/:classId/sessions/end", "endSession", ok, groupSessions, "End the active session of a type", does(h.endSession)},
		{get, "/sessions/:sessionId", "readSession", ok, groupSessions, "Read a session with its records", doesForRoster(h.readSession)},

		{post, "/classes/:classId/marks", "mark", ok, groupMarks, "Mark yourself or a student in the active session of a type", does(h.postMark)},
		{put, "/sessions/:sessionId/marks/:studentId", "correctMark", ok, groupMarks, "Correct a mark, also after the end", does(h.correctMark)},
		{get, "/sessions/:sessionId/changes", "listChanges", ok, groupMarks, "Read who changed which mark, when, how and why", does(h.listChanges)},
		{get, "/sessions/:sessionId/flags", "listFlags", ok, groupMarks, "List what teachers may want to look at: students who shared a connection or a device", does(h.listFlags)},
		{remove, "/sessions/:sessionId/flags/:flagId", "dismissFlag", done, groupMarks, "Dismiss a flag with a reason; it stays in the list", does(h.dismissFlag)},

		{get, "/classes/:classId/statistics", "readStatistics", ok, groupReports, "Add up all sessions held", does(h.classStatistics)},
		{get, "/classes/:classId/statistics/students", "listStudentStatistics", ok, groupReports, "Count by student, perhaps only those under a rate", doesForRoster(h.studentStatistics)},
		{get, "/classes/:classId/statistics/sessions", "listSessionStatistics", ok, groupReports, "Count by session: the class over time", does(h.sessionStatistics)},
		{get, "/classes/:classId/history", "readHistory", ok, groupReports, "Read your own attendance as a student", does(h.history)},
		{get, "/classes/:classId/export", "exportClass", ok, groupReports, "Export students by sessions with percentages", doesForRoster(h.exportClass)},
		{get, "/sessions/:sessionId/export", "exportSession", ok, groupReports, "Export one session", doesForRoster(h.exportSession)},

		{get, "/students/:studentId/export", "exportStudent", ok, groupPrivacy, "Export what is stored about a student, as that student or an administrator", doesForRoster(h.exportStudent)},
		{remove, "/students/:studentId", "eraseStudent", done, groupPrivacy, "Replace a student by a pseudonym everywhere, as an administrator; the counts stay", doesForRoster(h.eraseStudent)},
	}
}
