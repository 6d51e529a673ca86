package models

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// Resumable is a class in which a connection of a user broke.
type Resumable struct {
	ClassID ID // its Key only
	Label   string
	At      Timestamp // when it broke, by the clock of this node
	SeenAt  Timestamp // when the client last sent something
}

// resumption asks what a user can resume. The rest belongs to the goroutine that reads until done is closed.
type resumption struct {
	caller    context.Context // for the log
	actor     Actor
	found     []Resumable
	elsewhere bool // the user has a connection on another node, as far as the database knows
	err       error
	done      chan struct{}
}

// deathNoticed is how long the database may take to notice that the process of a node has died.
const deathNoticed = 300 * time.Millisecond

// Resumable returns the classes that a user can resume, the longest lost first, whichever node had the connection: it is alive and the
// connection broke, or the node is dead or ends. If the user is on another node that seems alive, it asks once more a little later: a
// client may be back before the database has noticed the death of its node.
func (p *Presence) Resumable(ctx context.Context, actor Actor) ([]Resumable, error) {
	if p.Window == 0 {
		return nil, nil
	}
	if err := p.await(ctx); err != nil {
		return nil, err
	}
	found, elsewhere, err := p.resumableNow(ctx, actor)
	if err != nil || len(found) > 0 || !elsewhere {
		return found, err
	}
	if err := pause(ctx, deathNoticed); err != nil {
		return nil, p.store.failure(ctx, "resume classes", err)
	}
	found, _, err = p.resumableNow(ctx, actor)
	return found, err
}

// resumableNow returns what the database knows at the moment. Users who ask at the same time share a statement.
func (p *Presence) resumableNow(ctx context.Context, actor Actor) (found []Resumable, elsewhere bool, err error) {
	r := &resumption{caller: ctx, actor: actor, done: make(chan struct{})}
	if !p.resumptions.Add(r) {
		return nil, false, ErrClosed
	}
	select {
	case <-r.done:
		return r.found, r.elsewhere, r.err
	case <-ctx.Done():
		return nil, false, p.store.failure(ctx, "resume classes", ctx.Err())
	}
}

// userKey is a user in the tables.
type userKey struct {
	role Role
	user string
}

// maxResumable bounds how many rows one batch of resumptions reads.
const maxResumable = 50_000

func (p *Presence) readResumptions(batch []*resumption) {
	found, elsewhere := map[userKey][]Resumable{}, map[userKey]bool{}
	err := p.store.retryBatch(func(ctx context.Context) error {
		clear(found)
		clear(elsewhere)
		return p.readResumable(ctx, batch, found, elsewhere)
	})
	err = p.store.failure(batch[0].caller, "resume classes", err)
	for _, r := range batch {
		r.err = err
		user := userKey{r.actor.Role, r.actor.ID.Key}
		r.found, r.elsewhere = newest(found[user]), elsewhere[user]
		close(r.done)
	}
}

func (p *Presence) readResumable(ctx context.Context, batch []*resumption, found map[userKey][]Resumable, elsewhere map[userKey]bool) error {
	own := p.lease.incarnation.Load()
	conn, err := p.store.locked.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	rows := statement.New(selectPresence)
	for i, r := range batch {
		or := " OR "
		if i == 0 {
			or = ""
		}
		rows.Add(or+"user_key = ? AND user_role = ?", r.actor.ID.Key, string(r.actor.Role))
	}
	rows.Add(" LIMIT ?", maxResumable)
	w := &roomWrite{nodes: map[int64]nodeState{}}
	return statement.Query(ctx, conn, p.store.on.pipelined, nil, []statement.Reading{
		{Statement: statement.New(selectNodeStates), Scan: w.scanNode},
		{Statement: rows, Scan: func(rows *sql.Rows) error {
			var row presenceRow
			if err := row.scan(rows); err != nil {
				return err
			}
			user := userKey{row.role, row.user}
			if lost, ok := p.resumable(row, w); ok {
				found[user] = append(found[user], lost)
			}
			elsewhere[user] = elsewhere[user] || row.here && row.incarnation != own
			return nil
		}},
	})
}

// resumable tells whether and when the connection of a row broke.
func (p *Presence) resumable(row presenceRow, w *roomWrite) (Resumable, bool) {
	at, seen := row.lostAt, row.seenAt
	if node, known := w.nodes[row.incarnation]; row.here && known && node.ended() {
		at, seen = node.endedAt(), node.endedAt()
	}
	age := w.now - at
	if at == 0 || age >= Timestamp(p.Window.Milliseconds()) {
		return Resumable{}, false
	}
	now := p.store.now()
	return Resumable{ClassID: ID{Key: row.class}, Label: row.label, At: now - age, SeenAt: now - (w.now - seen)}, true
}

// newest returns the latest loss of each class, the longest ago first.
func newest(losses []Resumable) []Resumable {
	slices.SortFunc(losses, func(a, b Resumable) int {
		return cmp.Or(cmp.Compare(a.ClassID.Key, b.ClassID.Key), cmp.Compare(b.At, a.At))
	})
	losses = slices.CompactFunc(losses, func(a, b Resumable) bool { return a.ClassID == b.ClassID })
	slices.SortFunc(losses, func(a, b Resumable) int { return cmp.Compare(a.At, b.At) })
	return losses
}

// In returns the users who are in a class on any node, with the keys of their ids only.
func (p *Presence) In(ctx context.Context, class ID) ([]Actor, error) {
	if err := p.await(ctx); err != nil {
		return nil, err
	}
	var found []struct{ UserRole, UserKey string }
	err := p.store.read.WithContext(ctx).Raw(`SELECT DISTINCT user_role, user_key FROM node_presence WHERE class_key = ? AND here
		ORDER BY user_role, user_key`, class.Key).Scan(&found).Error
	actors := make([]Actor, len(found))
	for i, user := range found {
		actors[i] = Actor{ID: ID{Key: user.UserKey}, Role: Role(user.UserRole)}
	}
	return actors, p.store.failure(ctx, "read who is in a class", err)
}
