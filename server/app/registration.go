package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/neuracampus/attendance/models"
)

// registrationTimeout is how long a start waits for another server on the database, after the time that this may take to finish its
// work. It is longer than a registration outlives a machine that died.
const registrationTimeout = 10 * time.Second

// openRegistration refuses to start beside a server that would share the database and not the live updates.
func (a *App) openRegistration(ctx context.Context) (err error) {
	name := ""
	if a.settings.Cluster {
		name = a.settings.NodeName
	}
	ctx, cancel := context.WithTimeout(ctx, a.settings.ShutdownTimeout+registrationTimeout)
	defer cancel()
	a.node, err = a.store.Register(ctx, name)
	switch {
	case errors.Is(err, models.ErrNodeNameInUse):
		return fmt.Errorf("%w; set a NODE_NAME of its own for each node", err)
	case errors.Is(err, models.ErrDatabaseInUse) && a.settings.DatabaseDSN == "":
		return fmt.Errorf("%w; stop that server, or set another DATA_DIR", err)
	case errors.Is(err, models.ErrDatabaseInUse):
		return fmt.Errorf("%w; stop that server, or set CLUSTER=true on both", err)
	}
	return err
}

// closeRegistration does not wait for a database that is away for long.
func (a *App) closeRegistration() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return a.node.Close(ctx)
}
