package models

import "context"

// The demo class and its people. Its students are DemoStudents, with the ids "student-1", "student-2" and so on.
var (
	DemoClass   = ID{Key: "demo"}
	DemoTeacher = ID{Key: "teacher-1"}
)

// SeedDemo makes the demo class with its teacher and roster, unless it is there.
func (s *Store) SeedDemo(ctx context.Context) error {
	return errNotImplemented
}
