package handlers

import (
	"context"

	"github.com/neuracampus/attendance/models"
)

type teachersReply struct {
	Teachers []classTeacher `json:"teachers" doc:"The owner first, the others by id"`
}

type classTeacher struct {
	ID      models.ID        `json:"id"`
	Owner   bool             `json:"owner" doc:"One of them owns the class"`
	AddedAt models.Timestamp `json:"addedAt" doc:"Of the owner: when the class was made"`
}

func teacherOut(t models.ClassTeacher) classTeacher {
	return classTeacher{t.TeacherID, t.Owner, t.AddedAt}
}

func (h *Handlers) listTeachers(ctx context.Context, actor models.Actor, in ofClass) (teachersReply, error) {
	found, err := h.store.Teachers(ctx, actor, in.ClassID)
	return teachersReply{mapped(found, teacherOut)}, err
}

type ofTeacher struct {
	ofClass
	TeacherID models.ID `path:"teacherId"`
}

func (h *Handlers) addTeacher(ctx context.Context, actor models.Actor, in ofTeacher) (classTeacher, error) {
	added, err := h.store.AddTeacher(ctx, actor, in.ClassID, in.TeacherID)
	return teacherOut(added), err
}

func (h *Handlers) removeTeacher(ctx context.Context, actor models.Actor, in ofTeacher) (noContent, error) {
	return noContent{}, h.store.RemoveTeacher(ctx, actor, in.ClassID, in.TeacherID)
}
