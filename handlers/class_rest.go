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
	ID         models.ID         `json:"id"`
	Name       string            `json:"name" doc:"May be empty"`
	TeacherID  *models.ID        `json:"teacherId" doc:"The owner; null while nobody teaches it, which only open mode knows"`
	Archived   bool              `json:"archived"`
	Visibility models.Visibility `json:"visibility" doc:"own: a student sees nothing of the others"`
	CreatedAt  models.Timestamp  `json:"createdAt"`
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
		ID: class.ID, Name: class.Name, Archived: class.ArchivedAt != 0, Visibility: class.Visibility, CreatedAt: class.MadeAt,
		classRules: classRules{class.Rules.Proof, class.Rules.LateAfter, class.Rules.EndsAfter},
	}
	if !class.Owner.IsZero() {
		reply.TeacherID = &class.Owner
	}
	return reply
}

type listClassesRequest struct {
	Search        string    `query:"search" doc:"For administrators: classes with this in the name or the id, or in the id of a teacher, in upper or lower case"`
	NotTakenToday bool      `query:"notTakenToday" doc:"For administrators: classes in use that had no session today"`
	After         models.ID `query:"after" doc:"For administrators: the next of the page before; without it you get the first page"`
}

type classesReply struct {
	Classes []classReply `json:"classes" doc:"By name, archived ones last; at most 5000, the newest of those in use first. An administrator gets all classes, by id, 100 a page"`
	Next    *models.ID   `json:"next,omitempty" doc:"For administrators: ask for what comes after it; missing on the last page"`
	Total   *int         `json:"total,omitempty" doc:"For administrators: how many classes there are on all pages"`
}

func (h *Handlers) listClasses(ctx context.Context, actor models.Actor, in listClassesRequest) (classesReply, error) {
	if actor.Role != models.RoleAdmin && in == (listClassesRequest{}) {
		found, err := h.store.Classes(ctx, actor)
		return classesReply{Classes: mapped(found, classOut)}, err
	}
	page, err := h.store.AllClasses(ctx, actor, models.ClassesRequest{After: in.After, Search: in.Search, NotTakenToday: in.NotTakenToday})
	reply := classesReply{Classes: mapped(page.Classes, classOut), Total: &page.Total}
	if !page.Next.IsZero() {
		reply.Next = &page.Next
	}
	return reply, err
}

type createClassRequest struct {
	Body newClass `body:"application/json"`
}

type newClass struct {
	ID      models.ID `json:"id"`
	Name    string    `json:"name,omitempty" doc:"At most 200 characters"`
	OwnerID models.ID `json:"ownerId,omitempty" doc:"The teacher who owns it, if you are an administrator; without it, that is you"`
}

func (h *Handlers) createClass(ctx context.Context, actor models.Actor, in createClassRequest) (classReply, error) {
	owner := in.Body.OwnerID
	if owner.IsZero() {
		owner = actor.ID
	}
	class, err := h.store.CreateClassFor(ctx, actor, owner, in.Body.ID, in.Body.Name)
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
	Name       *string           `json:"name,omitempty" doc:"At most 200 characters"`
	OwnerID    models.ID         `json:"ownerId,omitempty" doc:"Hands the class over to this teacher, which only its owner or an administrator does; the one who owned it goes on teaching it"`
	Visibility models.Visibility `json:"visibility,omitempty" doc:"What students see of each other from now on: class, everything; own, nothing"`
	rulesChange
}

// rulesChange are the keys that replace rules, of a class or of one session.
type rulesChange struct {
	Proof     *models.Proof   `json:"proof,omitempty" doc:"What a student's mark must carry: none, or the code that is shown in class"`
	LateAfter *models.Minutes `json:"lateAfter,omitempty" doc:"Minutes after the start from which on a student who is present is late; null: never"`
	EndsAfter *models.Minutes `json:"endsAfter,omitempty" doc:"Minutes after the start at which a session ends by itself; null: after SESSION_MAX"`
}

func (h *Handlers) changeClass(ctx context.Context, actor models.Actor, in changeClassRequest) (classReply, error) {
	class, err := h.store.ChangeClass(ctx, actor, in.ClassID, models.ClassChange{
		Name: in.Body.Name, Owner: in.Body.OwnerID, Visibility: in.Body.Visibility, Rules: models.RulesChange(in.Body.rulesChange),
	})
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

type deleteClassRequest struct {
	ofClass
	Marks string         `query:"marks" doc:"delete: delete the marks of the class, too"`
	Body  classToConfirm `body:"application/json" optional:"true" doc:"Needed with marks=delete"`
}

type classToConfirm struct {
	Name string `json:"name" doc:"The name of the class, or its id if it has no name"`
}

func (h *Handlers) deleteClass(ctx context.Context, actor models.Actor, in deleteClassRequest) (noContent, error) {
	if in.Marks != "" && in.Marks != "delete" {
		return noContent{}, invalid(reasonParameter, "marks must be delete, or left out")
	}
	how := models.Deletion{WithMarks: in.Marks == "delete", Name: in.Body.Name}
	return noContent{}, h.store.DeleteClass(ctx, actor, in.ClassID, how)
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
