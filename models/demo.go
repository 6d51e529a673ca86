package models

import (
	"context"
	"errors"
	"fmt"
)

// The demo class with its teacher and students. The students have the ids "student-1", "student-2" and so on.
var (
	DemoClass    = ID{Key: "demo"}
	DemoTeacher  = ID{Key: "teacher-1"}
	DemoStudents = demoStudents("Asha Rao", "देवांशी शर्मा", "李小龍", "Zoë Müller", "Иван Петров", "سارة الخطيب", "Nguyễn Thị Hoa",
		"김민준", "Chidinma Okafor", "María José Núñez", "தமிழ் செல்வன்", "Søren Kierkegaard")
)

func demoStudents(names ...string) []Student {
	students := make([]Student, len(names))
	for i, name := range names {
		students[i] = Student{ID: ID{Key: fmt.Sprintf("student-%d", i+1)}, Name: name}
	}
	return students
}

// SeedDemo makes the demo class with its teacher and roster. A class of that id that is there already stays as it is.
func (s *Store) SeedDemo(ctx context.Context) error {
	teacher := Actor{ID: DemoTeacher, Role: RoleTeacher}
	_, err := s.CreateClass(ctx, teacher, DemoClass, "Demo class")
	if errors.Is(err, ErrClassExists) {
		return nil
	}
	if err == nil {
		_, err = s.AddToRoster(ctx, teacher, DemoClass, DemoStudents)
	}
	return err
}
