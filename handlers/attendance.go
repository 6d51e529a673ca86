package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/neuracampus/attendance/models"
)

func readInitiate(f *fields) models.InitiateRequest {
	return models.InitiateRequest{
		ClassID:     f.id("classId"),
		TeacherID:   f.id("teacherId"),
		SessionType: f.text("sessionType"),
		Frequency:   f.frequency("frequency"),
		Rules: models.RulesChange{
			Proof: f.proof("proof"), LateAfter: f.minutes("lateAfter"), EndsAfter: f.minutes("endsAfter"),
		},
	}
}

// initiate answers the teacher. The Publisher broadcasts the change to the class.
func (h *Handlers) initiate(ctx context.Context, socket Socket, req models.InitiateRequest) (sessionReply, error) {
	result, err := h.store.Initiate(ctx, h.actor(socket, models.ID{}), req)
	if err != nil {
		return sessionReply{}, err
	}
	message := "Attendance for " + req.SessionType + " is open"
	if !result.Changed {
		message = "Attendance for " + req.SessionType + " was open already"
	}
	reply := sessionReply{true, req.ClassID, req.SessionType, message}
	if sentTo(socket).confirmSession(&result.Session, result.Changed) {
		socket.Emit("attendance:initiated", reply)
	}
	return reply, nil
}

func readEnd(f *fields) models.EndRequest {
	return models.EndRequest{
		ClassID:     f.id("classId"),
		TeacherID:   f.id("teacherId"),
		SessionType: f.text("sessionType"),
	}
}

func (h *Handlers) end(ctx context.Context, socket Socket, req models.EndRequest) (sessionReply, error) {
	result, err := h.store.End(ctx, h.actor(socket, models.ID{}), req)
	if err != nil {
		return sessionReply{}, err
	}
	message := "Attendance for " + req.SessionType + " has ended"
	if !result.Changed {
		message = "Attendance for " + req.SessionType + " had ended already"
	}
	reply := sessionReply{true, req.ClassID, req.SessionType, message}
	if sentTo(socket).confirmSession(&result.Session, result.Changed) {
		socket.Emit("attendance:ended", reply)
	}
	return reply, nil
}

func readMark(f *fields) models.MarkRequest {
	return models.MarkRequest{
		ClassID:     f.id("classId"),
		StudentID:   f.id("studentId"),
		StudentName: f.optionalText("studentName"),
		Status:      optionalWord[models.Status](f, "status"),
		SessionType: f.text("sessionType"),
		Code:        f.optionalText("code"),
		DeviceID:    f.optionalText("deviceId"),
		Way:         models.WaySocket,
	}
}

// mark records a mark. The Publisher sends a change to the class, the sender included. The sender alone is sent what is so
// already, and what it is not in the class for, unless it has been sent that before.
func (h *Handlers) mark(ctx context.Context, socket Socket, req models.MarkRequest) (markedAck, error) {
	req.Received = h.store.Receipt(socket.Waited())
	actor := h.actor(socket, req.StudentID)
	who, _ := socket.State().(user)
	req.Connection = who.connection.others(actor.ID)
	result, err := h.store.Record(ctx, actor, req)
	if err != nil {
		return markedAck{}, err
	}
	who.provisional.marked(req)
	who.connection.marked(result)
	update := updateOf(&result.Mark)
	update.ClassID, update.StudentID = req.ClassID, req.StudentID // to the sender as they came
	if sentTo(socket).confirmMark(socket, &result) {
		socket.Emit("attendanceUpdate", update)
	}
	return markedAck{true, fmt.Sprintf("Recorded as %s", update.Status), update}, nil
}

// sessionOfType is the session of a class and a type.
type sessionOfType struct {
	class       models.ID
	sessionType string
}

func readFetchCode(f *fields) sessionOfType {
	return sessionOfType{f.id("classId"), f.text("sessionType")}
}

// fetchCode sends a teacher the code that is to be shown.
func (h *Handlers) fetchCode(ctx context.Context, socket Socket, req sessionOfType) (codeAck, error) {
	shown, err := h.store.Code(ctx, h.actor(socket, models.ID{}), req.class, req.sessionType)
	if err != nil {
		return codeAck{}, err
	}
	code := attendanceCode{req.class, req.sessionType, shown.Code, shown.Period.Milliseconds(), shown.ValidFor.Milliseconds()}
	socket.Emit("attendance:code", code)
	return codeAck{true, "Show this code in class", code}, nil
}

type fetchRequest struct {
	class       models.ID
	date        string
	sessionType string
	since       *models.Timestamp // nil: not given
}

func readFetch(f *fields) fetchRequest {
	return fetchRequest{class: f.id("classId"), date: f.text("date"), sessionType: f.text("sessionType"), since: f.timestamp("since")}
}

// after returns since, zero where it is not given.
func (r fetchRequest) after() models.Timestamp {
	if r.since == nil {
		return 0
	}
	return *r.since
}

func (h *Handlers) fetch(ctx context.Context, socket Socket, req fetchRequest) (json.RawMessage, error) {
	found, err := h.store.FetchSince(ctx, h.actor(socket, models.ID{}), req.class, req.date, req.sessionType, req.after())
	if err != nil {
		return nil, err
	}
	reply := dataReply{
		Success: true, Exists: found.Exists,
		ClassID: &req.class, Date: &req.date, SessionType: &req.sessionType,
		Message: "Nothing is recorded for this class, day and session type",
		Data:    data{phase(found.Active), recordsOf(found.Records)},
	}
	switch {
	case len(found.Records) == 1:
		reply.Message = "1 record"
	case found.Exists:
		reply.Message = fmt.Sprintf("%d records", len(found.Records))
	}
	if req.since != nil {
		reply.Since, reply.Until = &found.Since, found.Until
	}
	encoded, err := json.Marshal(reply)
	if err != nil {
		return nil, err
	}
	if len(encoded) > socket.MaxPayload() {
		h.logger.WarnContext(ctx, "an answer is too large to be sent", "class_id", req.class.Key, "bytes", len(encoded), "limit", socket.MaxPayload())
		return nil, errTooManyRecords
	}
	socket.Spend(len(found.Records) / recordsPerEvent)
	if req.since != nil && len(encoded) <= shortAnswer && socket.Acknowledges() {
		return encoded, nil
	}
	if !socket.EmitAnswer(attendanceData, json.RawMessage(encoded)) { // encoded once for the event and the acknowledgement
		return nil, errAnswersBusy
	}
	return encoded, nil
}

// shortAnswer is the size in bytes up to which an answer to a question with since is sent once, in the acknowledgement. Longer ones
// count against the limit of EmitAnswer.
const shortAnswer = 16 << 10

// recordsPerEvent is how many records of an answer cost a user as much as an event.
const recordsPerEvent = 100

// noData is the answer to a fetch that was refused, with as much of the question as can be read.
func noData(f *fields) dataReply {
	reply := dataReply{Data: data{phase(models.StateInitial), []record{}}}
	value, _ := f.values.get("classId")
	if class, err := readID(value); err == nil {
		reply.ClassID = &class
	}
	reply.Date, reply.SessionType = f.textOrNull("date"), f.textOrNull("sessionType")
	return reply
}

func (f *fields) textOrNull(key string) *string {
	value, _ := f.values.get(key)
	if text, ok := readText(value); ok {
		return &text
	}
	return nil
}

func recordsOf(marks []models.Mark) []record {
	return mapped(marks, recordOf)
}

func recordOf(mark models.Mark) record {
	return record{mark.StudentID, mark.StudentName, mark.Status, mark.RecordedAt, mark.RecordedBy}
}

// EndOverdue ends overdue sessions: at once, because the server may have been down when their time came, and then at every
// interval, and when a session ends by its own rule, until ctx ends.
func (h *Handlers) EndOverdue(ctx context.Context, interval time.Duration) {
	for {
		ended, err := h.store.EndOverdue(ctx)
		if err != nil && ctx.Err() == nil { // at the end, the store may be closed already
			_ = h.explain(ctx, err) // logs what is to be logged; no client asked
		}
		for _, session := range ended {
			h.logger.InfoContext(ctx, "overdue session ended", "class_id", session.ClassID.Key, "session_id", session.ID)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(h.untilNextEnd(ctx, interval)):
		}
	}
}

// minEndInterval is the least time between two calls of EndOverdue: a session that cannot be ended at the moment is tried again.
const minEndInterval = time.Second

// untilNextEnd returns how long it takes until a session ends by its own rule, at most interval.
func (h *Handlers) untilNextEnd(ctx context.Context, interval time.Duration) time.Duration {
	next, err := h.store.NextEnd(ctx)
	if err != nil || next == 0 {
		return interval // the next call finds out whether the database is away
	}
	left := time.Duration(next-h.store.Now()) * time.Millisecond
	return min(interval, max(left, minEndInterval))
}
