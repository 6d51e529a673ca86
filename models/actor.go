package models

// Role is what a user may do at all.
type Role string

// The roles.
const (
	RoleTeacher Role = "teacher"
	RoleStudent Role = "student"
	RoleAdmin   Role = "admin" // only a token says so, in signed mode
)

// Actor is the user who asks for something. The caller has checked who it is.
type Actor struct {
	ID   ID
	Role Role
}

// ActsAsTeacher tells whether the user does what teachers do. An administrator is a teacher of every class.
func (a Actor) ActsAsTeacher() bool { return a.Role == RoleTeacher || a.Role == RoleAdmin }
