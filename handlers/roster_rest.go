package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

type rosterReply struct {
	Students []enrolledStudent `json:"students" doc:"By name"`
}

type enrolledStudent struct {
	ID         models.ID        `json:"id"`
	Name       string           `json:"name" doc:"May be empty"`
	EnrolledAt models.Timestamp `json:"enrolledAt"`
}

func (h *Handlers) readRoster(ctx context.Context, actor models.Actor, in ofClass) (rosterReply, error) {
	roster, err := h.store.Roster(ctx, actor, in.ClassID)
	return rosterReply{mapped(roster, func(e models.Enrolment) enrolledStudent {
		return enrolledStudent{e.StudentID, e.StudentName, e.EnrolledAt}
	})}, err
}

type changeRosterRequest struct {
	ofClass
	Body studentList `body:"application/json"`
}

type studentList struct {
	Students []student `json:"students" doc:"At most 10000, nobody twice"`
}

type student struct {
	ID   models.ID `json:"id"`
	Name string    `json:"name,omitempty" doc:"At most 200 characters; without it, a name that is known stays"`
}

func (s studentList) listed() []models.Student {
	return mapped(s.Students, func(s student) models.Student { return models.Student(s) })
}

// rosterChange counts what became of the lines handed in, and who was removed.
type rosterChange struct {
	Added     int `json:"added"`
	Renamed   int `json:"renamed"`
	Removed   int `json:"removed"`
	Unchanged int `json:"unchanged"`
}

func (h *Handlers) replaceRoster(ctx context.Context, actor models.Actor, in changeRosterRequest) (rosterChange, error) {
	change, err := h.store.ReplaceRoster(ctx, actor, in.ClassID, in.Body.listed())
	return rosterChange(change), err
}

func (h *Handlers) addToRoster(ctx context.Context, actor models.Actor, in changeRosterRequest) (rosterChange, error) {
	change, err := h.store.AddToRoster(ctx, actor, in.ClassID, in.Body.listed())
	return rosterChange(change), err
}

type removeStudentRequest struct {
	ofClass
	StudentID models.ID `path:"studentId"`
}

func (h *Handlers) removeFromRoster(ctx context.Context, actor models.Actor, in removeStudentRequest) (nothing, error) {
	return nothing{}, h.store.RemoveFromRoster(ctx, actor, in.ClassID, in.StudentID)
}

type importRequest struct {
	ofClass
	Replace bool   `query:"replace" doc:"Remove who is not in the file"`
	DryRun  bool   `query:"dryRun" doc:"Only tell what would change"`
	Body    []byte `body:"text/csv" doc:"The columns id and name, or any columns with a header line that names these two. Commas, semicolons or tabs; UTF-8, with a byte order mark or without."`
}

type importReply struct {
	DryRun    bool              `json:"dryRun" doc:"True: nothing was changed, this is what would be"`
	Added     int               `json:"added"`
	Renamed   int               `json:"renamed"`
	Removed   int               `json:"removed"`
	Unchanged int               `json:"unchanged"`
	Students  []importedStudent `json:"students" doc:"As they were read from the file"`
}

type importedStudent struct {
	Line int       `json:"line"`
	ID   models.ID `json:"id"`
	Name string    `json:"name"`
}

func (h *Handlers) importRoster(ctx context.Context, actor models.Actor, in importRequest) (importReply, error) {
	lines, err := readRosterCSV(in.Body)
	if err != nil {
		return importReply{}, err
	}
	students := mapped(lines, func(line importedStudent) models.Student { return models.Student{ID: line.ID, Name: line.Name} })
	var change models.RosterChange
	switch {
	case in.DryRun:
		change, err = h.store.PreviewRoster(ctx, actor, in.ClassID, students, in.Replace)
	case in.Replace:
		change, err = h.store.ReplaceRoster(ctx, actor, in.ClassID, students)
	default:
		change, err = h.store.AddToRoster(ctx, actor, in.ClassID, students)
	}
	return importReply{in.DryRun, change.Added, change.Renamed, change.Removed, change.Unchanged, lines}, err
}
