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

// Mode says how classes and rosters come into being.
type Mode int

const (
	// ModeOpen lets a class come into being when somebody joins it: its first teacher owns it, students who join or mark
	// are on its roster, and any teacher may watch it.
	ModeOpen Mode = iota
	// ModeSigned knows only the classes and rosters that were made for it. To everybody else a class does not exist.
	ModeSigned
)
