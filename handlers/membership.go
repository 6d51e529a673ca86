package handlers

import (
	"context"
	"slices"

	"github.com/neuracampus/attendance/models"
)

// user is who a socket acts as, and the name that others are shown. A value is never changed, only replaced, because it is read
// once more after the socket has disconnected.
type user struct {
	models.Actor
	name string // from a roster; "" while none has it

	// ids are those of rooms whose class has the id in another form than the client. Never changed, only replaced.
	ids map[string]models.ID

	// sent is what the socket has been sent. It is the same as long as the socket acts as one user.
	sent *sentStates

	// connection is the socket's. It stays when the socket identifies as another user.
	connection *connection

	// provisional is what was stored because an event of the socket named the user; nil once the client has identified.
	provisional *provisional
}

// key distinguishes users in rooms. A teacher and a student with the same id are two users.
func (u user) key() string { return UserKey(u.Actor) }

// UserKey is the key of a user in sockets, rooms and limits.
func UserKey(actor models.Actor) string { return string(actor.Role) + ":" + actor.ID.Key }

func (u user) joined(room string) presence {
	return presence{u.in(room), u.label() + " joined the class"}
}

func (u user) left(room string) presence {
	return presence{u.in(room), u.label() + " left the class"}
}

// in returns the user's id in the form of a room's class.
func (u user) in(room string) models.ID {
	if id, other := u.ids[room]; other {
		return id
	}
	return u.ID
}

// known returns the user with the id and the name that a class has of them.
func (u user) known(room string, id models.ID, name string) user {
	if name != "" {
		u.name = name
	}
	if id != u.in(room) {
		ids := map[string]models.ID{room: id}
		for other, known := range u.ids {
			if other != room {
				ids[other] = known
			}
		}
		u.ids = ids
	}
	return u
}

func (u user) label() string {
	switch {
	case u.name != "":
		return u.name
	case u.Role == models.RoleTeacher:
		return "The teacher"
	case u.Role == models.RoleAdmin:
		return "An administrator"
	}
	return "A student"
}

// actor returns who the socket acts as. In open mode a client that has not identified is the student that the event names; named
// is zero where it names none.
func (h *Handlers) actor(socket Socket, named models.ID) models.Actor {
	if who, ok := socket.State().(user); ok {
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
	who.provisional = new(provisional)
	socket.SetState(who)
	return student
}

// become makes the socket act as actor. If it acted as another user before, it leaves that user's rooms.
func (h *Handlers) become(socket Socket, actor models.Actor) user {
	now := user{Actor: actor, sent: new(sentStates), connection: new(connection)}
	if before, ok := socket.State().(user); ok {
		now.connection = before.connection
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

// sentTo returns what a socket has been sent. Without a user, nothing is remembered.
func sentTo(socket Socket) *sentStates {
	if who, ok := socket.State().(user); ok {
		return who.sent
	}
	return new(sentStates)
}

func readIdentify(f *fields) models.Actor {
	return models.Actor{ID: f.id("userId"), Role: word[models.Role](f, "role")}
}

func (h *Handlers) identify(ctx context.Context, socket Socket, named models.Actor) (identifiedAck, error) {
	actor, err := h.identified(socket, named)
	if err != nil {
		return identifiedAck{}, err
	}
	before, _ := socket.State().(user)
	rooms := slices.Clone(socket.Rooms())
	h.become(socket, actor)
	if err := h.resume(ctx, socket, actor); err != nil {
		return identifiedAck{}, err
	}
	if before.provisional == nil || before.key() == UserKey(actor) {
		return identifiedAs(named), nil
	}
	for _, room := range h.undoProvisional(ctx, before, actor, rooms) {
		// A class that they may not enter is no reason to refuse the identity.
		if err := h.enter(ctx, socket, actor, classOf(room)); err != nil {
			h.logger.DebugContext(ctx, "class of a provisional student not entered", "room", room, "err", err)
		}
	}
	return identifiedAs(named), nil
}

// identified returns who a client that names a user is. In open mode it is believed. In signed mode the token decides; an
// administrator may call themselves a teacher, because existing frontends know no third role.
func (h *Handlers) identified(socket Socket, named models.Actor) (models.Actor, error) {
	claimed, _ := socket.Claims().(models.Actor) // zero in open mode
	switch {
	case named.Role == models.RoleAdmin && claimed.Role != models.RoleAdmin, named.Role != models.RoleStudent && !named.ActsAsTeacher():
		return models.Actor{}, errUnknownRole
	case h.mode == models.ModeOpen:
		return named, nil
	case !claimed.ID.Is(named.ID), claimed.Role != named.Role && !(claimed.Role == models.RoleAdmin && named.Role == models.RoleTeacher):
		return models.Actor{}, errIdentityDiffers
	}
	return models.Actor{ID: named.ID, Role: claimed.Role}, nil
}

// identifiedAs confirms an identity in the role that the client has named.
func identifiedAs(named models.Actor) identifiedAck {
	article := "a "
	if named.Role == models.RoleAdmin {
		article = "an "
	}
	return identifiedAck{true, "You are identified as " + article + string(named.Role), named.ID, named.Role}
}

// membership is what joinClass and leaveClass say.
type membership struct{ user, class models.ID }

func readMembership(f *fields) membership {
	return membership{user: f.id("userId"), class: f.id("classId")}
}

func (h *Handlers) join(ctx context.Context, socket Socket, m membership) (memberAck, error) {
	actor := h.actor(socket, m.user)
	if !actor.ID.Is(m.user) {
		return memberAck{}, errUserDiffers
	}
	if err := h.enter(ctx, socket, actor, m.class); err != nil {
		return memberAck{}, err
	}
	return memberAck{true, "You are in the class", m.user, m.class}, nil
}

// enter puts a socket into a class, sends it the sessions that are active, and notifies the others.
func (h *Handlers) enter(ctx context.Context, socket Socket, actor models.Actor, class models.ID) error {
	var found models.JoinResult
	var first bool
	room := RoomOf(class)
	if socket.Full() && !slices.Contains(socket.Rooms(), room) {
		return errTooManyClasses
	}
	err := h.classes.enter(ctx, func() (_ []pendingJoin, err error) {
		if found, err = h.store.Join(ctx, actor, class); err != nil {
			return nil, err
		}
		return []pendingJoin{{found.Class, func() (joined bool) {
			if slices.Contains(socket.Rooms(), room) {
				return false
			}
			joined, first = h.rejoin(socket, room, models.ResumeResult{JoinResult: found})
			return joined
		}}}, nil
	})
	if err != nil {
		return err
	}
	who, _ := socket.State().(user)
	if found.Enrolled {
		who.provisional.joined(class)
	}
	if first {
		h.rooms.BroadcastExcept(room, who.key(), Message{"userJoined", who.joined(room)})
	}
	return nil
}

func (h *Handlers) leave(_ context.Context, socket Socket, m membership) (memberAck, error) {
	actor := h.actor(socket, m.user)
	if !actor.ID.Is(m.user) {
		return memberAck{}, errUserDiffers
	}
	who, _ := socket.State().(user)
	h.leaveRoom(socket, who, RoomOf(m.class))
	return memberAck{true, "You have left the class", m.user, m.class}, nil
}

func (h *Handlers) leaveRoom(socket Socket, who user, room string) {
	who.sent.leave(classOf(room))
	if last, was := socket.Leave(room); was && last {
		h.rooms.BroadcastExcept(room, who.key(), Message{"userLeft", who.left(room)})
	}
}

// UserLeft notifies a class that the last connection of a user in it broke. Key is the user's, state the socket's.
func (h *Handlers) UserLeft(room, key string, state any) {
	if who, ok := state.(user); ok {
		h.rooms.BroadcastExcept(room, key, Message{"userLeft", who.left(room)})
	}
}
