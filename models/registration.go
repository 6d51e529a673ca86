package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Two servers on one database that do not know of each other would each broadcast only what they commit themselves. So every server
// registers in its database before it serves, and a second one is refused unless both are nodes of a cluster. A registration has a
// row, which says who it is, and a lock, which the database releases when the process dies.

// ErrDatabaseInUse is returned by Register while another server uses the database that is not a node of this server's cluster.
var ErrDatabaseInUse = errors.New("another server uses the database, so live updates would reach the clients of only one of them")

// ErrNodeNameInUse is returned by Register while another node of the cluster has the name.
var ErrNodeNameInUse = errors.New("another node of the cluster has the same name")

// nodeLease is how long a registration outlives a machine that died or was cut off from the database. A process that dies loses it
// at once.
const nodeLease = 8 * time.Second

// node is a server that has registered.
type node struct {
	ID        int64
	Name      string // empty: it is no node of a cluster
	Host      string
	PID       int64 `gorm:"column:pid"`
	StartedAt Timestamp
}

// excludes returns nil if both may use one database.
func (n node) excludes(other node) error {
	switch {
	case n.Name == "" || other.Name == "":
		return fmt.Errorf("%w: %v", ErrDatabaseInUse, n)
	case n.Name == other.Name:
		return fmt.Errorf("%w, %q: %v", ErrNodeNameInUse, n.Name, n)
	}
	return nil
}

func (n node) String() string {
	return fmt.Sprintf("process %d on %s, started at %v", n.PID, n.Host, n.StartedAt)
}

func isExcluded(err error) bool {
	return errors.Is(err, ErrDatabaseInUse) || errors.Is(err, ErrNodeNameInUse)
}

// Registration makes a server known to the others on its database.
type Registration struct {
	end   func(context.Context) error
	lease *lease // nil on SQLite, which has no nodes
}

// Register registers this server until Close. Name is that of a node of a cluster; a server without a name is the only one on its
// database. If another server excludes this one, Register waits for that server to end until ctx ends, and then returns
// ErrDatabaseInUse or ErrNodeNameInUse. It logs at once that it waits.
func (s *Store) Register(ctx context.Context, name string) (*Registration, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	self := &node{Name: name, Host: host, PID: int64(os.Getpid()), StartedAt: s.now()}
	begin := s.registerMySQL
	if s.files != nil {
		begin = s.registerSQLite
	}
	var excluded error
	for {
		registration, err := begin(ctx, self)
		switch {
		case err == nil:
			return registration, nil
		case isExcluded(err) && excluded == nil:
			s.log.WarnContext(ctx, "waiting for another server to end", "err", err)
			excluded = err
		case isExcluded(err):
			excluded = err
		case ctx.Err() != nil && excluded != nil:
			return nil, excluded
		case !errors.Is(err, errRegistering) && !isContention(err):
			return nil, s.failure(ctx, "register in the database", err)
		}
		if pause(ctx, s.nodeLease/32) != nil {
			return nil, cmp.Or(excluded, err)
		}
	}
}

// Close ends the registration, so that another server may begin at once.
func (r *Registration) Close(ctx context.Context) error { return r.end(ctx) }
