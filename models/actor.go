package models

// Role is what a user may do at all.
type Role string

// The roles.
const (
	RoleTeacher Role = "teacher"
	RoleStudent Role = "student"
)

// Actor is the user who asks for something. The caller has checked who it is.
type Actor struct {
	ID   ID
	Role Role
}

func (a Actor) teaches(class Class) bool {
	return a.Role == RoleTeacher && !a.ID.IsZero() && class.Owner.Is(a.ID)
}
