package handlers

import (
	"strings"
	"sync"

	"github.com/neuracampus/attendance/models"
)

// Publisher broadcasts to classes what has been committed. Its methods are the callbacks of models.Options; the store calls
// them in the order of its commits, and they do not block.
type Publisher struct {
	rooms Rooms

	// Held for writing while the start or end of a session is broadcast, and for reading while a socket enters a class and is sent
	// the active sessions. Under it nothing blocks: deliveries only go into queues.
	mu sync.RWMutex
	// sessionChanges counts the starts and ends that were broadcast. A join that read the sessions before one reads them again.
	sessionChanges uint64
}

// NewPublisher returns a Publisher to these rooms.
func NewPublisher(rooms Rooms) *Publisher { return &Publisher{rooms: rooms} }

// Committed broadcasts marks. What one commit changed in one class goes out in one piece.
func (p *Publisher) Committed(marks []models.Mark) {
	messages := make(map[string][]Message, 1)
	var order []string
	for i := range marks {
		key := marks[i].ClassID.Key
		if _, seen := messages[key]; !seen {
			order = append(order, key)
		}
		messages[key] = append(messages[key], Message{"attendanceUpdate", updateOf(&marks[i])})
	}
	for _, key := range order {
		p.rooms.Broadcast(roomPrefix+key, messages[key]...)
	}
}

// Started broadcasts that a session is active.
func (p *Publisher) Started(session models.Session) {
	p.sessionChanged(session.ClassID, Message{"attendanceStarted", startedOf(session)})
}

// Ended broadcasts that a session is over.
func (p *Publisher) Ended(session models.Session) {
	p.sessionChanged(session.ClassID, Message{"attendanceEnded", endedOf(session)})
}

func (p *Publisher) sessionChanged(class models.ID, message Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessionChanges++
	p.rooms.Broadcast(roomOf(class), message)
}

// enter runs read, which asks the store which sessions are active, and then join, which puts a socket into a room and sends it
// those. No session starts or ends between the two: the socket neither misses a session change nor gets one twice or too late.
func (p *Publisher) enter(read func() error, join func()) error {
	for {
		p.mu.RLock()
		before := p.sessionChanges
		p.mu.RUnlock()
		if err := read(); err != nil {
			return err
		}
		if p.joinUnlessChanged(before, join) {
			return nil
		}
	}
}

func (p *Publisher) joinUnlessChanged(before uint64, join func()) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.sessionChanges != before {
		return false
	}
	join()
	return true
}

const roomPrefix = "class:"

func roomOf(class models.ID) string { return roomPrefix + class.Key }

func classOf(room string) models.ID { return models.ID{Key: strings.TrimPrefix(room, roomPrefix)} }

func updateOf(mark *models.Mark) attendanceUpdate {
	return attendanceUpdate{
		ClassID:     mark.ClassID,
		StudentID:   mark.StudentID,
		StudentName: mark.StudentName,
		Status:      mark.Status,
		SessionType: mark.SessionType,
		Timestamp:   mark.RecordedAt,
	}
}

func startedOf(s models.Session) attendanceStarted {
	return attendanceStarted{
		ClassID:     s.ClassID,
		TeacherID:   s.TeacherID,
		SessionType: s.Type,
		Timestamp:   s.StartedAt,
		Message:     "Attendance for " + s.Type + " is open",
		Frequency:   s.Frequency,
	}
}

func endedOf(s models.Session) attendanceEnded {
	return attendanceEnded{
		ClassID:     s.ClassID,
		SessionType: s.Type,
		Timestamp:   s.EndedAt,
		Message:     "Attendance for " + s.Type + " has ended",
	}
}
