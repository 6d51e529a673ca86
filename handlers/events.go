// Package handlers is the edge: what clients may send over Socket.IO and HTTP, and what they get for it. It decodes and checks
// input, calls models, which owns the rules, and sends the outcome to the client that asked and to the class.
//
// Handlers of one socket run one after the other; everything that they share is safe for concurrent use.
package handlers

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// Event is what a client may send.
type Event struct {
	Name string

	// Handle gets the JSON array of the event's arguments. The reply goes to the client's acknowledgement callback,
	// where it gave one.
	Handle func(ctx context.Context, socket Socket, args json.RawMessage) (reply any)

	// Frequent: clients send it so often that no other goroutine may have to be woken for it.
	Frequent bool

	described describedEvent
}

// IdentifyEvent says who a socket's user is. Events that come before it wait for it a moment.
const IdentifyEvent = "identify"

// The events that answer a refusal.
const (
	attendanceError = "attendance:error"
	classError      = "class:error"
	attendanceData  = "attendanceData"
)

// Table lists every event that clients may send: the whole protocol. What each takes is in the read function beside
// its handler. The names with a role in front are aliases, which the frontend in use sends after the plain ones. clientEventWords and
// serverEvents are the rest of what the AsyncAPI document says.
func (h *Handlers) Table() []Event {
	return slices.Concat(
		events(h, attendanceError, names{IdentifyEvent}, readIdentify, h.identify),
		events(h, classError, names{"joinClass", "student:joinClass"}, readMembership, h.join),
		events(h, classError, names{"leaveClass", "student:leaveClass"}, readMembership, h.leave),
		events(h, attendanceError, names{"initiateAttendance", "teacher:startAttendance"}, readInitiate, h.initiate),
		events(h, attendanceError, names{"endAttendance", "teacher:endAttendance"}, readEnd, h.end),
		frequent(events(h, attendanceError, names{"attendanceMarked", "student:markAttendance"}, readMark, h.mark)),
		acknowledgedWith[dataReply](events(h, attendanceData, names{"fetchAttendance"}, readFetch, h.fetch)),
		events(h, attendanceError, names{"fetchAttendanceCode"}, readFetchCode, h.fetchCode),
	)
}

func frequent(events []Event) []Event {
	for i := range events {
		events[i].Frequent = true
	}
	return events
}

// acknowledgedWith says what the acknowledgement is that a handler returns in JSON.
func acknowledgedWith[Reply any](events []Event) []Event {
	for i := range events {
		events[i].described.reply = reflect.TypeFor[Reply]()
	}
	return events
}

// What the server sends. The keys are exactly those of the protocol.
type (
	// presence is userJoined and userLeft.
	presence struct {
		UserID  models.ID `json:"userId"`
		Message string    `json:"message"`
	}

	// attendanceStarted has its frequency and its rules only where the session was initiated with them.
	attendanceStarted struct {
		ClassID     models.ID        `json:"classId"`
		TeacherID   models.ID        `json:"teacherId"`
		SessionType string           `json:"sessionType"`
		Timestamp   models.Timestamp `json:"timestamp"`
		Message     string           `json:"message"`
		Frequency   []float64        `json:"frequency,omitempty"`
		sessionRules
	}

	sessionRules struct {
		Proof  models.Proof     `json:"proof,omitempty" doc:"What a student's mark must carry: the code that is shown in class"`
		LateAt models.Timestamp `json:"lateAt,omitempty" doc:"A student who is present from then on is late"`
		EndsAt models.Timestamp `json:"endsAt,omitempty" doc:"When the session ends by itself"`
	}

	attendanceEnded struct {
		ClassID     models.ID        `json:"classId"`
		SessionType string           `json:"sessionType"`
		Timestamp   models.Timestamp `json:"timestamp"`
		Message     string           `json:"message"`
	}

	attendanceUpdate struct {
		ClassID     models.ID        `json:"classId"`
		StudentID   models.ID        `json:"studentId"`
		StudentName string           `json:"studentName"`
		Status      models.Status    `json:"status"`
		SessionType string           `json:"sessionType"`
		Timestamp   models.Timestamp `json:"timestamp"`
	}

	// sessionReply is attendance:initiated and attendance:ended, and their acknowledgement.
	sessionReply struct {
		Success     bool      `json:"success"`
		ClassID     models.ID `json:"classId"`
		SessionType string    `json:"sessionType"`
		Message     string    `json:"message"`
	}

	// dataReply is attendanceData. What was asked comes back as it was sent, or null where it made no sense.
	dataReply struct {
		Success     bool       `json:"success"`
		Exists      bool       `json:"exists"`
		ClassID     *models.ID `json:"classId"`
		Date        *string    `json:"date"`
		SessionType *string    `json:"sessionType"`
		Message     string     `json:"message"`

		// Only for who asks with since.
		Since *models.Timestamp `json:"since,omitempty" doc:"The records are those that changed at or after it; null: all"`
		Until models.Timestamp  `json:"until,omitempty" doc:"The since to ask with the next time"`

		Data data `json:"data"`
	}

	data struct {
		Active  phase    `json:"active"`
		Records []record `json:"records"`
	}

	// phase is the state of a session that may never have been started.
	phase models.State

	record struct {
		StudentID   models.ID        `json:"studentId"`
		StudentName string           `json:"studentName"`
		Status      models.Status    `json:"status"`
		RecordedAt  models.Timestamp `json:"recordedAt"`
		RecordedBy  models.ID        `json:"recordedBy"`
	}

	// attendanceCode is attendance:code, for the teacher who asked and nobody else.
	attendanceCode struct {
		ClassID     models.ID `json:"classId"`
		SessionType string    `json:"sessionType"`
		Code        string    `json:"code"`
		Period      int64     `json:"period" doc:"How long each code is shown, in milliseconds"`
		ValidFor    int64     `json:"validFor" doc:"How long this code still is shown, in milliseconds"`
	}

	// attendanceFlag is attendance:flag, for the teachers of the class and nobody else.
	attendanceFlag struct {
		ClassID     models.ID `json:"classId"`
		SessionType string    `json:"sessionType"`
		flag
	}

	flag struct {
		Kind       models.FlagKind  `json:"kind"`
		StudentIDs []models.ID      `json:"studentIds"`
		Message    string           `json:"message"`
		Timestamp  models.Timestamp `json:"timestamp"`
	}

	// errorReply is attendance:error and class:error.
	errorReply struct {
		Message string `json:"message"`
	}
)

// What only acknowledgement callbacks get.
type (
	refusedAck struct {
		Success bool        `json:"success"`
		Message string      `json:"message"`
		Reason  eventReason `json:"reason"`
	}

	refusedDataAck struct {
		dataReply
		Reason eventReason `json:"reason"`
	}

	// eventReason is the reason of a refusal, a word for programs that never changes.
	eventReason string

	identifiedAck struct {
		Success bool        `json:"success"`
		Message string      `json:"message"`
		UserID  models.ID   `json:"userId"`
		Role    models.Role `json:"role"`
	}

	memberAck struct {
		Success bool      `json:"success"`
		Message string    `json:"message"`
		UserID  models.ID `json:"userId"`
		ClassID models.ID `json:"classId"`
	}

	codeAck struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		attendanceCode
	}

	markedAck struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		attendanceUpdate
	}
)

func refusedWith(refusal *models.Refusal) refusedAck {
	return refusedAck{Message: refusal.Text, Reason: eventReason(refusal.Reason)}
}
