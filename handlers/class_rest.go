package handlers

import (
	"context"
	"strings"

	"github.com/neuracampus/attendance/models"
)

// ofClass is what every route of one class takes.
type ofClass struct {
	ClassID models.ID `path:"classId"`
}

type classReply struct {
	ID        models.ID        `json:"id"`
	Name      string           `json:"name" doc:"May be empty"`
	TeacherID *models.ID       `json:"teacherId" doc:"Null while nobody teaches it, which only open mode knows"`
	Archived  bool             `json:"archived"`
	CreatedAt models.Timestamp `json:"createdAt"`
	classRules
}

// classRules are the rules that sessions of a class start with.
type classRules struct {
	Proof     models.Proof   `json:"proof" doc:"What a student's mark must carry: none, or the code that is shown in class"`
	LateAfter models.Minutes `json:"lateAfter" doc:"Minutes after the start from which on a student who is present is late; null: never"`
	EndsAfter models.Minutes `json:"endsAfter" doc:"Minutes after the start at which a session ends by itself; null: after SESSION_MAX"`
}

func classOut(class models.Class) classReply {
	reply := classReply{
		ID: class.ID, Name: class.Name, Archived: class.ArchivedAt != 0, CreatedAt: class.MadeAt,
		classRules: classRules{class.Rules.Proof, class.Rules.LateAfter, class.Rules.EndsAfter},
	}
	if !class.Owner.IsZero() {
		reply.TeacherID = &class.Owner
	}
	return reply
}

type classesReply struct {
	Classes []classReply `json:"classes" doc:"By name, archived ones last; at most 5000, the newest of those in use first"`
}

func (h *Handlers) listClasses(ctx context.Context, actor models.Actor, _ struct{}) (classesReply, error) {
	found, err := h.store.Classes(ctx, actor)
	return classesReply{mapped(found, classOut)}, err
}

type createClassRequest struct {
	Body newClass `body:"application/json"`
}

type newClass struct {
	ID   models.ID `json:"id"`
	Name string    `json:"name,omitempty" doc:"At most 200 characters"`
}

func (h *Handlers) createClass(ctx context.Context, actor models.Actor, in createClassRequest) (classReply, error) {
	class, err := h.store.CreateClass(ctx, actor, in.Body.ID, in.Body.Name)
	return classOut(class), err
}

func (h *Handlers) readClass(ctx context.Context, actor models.Actor, in ofClass) (classReply, error) {
	class, err := h.store.Class(ctx, actor, in.ClassID)
	return classOut(class), err
}

type changeClassRequest struct {
	ofClass
	Body classChange `body:"application/json" doc:"Any of these keys"`
}

type classChange struct {
	Name *string `json:"name,omitempty" doc:"At most 200 characters"`
	rulesChange
}

// rulesChange are the keys that replace rules, of a class or of one session.
type rulesChange struct {
	Proof     *models.Proof   `json:"proof,omitempty" doc:"What a student's mark must carry: none, or the code that is shown in class"`
	LateAfter *models.Minutes `json:"lateAfter,omitempty" doc:"Minutes after the start from which on a student who is present is late; null: never"`
	EndsAfter *models.Minutes `json:"endsAfter,omitempty" doc:"Minutes after the start at which a session ends by itself; null: after SESSION_MAX"`
}

func (h *Handlers) changeClass(ctx context.Context, actor models.Actor, in changeClassRequest) (classReply, error) {
	class, err := h.store.ChangeClass(ctx, actor, in.ClassID, models.ClassChange{Name: in.Body.Name, Rules: models.RulesChange(in.Body.rulesChange)})
	return classOut(class), err
}

type archiveClassRequest struct {
	ofClass
	Body archivedState `body:"application/json"`
}

type archivedState struct {
	Archived bool `json:"archived"`
}

func (h *Handlers) archiveClass(ctx context.Context, actor models.Actor, in archiveClassRequest) (classReply, error) {
	class, err := h.store.ArchiveClass(ctx, actor, in.ClassID, in.Body.Archived)
	return classOut(class), err
}

type presenceReply struct {
	Users []presentUser `json:"users" doc:"By name"`
}

type presentUser struct {
	UserID models.ID   `json:"userId"`
	Role   models.Role `json:"role"`
	Name   string      `json:"name" doc:"From the roster; may be empty"`
}

func (h *Handlers) presence(ctx context.Context, actor models.Actor, in ofClass) (presenceReply, error) {
	class, roster, err := h.store.ClassRoster(ctx, actor, in.ClassID)
	if err != nil {
		return presenceReply{}, err
	}
	users, err := h.rooms.Users(ctx, RoomOf(in.ClassID))
	if err != nil {
		return presenceReply{}, err
	}
	students := make(map[string]models.Enrolment, len(roster))
	for _, enrolment := range roster {
		students[enrolment.StudentID.Key] = enrolment
	}
	reply := presenceReply{Users: []presentUser{}}
	for _, user := range users {
		role, key, _ := strings.Cut(user, ":")
		present := presentUser{UserID: models.ID{Key: key}, Role: models.Role(role)}
		if known, ok := students[key]; ok && present.Role == models.RoleStudent {
			present.UserID, present.Name = known.StudentID, known.StudentName
		}
		if present.Role == models.RoleTeacher && class.Owner.Is(present.UserID) {
			present.UserID = class.Owner
		}
		reply.Users = append(reply.Users, present)
	}
	models.SortByName(reply.Users, func(u presentUser) (string, models.ID) { return u.Name, u.UserID })
	return reply, nil
}

// mapped returns out of every value; never nil, because JSON has no list that is null here.
func mapped[From, To any](values []From, out func(From) To) []To {
	result := make([]To, len(values))
	for i, value := range values {
		result[i] = out(value)
	}
	return result
}
