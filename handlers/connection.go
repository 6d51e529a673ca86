package handlers

import (
	"slices"

	"github.com/neuracampus/attendance/models"
)

// connection is which students have marked themselves over a socket. Only the handlers of the socket use it.
type connection struct {
	last    models.MarkedStudent
	earlier []models.MarkedStudent
}

// maxMarkedOver is how many marks of a socket are remembered besides the last.
const maxMarkedOver = 100

// marked notes a mark that was recorded. Repeated ones and those by teachers say nothing.
func (c *connection) marked(result models.MarkResult) {
	student := models.MarkedStudent{SessionID: result.Mark.SessionID, StudentID: result.Mark.StudentID}
	if c == nil || !result.Recorded || result.Mark.ByTeacher || student == c.last {
		return
	}
	if c.last.SessionID != 0 {
		c.earlier = append(c.earlier, c.last)
	}
	if len(c.earlier) > maxMarkedOver {
		c.earlier = slices.Delete(c.earlier, 0, 1)
	}
	c.last = student
}

// others returns the marks of other students than one. For a socket that one student alone uses, it allocates nothing.
func (c *connection) others(student models.ID) (others []models.MarkedStudent) {
	if c == nil {
		return nil
	}
	for _, other := range c.earlier {
		if !other.StudentID.Is(student) {
			others = append(others, other)
		}
	}
	if c.last.SessionID != 0 && !c.last.StudentID.Is(student) {
		others = append(others, c.last)
	}
	return others
}
