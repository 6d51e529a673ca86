package models

// Role is what somebody may do at all.
type Role string

// The roles.
const (
	RoleTeacher Role = "teacher"
	RoleStudent Role = "student"
)

// Actor is who asks for something. Whether that is believed or proven is the edge's business.
type Actor struct {
	ID   ID
	Role Role
}

func (a Actor) teaches(class Class) bool {
	return a.Role == RoleTeacher && !a.ID.IsZero() && class.Owner.Is(a.ID)
}
