package handlers_test

import (
	"fmt"

	"github.com/neuracampus/attendance/models"
)

// eventArguments are valid arguments of every event, by the person.
var eventArguments = map[string]func(cell) string{
	"identify": func(c cell) string {
		role := c.actor.Role
		if c.actor == nobody {
			role = models.RoleStudent
		}
		return fmt.Sprintf(`{"userId":%q,"role":%q}`, c.own(), role)
	},
	"joinClass":  func(c cell) string { return fmt.Sprintf(`{"userId":%q,"classId":%q}`, c.own(), c.class) },
	"leaveClass": func(c cell) string { return fmt.Sprintf(`{"userId":%q,"classId":%q}`, c.own(), c.class) },
	"initiateAttendance": func(c cell) string {
		return fmt.Sprintf(`{"classId":%q,"teacherId":%q,"sessionType":"seminar"}`, c.class, c.own())
	},
	"endAttendance": func(c cell) string {
		return fmt.Sprintf(`{"classId":%q,"teacherId":%q,"sessionType":"lecture"}`, c.class, c.own())
	},
	"attendanceMarked": func(c cell) string {
		return fmt.Sprintf(`{"classId":%q,"studentId":%q,"studentName":"X","status":"late","sessionType":"lecture"}`, c.class, c.student())
	},
	"fetchAttendanceCode": func(c cell) string {
		return fmt.Sprintf(`{"classId":%q,"sessionType":"lecture"}`, c.class)
	},
	"fetchAttendance": func(c cell) string {
		return fmt.Sprintf(`{"classId":%q,"date":"2026-01-01","sessionType":"lecture"}`, c.class)
	},
}

// aliases are the other names of events.
var aliases = map[string]string{
	"student:joinClass": "joinClass", "student:leaveClass": "leaveClass", "teacher:startAttendance": "initiateAttendance",
	"teacher:endAttendance": "endAttendance", "student:markAttendance": "attendanceMarked",
}

// requestBodies are the bodies of the routes that take one.
var requestBodies = map[string]func(cell) string{
	"POST /api/classes":                             func(c cell) string { return fmt.Sprintf(`{"id":"new %s","name":"New"}`, c.class) },
	"PATCH /api/classes/:classId":                   func(cell) string { return `{"name":"Renamed"}` },
	"PUT /api/classes/:classId/archived":            func(cell) string { return `{"archived":false}` },
	"PUT /api/classes/:classId/roster":              func(cell) string { return `{"students":[{"id":"chen"}]}` },
	"POST /api/classes/:classId/roster":             func(cell) string { return `{"students":[{"id":"new"}]}` },
	"POST /api/classes/:classId/roster/import":      func(cell) string { return "id,name\nnew,New\n" },
	"POST /api/classes/:classId/sessions":           func(cell) string { return `{"sessionType":"seminar"}` },
	"POST /api/classes/:classId/sessions/end":       func(cell) string { return `{"sessionType":"lecture"}` },
	"POST /api/classes/:classId/marks":              func(c cell) string { return fmt.Sprintf(`{"studentId":%q,"sessionType":"lecture"}`, c.student()) },
	"PUT /api/sessions/:sessionId/marks/:studentId": func(cell) string { return `{"status":"excused","reason":"ill"}` },
	"DELETE /api/sessions/:sessionId/flags/:flagId": func(cell) string { return `{"reason":"twins"}` },
}

// variants are queries and bodies with which a route asks for more than with those of requestBodies.
var variants = []struct {
	route, name, query string
	body               func(cell) string
}{
	{"GET /api/classes", "search", "?search=a", nil},
	{"POST /api/classes", "ownerId", "", func(c cell) string { return fmt.Sprintf(`{"id":"new %s","ownerId":"faye"}`, c.class) }},
	{"DELETE /api/classes/:classId", "marks", "?marks=delete", func(cell) string { return `{"name":"Mathematics"}` }},
	{"PATCH /api/classes/:classId", "ownerId", "", func(cell) string { return `{"ownerId":"faye"}` }},
}

// withoutBody are the other routes that change something.
var withoutBody = []string{"PUT /api/classes/:classId/teachers/:teacherId"}
