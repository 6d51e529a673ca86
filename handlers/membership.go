package handlers

import (
	"context"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// person is who a socket acts as, and the name that others read when they come and go. It is never changed, only
// replaced, because it is read once more after the socket is gone.
type person struct {
	models.Actor
	name string // "" while no roster has told it

	// ids are those of rooms whose class has the id in another form than the client. Never changed, only replaced.
	ids map[string]models.ID

	// sent is what the socket has been sent. It stays the same as long as the socket is one person's.
	sent *sentStates

	// guess is what has been stored for them because an event of the socket named them, nil once they have identified.
	guess *guess
}

// key tells people apart in rooms. A teacher and a student with the same id are two people.
func (p person) key() string { return UserKey(p.Actor) }

// UserKey is the user that sockets, rooms and limits know somebody by.
func UserKey(actor models.Actor) string { return string(actor.Role) + ":" + actor.ID.Key }

func (p person) joined(room string) presence {
	return presence{p.in(room), p.label() + " joined the class"}
}

func (p person) left(room string) presence {
	return presence{p.in(room), p.label() + " left the class"}
}

// in returns the person's id as the class of a room has it.
func (p person) in(room string) models.ID {
	if id, other := p.ids[room]; other {
		return id
	}
	return p.ID
}

// known returns the person with what a class knows of them.
func (p person) known(room string, id models.ID, name string) person {
	if name != "" {
		p.name = name
	}
	if id != p.in(room) {
		ids := map[string]models.ID{room: id}
		for other, known := range p.ids {
			if other != room {
				ids[other] = known
			}
		}
		p.ids = ids
	}
	return p
}

func (p person) label() string {
	switch {
	case p.name != "":
		return p.name
	case p.Role == models.RoleTeacher:
		return "The teacher"
	}
	return "A student"
}

// actor returns who the socket acts as. In open mode somebody who has not identified is the student that the event
// names; named is zero where it names none.
func (h *Handlers) actor(socket Socket, named models.ID) models.Actor {
	if who, ok := socket.State().(person); ok {
		return who.Actor
	}
	if claimed, ok := socket.Claims().(models.Actor); ok {
		h.become(socket, claimed)
		return claimed
	}
	if named.IsZero() || h.mode == models.ModeSigned {
		return models.Actor{}
	}
	student := models.Actor{ID: named, Role: models.RoleStudent}
	who := h.become(socket, student)
	who.guess = new(guess)
	socket.SetState(who)
	return student
}

// become makes the socket act as somebody. Whoever it was before leaves.
func (h *Handlers) become(socket Socket, actor models.Actor) person {
	now := person{Actor: actor, sent: new(sentStates)}
	if before, ok := socket.State().(person); ok {
		if before.key() == now.key() {
			now.name, now.ids, now.sent = before.name, before.ids, before.sent
		} else {
			for _, room := range slices.Clone(socket.Rooms()) {
				h.leaveRoom(socket, before, room)
			}
		}
	}
	socket.SetUser(now.key())
	socket.SetState(now)
	return now
}

// sentTo returns what a socket has been sent. While it acts as nobody, nothing is remembered.
func sentTo(socket Socket) *sentStates {
	if who, ok := socket.State().(person); ok {
		return who.sent
	}
	return new(sentStates)
}

func readIdentify(f *fields) models.Actor {
	return models.Actor{ID: f.id("userId"), Role: models.Role(f.text("role"))}
}

func (h *Handlers) identify(ctx context.Context, socket Socket, actor models.Actor) (any, error) {
	if actor.Role != models.RoleTeacher && actor.Role != models.RoleStudent {
		return nil, errUnknownRole
	}
	if h.mode == models.ModeSigned {
		claimed, _ := socket.Claims().(models.Actor)
		if !claimed.ID.Is(actor.ID) || claimed.Role != actor.Role {
			return nil, errIdentityDiffers
		}
	}
	before, _ := socket.State().(person)
	rooms := slices.Clone(socket.Rooms())
	h.become(socket, actor)
	if err := h.resume(ctx, socket, actor); err != nil {
		return nil, err
	}
	if before.guess == nil || before.key() == UserKey(actor) {
		return identifiedAck{true, "You are identified as a " + string(actor.Role), actor.ID, actor.Role}, nil
	}
	for _, room := range h.takeBack(ctx, before, actor, rooms) {
		// A class that they may not enter is no reason to refuse the identity.
		if err := h.enter(ctx, socket, actor, classOf(room)); err != nil {
			h.logger.DebugContext(ctx, "class of a guess not entered", "room", room, "err", err)
		}
	}
	return identifiedAck{true, "You are identified as a " + string(actor.Role), actor.ID, actor.Role}, nil
}

// membership is what joinClass and leaveClass say.
type membership struct{ user, class models.ID }

func readMembership(f *fields) membership {
	return membership{user: f.id("userId"), class: f.id("classId")}
}

func (h *Handlers) join(ctx context.Context, socket Socket, m membership) (any, error) {
	actor := h.actor(socket, m.user)
	if !actor.ID.Is(m.user) {
		return nil, errUserDiffers
	}
	if err := h.enter(ctx, socket, actor, m.class); err != nil {
		return nil, err
	}
	return memberAck{true, "You are in the class", m.user, m.class}, nil
}

// enter lets a socket into a class, tells it which sessions are active, and tells the others that somebody is here.
func (h *Handlers) enter(ctx context.Context, socket Socket, actor models.Actor, class models.ID) error {
	var found models.JoinResult
	var first bool
	room := roomOf(class)
	if socket.Full() && !slices.Contains(socket.Rooms(), room) {
		return errTooManyClasses
	}
	err := h.classes.enter(func() (err error) {
		found, err = h.store.Join(ctx, actor, class)
		return err
	}, func() {
		if !slices.Contains(socket.Rooms(), room) {
			first = h.admit(socket, room, models.ResumeResult{JoinResult: found})
		}
	})
	if err != nil {
		return err
	}
	who, _ := socket.State().(person)
	if found.Enrolled {
		who.guess.joined(class)
	}
	if first {
		h.rooms.BroadcastExcept(room, who.key(), Message{"userJoined", who.joined(room)})
	}
	return nil
}

func (h *Handlers) leave(_ context.Context, socket Socket, m membership) (any, error) {
	actor := h.actor(socket, m.user)
	if !actor.ID.Is(m.user) {
		return nil, errUserDiffers
	}
	who, _ := socket.State().(person)
	h.leaveRoom(socket, who, roomOf(m.class))
	return memberAck{true, "You have left the class", m.user, m.class}, nil
}

func (h *Handlers) leaveRoom(socket Socket, who person, room string) {
	who.sent.leave(classOf(room))
	if last, was := socket.Leave(room); was && last {
		h.rooms.BroadcastExcept(room, who.key(), Message{"userLeft", who.left(room)})
	}
}

// Left tells a class that somebody's last connection in it broke. State is that socket's.
func (h *Handlers) Left(room, user string, state any) {
	if who, ok := state.(person); ok {
		h.rooms.BroadcastExcept(room, user, Message{"userLeft", who.left(room)})
	}
}
