package handlers

import (
	"context"
	"fmt"

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
	Students []student `json:"students" doc:"At most 40000, nobody twice"`
}

type student struct {
	ID   models.ID `json:"id"`
	Name string    `json:"name,omitempty" doc:"At most 200 characters; without it, a name that is known stays"`
}

// listed returns the students, or which one is wrong.
func (s studentList) listed() ([]models.Student, error) {
	students := make([]models.Student, len(s.Students))
	for i, listed := range s.Students {
		students[i] = models.Student{ID: listed.ID, Name: models.VisibleName(listed.Name)}
		if err := students[i].Check(); err != nil {
			return nil, invalid(reasonOf(err), "%s, id %s: %s", listPosition(i), listed.ID, err)
		}
	}
	return students, nil
}

// listPosition says where in the list a student is.
func listPosition(i int) string { return fmt.Sprintf("students[%d]", i) }

// rosterChange counts what became of the lines handed in, and who was removed.
type rosterChange struct {
	Added     int      `json:"added"`
	Renamed   int      `json:"renamed"`
	Removed   int      `json:"removed"`
	Unchanged int      `json:"unchanged"`
	Warnings  []string `json:"warnings,omitempty" doc:"Sentences for people: ids that are easily confused"`
}

func (h *Handlers) replaceRoster(ctx context.Context, actor models.Actor, in changeRosterRequest) (rosterChange, error) {
	students, err := in.Body.listed()
	if err != nil {
		return rosterChange{}, err
	}
	change, err := h.store.ReplaceRoster(ctx, actor, in.ClassID, students)
	return changed(change, warnOfSimilarIDs(students, nil, listPosition)), err
}

func (h *Handlers) addToRoster(ctx context.Context, actor models.Actor, in changeRosterRequest) (rosterChange, error) {
	students, err := in.Body.listed()
	if err != nil {
		return rosterChange{}, err
	}
	roster, err := h.store.Roster(ctx, actor, in.ClassID)
	if err != nil {
		return rosterChange{}, err
	}
	change, err := h.store.AddToRoster(ctx, actor, in.ClassID, students)
	return changed(change, warnOfSimilarIDs(students, roster, listPosition)), err
}

func changed(change models.RosterChange, warnings []string) rosterChange {
	return rosterChange{change.Added, change.Renamed, change.Removed, change.Unchanged, limitWarnings(warnings)}
}

type removeStudentRequest struct {
	ofClass
	StudentID models.ID `path:"studentId"`
}

func (h *Handlers) removeFromRoster(ctx context.Context, actor models.Actor, in removeStudentRequest) (noContent, error) {
	return noContent{}, h.store.RemoveFromRoster(ctx, actor, in.ClassID, in.StudentID)
}

type importRequest struct {
	ofClass
	Replace    bool     `query:"replace" doc:"Remove who is not in the file"`
	DryRun     bool     `query:"dryRun" doc:"Only tell what would change"`
	IDColumn   string   `query:"idColumn" doc:"The column of the id, by its header or its number from 1 on. Without it, the header line decides."`
	NameColumn []string `query:"nameColumn" doc:"The column of the name, by its header or its number from 1 on; repeated, the names are joined in this order; 0: there is none. Without it, the header line decides."`
	HeaderLine *int     `query:"headerLine" doc:"The line of the file that names the columns, 0: there is none. Without it, it is recognised by its words."`
	Body       []byte   `body:"text/csv" doc:"The columns id and name, or any columns with a header line that names these two in one of many languages, or in the words of Moodle, Canvas, Google Classroom or OneRoster. Commas, semicolons, tabs or bars; UTF-8 or UTF-16, with a byte order mark or without, or a Windows code page if it can be recognised."`
}

type importReply struct {
	DryRun    bool              `json:"dryRun" doc:"True: nothing was changed, this is what would be"`
	Added     int               `json:"added"`
	Renamed   int               `json:"renamed"`
	Removed   int               `json:"removed"`
	Unchanged int               `json:"unchanged"`
	Students  []importedStudent `json:"students" doc:"As they were read from the file"`
	Table     rosterTable       `json:"table" doc:"How the file was read"`
	Warnings  []string          `json:"warnings" doc:"Sentences for people: lines that were left out, ids that are easily confused"`
}

type importedStudent struct {
	Line int       `json:"line"`
	ID   models.ID `json:"id"`
	Name string    `json:"name"`
}

// fileError refuses a file and shows how far it was read, so that people can say what its columns are.
type fileError struct {
	error
	table rosterTable
}

func (e fileError) Unwrap() error { return e.error }

func (h *Handlers) importRoster(ctx context.Context, actor models.Actor, in importRequest) (importReply, error) {
	roster, err := h.store.Roster(ctx, actor, in.ClassID)
	if err != nil {
		return importReply{}, err
	}
	file := readRosterCSV(in.Body, columnChoice{in.IDColumn, in.NameColumn, in.HeaderLine})
	if file.err != nil {
		return importReply{}, fileError{file.err, file.table}
	}
	students := mapped(file.students, func(line importedStudent) models.Student { return models.Student{ID: line.ID, Name: line.Name} })
	var change models.RosterChange
	switch {
	case in.DryRun:
		change, err = h.store.PreviewRoster(ctx, actor, in.ClassID, students, in.Replace)
	case in.Replace:
		change, err = h.store.ReplaceRoster(ctx, actor, in.ClassID, students)
	default:
		change, err = h.store.AddToRoster(ctx, actor, in.ClassID, students)
	}
	if in.Replace {
		roster = nil // a student who is not listed is off it
	}
	line := func(i int) string { return fmt.Sprintf("line %d", file.students[i].Line) }
	return importReply{
		in.DryRun, change.Added, change.Renamed, change.Removed, change.Unchanged, file.students, file.table,
		limitWarnings(append(file.warnings, warnOfSimilarIDs(students, roster, line)...)),
	}, err
}
