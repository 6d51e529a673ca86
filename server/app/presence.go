package app

import (
	"context"
	"time"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/sockets"
)

// newPresence returns what the hub asks who is in which room.
func (a *App) newPresence() sockets.Presence {
	if a.settings.Cluster {
		a.shared = sockets.NewSharedPresence()
		return a.shared
	}
	a.local = sockets.NewLocalPresence(a.settings.ResumeWindow)
	return a.local
}

// openPresence lets the users resume who lost their connection before this process started. On a node of a cluster it also tells the
// other nodes who is here. Call it when the node is registered.
func (a *App) openPresence(ctx context.Context) error {
	if a.local != nil {
		return a.openMemberships(ctx)
	}
	a.everyone = a.store.Presence(a.node, models.PresenceOptions{
		Window: a.settings.ResumeWindow, Everybody: a.enterLocalUsers,
		Publish: func(entries []models.LogEntry) { a.reader.Commit(clusterEvents(entries)) },
	})
	a.shared.Use(members{a.everyone})
	return nil
}

// presenceTimeout is how long a stop waits until the database has stored who was where, and drainTimeout until it has stored that the
// node ends.
const (
	presenceTimeout = 5 * time.Second
	drainTimeout    = time.Second
)

func (a *App) closePresence() error {
	ctx, cancel := context.WithTimeout(context.Background(), presenceTimeout)
	defer cancel()
	switch {
	case a.members != nil:
		return a.members.Close(ctx)
	case a.everyone != nil:
		return a.everyone.Close(ctx)
	}
	return nil
}

// enterLocalUsers enters everybody who is in a class on this node.
func (a *App) enterLocalUsers(enter func(class models.ID, actor models.Actor, label string)) {
	a.shared.Each(func(room, user string, member sockets.Member) {
		class, actor := memberOf(room, user, member)
		enter(class, actor, member.Label)
	})
}

// memberOf returns the class of a room and a user with their id in its form.
func memberOf(room, user string, member sockets.Member) (models.ID, models.Actor) {
	class, actor := handlers.ClassAndActor(room, user)
	actor.ID.Number = member.Number
	return class, actor
}

// members translates the rooms and users of package sockets to the classes and actors that models stores.
type members struct{ stored *models.Presence }

var _ sockets.Members = members{}

func (m members) Enter(room, user string, member sockets.Member) {
	class, actor := memberOf(room, user, member)
	m.stored.Enter(class, actor, member.Label)
}

func (m members) Break(room, user string, member sockets.Member, here bool, lastSeen time.Time) {
	class, actor := memberOf(room, user, member)
	m.stored.Break(class, actor, member.Label, here, lastSeen)
}

func (m members) Leave(room, user string, member sockets.Member, here bool) {
	class, actor := memberOf(room, user, member)
	m.stored.Leave(class, actor, member.Label, here)
}

func (m members) Resumable(ctx context.Context, user string) ([]sockets.Loss, error) {
	_, actor := handlers.ClassAndActor("", user)
	found, err := m.stored.Resumable(ctx, actor)
	losses := make([]sockets.Loss, len(found))
	for i, lost := range found {
		room, _ := handlers.RoomAndUser(lost.ClassID, actor)
		losses[i] = sockets.Loss{Room: room, Label: lost.Label, At: lost.At.Time(), LastSeen: lost.SeenAt.Time()}
	}
	return losses, err
}

func (m members) Users(ctx context.Context, room string) ([]string, error) {
	class, _ := handlers.ClassAndActor(room, "")
	found, err := m.stored.In(ctx, class)
	users := make([]string, len(found))
	for i, actor := range found {
		_, users[i] = handlers.RoomAndUser(class, actor)
	}
	return users, err
}

// Drain goes on if the database is away: the users can resume elsewhere when the registration has ended.
func (m members) Drain() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	_ = m.stored.Drain(ctx) // logged by the store
}
