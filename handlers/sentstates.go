package handlers

import (
	"hash/maphash"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// The frontend in use sends each event under two names, one after the other, and shows every message. So one action gets one
// message: what a socket has been sent already is confirmed by the acknowledgement alone.

// state is one state of a session, or of a student's mark in it.
type state struct {
	session int64
	student string // key; empty: the session itself
	value   string // a models.State or models.Status
	at      models.Timestamp
}

func markState(m *models.Mark) state {
	return state{m.SessionID, m.StudentID.Key, string(m.Status), m.RecordedAt}
}

func sessionState(s *models.Session) state {
	at := s.StartedAt
	if s.State == models.StateCompleted {
		at = s.EndedAt
	}
	return state{s.ID, "", string(s.State), at}
}

// maxConfirmed bounds how many confirmations of a socket are remembered.
const maxConfirmed = 100

// sentStates is what one socket has been sent. Most of it follows from when the socket entered a class: what was recorded there
// later was broadcast to it. Only the handlers of the socket use it.
type sentStates struct {
	classes   []enteredClass
	confirmed map[state]bool // which no broadcast sent, or not for sure
	refused   refusedEvent   // the last one
}

type enteredClass struct {
	room string
	at   models.Timestamp
}

func (e enteredClass) is(class models.ID) bool { return e.room[len(roomPrefix):] == class.Key }

// refusedEvent is an event of which the socket was sent a refusal.
type refusedEvent struct {
	event, name string
	content     uint64 // hash of the arguments and of the refusal
}

// enter notes that the socket is in a class from a moment on.
func (s *sentStates) enter(class models.ID, at models.Timestamp) {
	s.leave(class) // which it has not, if it was removed
	s.classes = append(s.classes, enteredClass{RoomOf(class), at})
}

func (s *sentStates) leave(class models.ID) {
	s.classes = slices.DeleteFunc(s.classes, func(entered enteredClass) bool { return entered.is(class) })
}

// broadcast tells whether the socket is in a class, and whether what was recorded there at a moment was certainly broadcast to it.
func (s *sentStates) broadcast(socket Socket, class models.ID, at models.Timestamp) (member, sent bool) {
	for _, entered := range s.classes {
		if entered.is(class) {
			return socket.In(entered.room), at > entered.at
		}
	}
	return false, false
}

// confirm tells whether a state has not been confirmed to the socket yet, and notes that it is now.
func (s *sentStates) confirm(confirmed state) (first bool) {
	if s.confirmed[confirmed] {
		return false
	}
	if s.confirmed == nil {
		s.confirmed = make(map[state]bool, 1)
	}
	if len(s.confirmed) == maxConfirmed {
		clear(s.confirmed)
	}
	s.confirmed[confirmed] = true
	return true
}

// confirmMark tells whether a mark that the socket asked for is to be sent to it, besides what is broadcast.
func (s *sentStates) confirmMark(socket Socket, result *models.MarkResult) bool {
	member, sent := s.broadcast(socket, result.Mark.ClassID, result.Mark.RecordedAt)
	first := !sent && s.confirm(markState(&result.Mark))
	if result.Changed && member {
		return false // broadcast just now
	}
	return first || result.Changed || result.Recorded
}

// confirmSession tells whether the state of a session that the socket asked for is to be sent to it.
func (s *sentStates) confirmSession(session *models.Session, changed bool) bool {
	return s.confirm(sessionState(session)) || changed
}

var refusedSeed = maphash.MakeSeed()

// refuse tells whether a refusal is to be sent to the socket, because it does not merely repeat that of the same event under
// its other name.
func (s *sentStates) refuse(event, name string, arguments []byte, refusal *models.Refusal) bool {
	before := s.refused
	var content maphash.Hash
	content.SetSeed(refusedSeed)
	_, _ = content.Write(arguments) // never fails
	_, _ = content.WriteString(refusal.Text)
	s.refused = refusedEvent{event, name, content.Sum64()}
	if before.event == event && before.name != name && before.content == s.refused.content {
		s.refused = refusedEvent{}
		return false
	}
	return true
}
