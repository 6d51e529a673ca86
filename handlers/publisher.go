package handlers

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/neuracampus/attendance/models"
)

// Publisher broadcasts to classes what has been committed. Deliver is given the events of each class in the order of the commits: on one
// node by models.Options.OnEvent, in a cluster by Streams.
type Publisher struct {
	rooms   Rooms
	streams Streams // nil without a cluster

	// Held for writing while the start or end of a session is broadcast or a class changes otherwise, and for reading while a socket enters a class and is sent
	// the active sessions. Under it nothing blocks: deliveries only go into queues.
	mu sync.RWMutex
	// changes counts the starts and ends of sessions that were broadcast, the removals and the changes of visibility. A join that has read the class before one
	// reads it again.
	changes uint64
}

// Streams are the events of classes that any server of a cluster has changed.
type Streams interface {
	// Join runs join, after which the events of the class above its Seq and RoomSeq are delivered until Leave is called. Stale: it did
	// not, because the caller has read the class before an event that changes what it has read.
	Join(ctx context.Context, class models.Class, join func()) (stale bool, err error)
	Leave(classKey string)
}

// NewPublisher returns a Publisher to these rooms.
func NewPublisher(rooms Rooms) *Publisher { return &Publisher{rooms: rooms} }

// Use makes the server one of a cluster. Call it before the first client connects.
func (p *Publisher) Use(streams Streams) { p.streams = streams }

// Deliver broadcasts the next events of a class, in one piece between two changes of who is sent what. It does not block. Barrier: what
// a socket that is about to enter the class has read is out of date, because a session has started or ended, or the class has changed.
func (p *Publisher) Deliver(events ...models.Event) (barrier bool) {
	if barrier = slices.ContainsFunc(events, isBarrier); barrier {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.changes++
	}
	for len(events) > 0 {
		next := slices.IndexFunc(events, changesMembers)
		if next < 0 {
			p.broadcast(events)
			break
		}
		p.broadcast(events[:next])
		p.changeMembers(events[next])
		p.broadcast(events[next : next+1])
		events = events[next+1:]
	}
	return barrier
}

func isBarrier(event models.Event) bool { return len(event.Sessions) > 0 || changesMembers(event) }

// ShowsOthers tells whether an event that a class is sent says something of a user, so that students do not get that of others if the
// visibility of the class is own.
func ShowsOthers(event string) bool {
	return slices.Contains([]string{"attendanceUpdate", "userJoined", "userLeft", "attendance:flag"}, event)
}

// changesMembers tells whether the members of a room are sent another part of what follows an event.
func changesMembers(event models.Event) bool { return event.Removal != nil || event.Visibility != "" }

// broadcast sends a class what its events have changed.
func (p *Publisher) broadcast(events []models.Event) {
	if len(events) == 0 {
		return
	}
	room := RoomOf(events[0].ClassID)
	if messages := messagesOf(events); len(messages) > 0 {
		p.rooms.Broadcast(room, messages...)
		if p.rooms.HasLimited(room) {
			p.sendLimited(room, events)
		}
	}
	for i := range events {
		if len(events[i].Flags) > 0 {
			p.sendFlags(room, events[i])
		}
	}
}

// sendFlags sends those who teach a class its flags. In open mode, other teachers may be in the room.
func (p *Publisher) sendFlags(room string, event models.Event) {
	teaches := func(user string) bool {
		return strings.HasPrefix(user, string(models.RoleAdmin)+":") || slices.ContainsFunc(event.Teachers, func(teacher models.ID) bool {
			return user == UserKey(models.Actor{ID: teacher, Role: models.RoleTeacher})
		})
	}
	p.rooms.BroadcastTo(room, teaches, mapped(event.Flags, flagMessage)...)
}

func flagMessage(f models.Flag) Message {
	return Message{"attendance:flag", attendanceFlag{f.ClassID, f.SessionType, flagOf(f)}}
}

func flagOf(f models.Flag) flag {
	message := fmt.Sprintf("%d students marked themselves over one connection", len(f.Students))
	if f.Kind == models.FlagSharedDevice {
		message = fmt.Sprintf("%d students marked themselves on one device", len(f.Students))
	}
	return flag{f.Kind, f.Students, message, f.RaisedAt}
}

// sendLimited sends the limited members of a class the sessions, and each the marks of its own user.
func (p *Publisher) sendLimited(room string, events []models.Event) {
	for i := range events {
		for j := range events[i].Marks {
			mark := &events[i].Marks[j]
			student := UserKey(models.Actor{ID: mark.StudentID, Role: models.RoleStudent})
			p.rooms.SendLimited(room, student, Message{"attendanceUpdate", updateOf(mark)})
		}
		for _, session := range events[i].Sessions {
			p.rooms.SendLimited(room, "", sessionMessage(session))
		}
	}
}

// changeMembers takes removed users out of the room of a class, or changes what its members are sent. What was broadcast before still
// goes to them as before.
func (p *Publisher) changeMembers(event models.Event) {
	room := RoomOf(event.ClassID)
	if event.Removal != nil {
		p.remove(room, event.Removal)
	}
	if event.Visibility != "" {
		p.rooms.Limit(room, func(user string) bool {
			role, _, _ := strings.Cut(user, ":")
			return event.Visibility == models.VisibilityOwn && models.Role(role) == models.RoleStudent
		})
	}
}

// noLongerIn is what a client gets whose user was removed.
var noLongerIn = Message{classError, errorReply{"You are no longer in this class"}}

func (p *Publisher) remove(room string, removal *models.Removal) {
	if removal.Deleted {
		p.rooms.Close(room, noLongerIn)
		return
	}
	users := make([]string, len(removal.Users))
	for i, user := range removal.Users {
		users[i] = UserKey(user)
	}
	p.rooms.Remove(room, users, noLongerIn)
}

// messagesOf returns what a class is sent of its events.
func messagesOf(events []models.Event) []Message {
	count := 0
	for i := range events {
		count += len(events[i].Marks) + len(events[i].Sessions)
	}
	messages := make([]Message, 0, count)
	for i := range events {
		for j := range events[i].Marks {
			messages = append(messages, Message{"attendanceUpdate", updateOf(&events[i].Marks[j])})
		}
		for _, session := range events[i].Sessions {
			messages = append(messages, sessionMessage(session))
		}
	}
	return messages
}

// DeliverPresence tells those in a class who has come and who is gone, in a cluster. A user is not told of themselves.
func (p *Publisher) DeliverPresence(events []models.PresenceEvent) {
	for _, event := range events {
		room := RoomOf(event.ClassID)
		who := user{Actor: event.User, name: event.Label}
		message := Message{"userLeft", who.left(room)}
		if event.Here {
			message = Message{"userJoined", who.joined(room)}
		}
		p.rooms.BroadcastExcept(room, who.key(), message)
	}
}

// SocketLeft says that a socket has left a room.
func (p *Publisher) SocketLeft(room string) {
	if p.streams != nil {
		p.streams.Leave(classOf(room).Key)
	}
}

func sessionMessage(session models.Session) Message {
	if session.State == models.StateActive {
		return Message{"attendanceStarted", startedOf(session)}
	}
	return Message{"attendanceEnded", endedOf(session)}
}

// pendingJoin is a class that a socket is about to enter.
type pendingJoin struct {
	class models.Class // as it was read; zero: join does not put the socket into it
	// join puts the socket into the class's room, and sends it the sessions that were read. It returns false if the socket was in the
	// room before, or cannot be.
	join func() bool
}

// enter runs read, which reads who may be in classes and which sessions are active, and then the join of each. No session of the class
// starts or ends between the two, and nobody is removed: the socket neither misses such a change nor gets one twice or too late. Where
// one comes in between, enter reads again. Read must return the same classes in the same order.
func (p *Publisher) enter(ctx context.Context, read func() ([]pendingJoin, error)) error {
	if p.streams != nil {
		return p.enterStreams(ctx, read)
	}
	for {
		p.mu.RLock()
		before := p.changes
		p.mu.RUnlock()
		entries, err := read()
		if err != nil {
			return err
		}
		if p.joinUnlessChanged(before, entries) {
			return nil
		}
	}
}

func (p *Publisher) joinUnlessChanged(before uint64, entries []pendingJoin) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.changes != before {
		return false
	}
	for _, e := range entries {
		e.join()
	}
	return true
}

// enterStreams is enter in a cluster, where each class has an order of its own.
func (p *Publisher) enterStreams(ctx context.Context, read func() ([]pendingJoin, error)) error {
	entered := map[int]bool{}
	for {
		entries, err := read()
		if err != nil {
			return err
		}
		for i, e := range entries {
			if entered[i] {
				continue
			}
			if entered[i], err = p.enterStream(ctx, e); err != nil {
				return err
			}
		}
		if !slices.Contains(slices.Collect(maps.Values(entered)), false) {
			return nil
		}
	}
}

func (p *Publisher) enterStream(ctx context.Context, e pendingJoin) (done bool, err error) {
	if e.class.ID.IsZero() {
		e.join()
		return true, nil
	}
	joined := false
	stale, err := p.streams.Join(ctx, e.class, func() { joined = e.join() })
	if err != nil || stale {
		return false, err
	}
	if !joined {
		p.streams.Leave(e.class.ID.Key)
	}
	return true, nil
}

const roomPrefix = "class:"

// RoomOf returns the room of a class.
func RoomOf(class models.ID) string { return roomPrefix + class.Key }

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

		sessionRules: sessionRulesOf(s),
	}
}

func sessionRulesOf(s models.Session) sessionRules {
	return sessionRules{Proof: s.Proof, LateAt: s.LateAt, EndsAt: s.EndsAt}
}

func endedOf(s models.Session) attendanceEnded {
	return attendanceEnded{
		ClassID:     s.ClassID,
		SessionType: s.Type,
		Timestamp:   s.EndedAt,
		Message:     "Attendance for " + s.Type + " has ended",
	}
}
