package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// On MySQL and MariaDB the lock is a named lock, which belongs to a connection. The server releases it when the connection closes,
// and closes the connection when it was idle for nodeLease. So the time is the database's, whatever the clocks of the machines say.

// The names of the locks. Named locks are the server's, not the database's, and have at most 64 characters.
const (
	registeringLock = "SHA1(CONCAT('attendance nodes ', DATABASE()))"
	nodeLockOf      = "SHA1(CONCAT('attendance node ', DATABASE(), ' ', " // and an id, and nodeLockEnd
	nodeLockEnd     = "))"
	ownLock         = nodeLockOf + "?" + nodeLockEnd
)

// mysqlRegistration renews its lock. Only its goroutine uses it after Register, but for lease.
type mysqlRegistration struct {
	store *Store
	self  *node
	lease *lease
	conn  *sql.Conn // holds the lock of self; nil while it is lost

	excludedAt time.Time // when it was last logged that another server excludes this one; zero: none does
}

func (s *Store) registerMySQL(ctx context.Context, self *node) (*Registration, error) {
	r := &mysqlRegistration{store: s, self: self, lease: newLease(s.nodeLease)}
	if err := r.register(ctx); err != nil {
		return nil, err
	}
	working, stop := context.WithCancel(context.Background())
	renewing, cancel := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		r.run(renewing, working.Done())
	}()
	return &Registration{lease: r.lease, end: func(ctx context.Context) error {
		defer cancel()
		stop()
		unused := context.AfterFunc(ctx, cancel) // until then a renewal may finish: to cancel it would break the connection
		defer unused()
		<-stopped
		return r.end(ctx)
	}}, nil
}

// run renews the lock until stop is closed. If the connection broke, it registers again. The renewals end with ctx.
func (r *mysqlRegistration) run(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(r.store.nodeLease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			r.renew(ctx)
		case <-r.lease.renewals:
			r.renew(ctx)
		}
	}
}

// renewStatement renews the lease of a node that holds its lock and was not taken for dead. A proxy may have moved the connection to
// another server, where it holds no lock.
const renewStatement = "UPDATE nodes SET alive_at = " + databaseNow + " WHERE id = ? AND gone_at = 0 AND IS_USED_LOCK(" + ownLock + ") = CONNECTION_ID()"

// renew uses the connection, so that the server does not close it.
func (r *mysqlRegistration) renew(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.store.nodeLease/4)
	defer cancel()
	if r.conn != nil {
		if renewed, err := affected(r.conn.ExecContext(ctx, renewStatement, r.self.ID, r.self.ID)); err == nil && renewed {
			r.lease.renewed(r.self.ID)
			return
		}
		discard(r.conn)
		r.conn = nil
	}
	r.report(r.register(ctx))
}

// affected tells whether a statement changed a row.
func affected(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// report logs that another server excludes this one, once a minute, and the end of that. A database that is away is logged by those
// who need it.
func (r *mysqlRegistration) report(err error) {
	switch {
	case isExcluded(err) && time.Since(r.excludedAt) > time.Minute:
		r.excludedAt = time.Now()
		r.store.log.Error("another server has begun to use the database while this one was cut off from it; stop one of them", "err", err)
	case err == nil && !r.excludedAt.IsZero():
		r.excludedAt = time.Time{}
		r.store.log.Info("no other server excludes this one any more")
	}
}

// register takes the lock and writes the row, unless another server excludes this one. It removes the rows of those that are gone.
func (r *mysqlRegistration) register(ctx context.Context) error {
	conn, err := r.store.nodePool.Conn(ctx)
	if err != nil {
		return err
	}
	if err := r.registerOn(ctx, conn); err != nil {
		discard(conn)
		return err
	}
	r.conn = conn
	r.lease.renewed(r.self.ID)
	r.lease.registered.Add(1)
	return nil
}

// errRegistering is contention: another server is registering at this moment, or an earlier connection of this one is not closed yet.
var errRegistering = errors.New("another server is registering")

func (r *mysqlRegistration) registerOn(ctx context.Context, conn *sql.Conn) (err error) {
	lease := max(1, int(r.store.nodeLease/time.Second))
	if _, err := conn.ExecContext(ctx, "SET SESSION wait_timeout = ?", lease); err != nil {
		return err
	}
	if err := takeLock(ctx, conn, registeringLock, 1); err != nil {
		return err
	}
	gone, err := r.othersGone(ctx, conn)
	if err != nil {
		return err
	}
	if len(gone) > 0 {
		remove := statement.New("DELETE FROM nodes WHERE " + withoutPresence + " AND id IN ")
		remove.List(gone...)
		if _, err := conn.ExecContext(ctx, remove.String(), remove.Values()...); err != nil {
			return err
		}
	}
	if err := r.writeRow(ctx, conn); err != nil {
		return err
	}
	if err := takeLock(ctx, conn, ownLock, 0, r.self.ID); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "DO RELEASE_LOCK("+registeringLock+")")
	return err
}

// takeLock waits for a named lock for so many seconds.
func takeLock(ctx context.Context, conn *sql.Conn, name string, seconds int, values ...any) error {
	var got bool
	err := conn.QueryRowContext(ctx, "SELECT COALESCE(GET_LOCK("+name+", ?), FALSE)", append(values, seconds)...).Scan(&got)
	if err == nil && !got {
		return errRegistering
	}
	return err
}

// othersGone returns the ids of registrations whose lock is free. If one is not free and excludes this server, it returns why.
func (r *mysqlRegistration) othersGone(ctx context.Context, conn *sql.Conn) (gone []any, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT id, name, host, pid, started_at, IS_USED_LOCK("+nodeLockOf+"id"+nodeLockEnd+`) IS NOT NULL
		FROM nodes WHERE id <> ?`, r.self.ID)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error, if any, is in rows.Err
	for rows.Next() {
		var other node
		var alive bool
		if err := rows.Scan(&other.ID, &other.Name, &other.Host, &other.PID, &other.StartedAt, &alive); err != nil {
			return nil, err
		}
		if !alive {
			gone = append(gone, other.ID)
		} else if err := other.excludes(*r.self); err != nil {
			return nil, err
		}
	}
	return gone, rows.Err()
}

// writeRow renews the row of this server. If another has taken this one for dead meanwhile, it writes a new one.
func (r *mysqlRegistration) writeRow(ctx context.Context, conn *sql.Conn) error {
	const update = "UPDATE nodes SET alive_at = " + databaseNow + " WHERE id = ? AND gone_at = 0"
	if kept, err := affected(conn.ExecContext(ctx, update, r.self.ID)); err != nil || kept {
		return err
	}
	const insert = "INSERT INTO nodes (name, host, pid, started_at, alive_at) VALUES (?, ?, ?, ?, " + databaseNow + ")"
	result, err := conn.ExecContext(ctx, insert, r.self.Name, r.self.Host, r.self.PID, int64(r.self.StartedAt))
	if err != nil {
		return err
	}
	r.self.ID, err = result.LastInsertId()
	return err
}

// withoutPresence is true of the rows of nodes that have no users. Those of others are removed by Presence, with who was there.
const withoutPresence = "NOT EXISTS (SELECT 1 FROM node_presence p WHERE p.incarnation = nodes.id AND p.here)"

// end removes the row and releases the lock. If the database is away, the lock is free after nodeLease. The users who are still on this
// node have until the end of the lease to come back on another one.
func (r *mysqlRegistration) end(ctx context.Context) error {
	if r.conn == nil {
		return nil
	}
	defer discard(r.conn)
	_, err := r.conn.ExecContext(ctx, renewStatement, r.self.ID, r.self.ID)
	if err == nil {
		_, err = r.conn.ExecContext(ctx, "DELETE FROM nodes WHERE "+withoutPresence+" AND id = ?", r.self.ID)
	}
	return r.store.failure(ctx, "end the registration", err)
}

// discard closes a connection, and so releases its locks, instead of giving it back to the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the error is the one that it is given
	_ = conn.Close()                                           // it is closed already
}
