package app

import (
	"context"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/sockets"
)

// openMemberships stores memberships across restarts. Users who lost their connection when the previous process ended can resume.
func (a *App) openMemberships(ctx context.Context) error {
	if a.settings.ResumeWindow == 0 {
		return nil
	}
	stored, lost, err := a.store.Memberships(ctx, a.settings.ResumeWindow)
	if err != nil {
		return err
	}
	a.members = stored
	a.local.Persist(memberships{stored})
	for _, l := range lost {
		room, user := handlers.RoomAndUser(l.ClassID, l.Actor)
		at := l.LostAt.Time()
		a.local.Restore(user, sockets.Loss{Room: room, Label: l.Label, At: at, LastSeen: at})
	}
	return nil
}

// memberships translates the rooms and users of package sockets to the classes and actors that models stores.
type memberships struct{ stored *models.Memberships }

var _ sockets.Memberships = memberships{}

func (m memberships) Enter(room, user, label string) {
	class, actor := handlers.ClassAndActor(room, user)
	m.stored.Enter(class, actor, label)
}

func (m memberships) Lose(room, user, label string) {
	class, actor := handlers.ClassAndActor(room, user)
	m.stored.Lose(class, actor, label)
}

func (m memberships) Leave(room, user string) {
	m.stored.Leave(handlers.ClassAndActor(room, user))
}

func (m memberships) Forget(room, user string) {
	m.stored.Forget(handlers.ClassAndActor(room, user))
}
