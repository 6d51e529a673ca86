package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// presenceRow is a user in a class on an incarnation of a node.
type presenceRow struct {
	memberKey
	incarnation int64
	number      bool
	label       string
	here        bool      // they have a connection there
	lostAt      Timestamp // by the database's clock, when a connection broke last; zero: they cannot resume
	seenAt      Timestamp // when the client of that connection last sent something
}

const selectPresence = "SELECT class_key, user_role, user_key, incarnation, user_number, label, here, lost_at, seen_at FROM node_presence WHERE "

func (r *presenceRow) scan(rows *sql.Rows) error {
	return rows.Scan(&r.class, &r.role, &r.user, &r.incarnation, &r.number, &r.label, &r.here, &r.lostAt, &r.seenAt)
}

// roomWrite is a transaction that changes who is in some classes. It holds the locks of their rooms.
type roomWrite struct {
	store *Store
	conn  *sql.Conn
	seq   map[string]int64 // of the rooms that exist, by class
	nodes map[int64]nodeState
	now   Timestamp // by the database's clock

	changed []string // classes that have events
	entries []LogEntry
}

var (
	// errNodeDead says that others have taken this incarnation for dead.
	errNodeDead = errors.New("another node has taken this one for dead")
	// errNoRoom says that a class has no room yet.
	errNoRoom = errors.New("a class has no room")
)

// roomChange is what a transaction does to the rooms of classes.
type roomChange interface {
	// readings begins an attempt. It returns what is read when the rooms are locked.
	readings() []statement.Reading

	// writes returns the statements that write, and logs events with roomWrite.tell. None: the transaction ends without a trace.
	writes(w *roomWrite) ([]*statement.Statement, error)
}

// changeRooms runs a transaction and publishes the events that it has logged. It makes the rooms that are needed if they are
// missing. If the answer to the COMMIT was lost, it returns an error, though it may be done.
func (p *Presence) changeRooms(classes, needed []string, change roomChange) error {
	slices.Sort(classes) // everybody takes the locks in this order
	slices.Sort(needed)
	return p.store.retryBatch(func(ctx context.Context) error {
		err := p.changeRoomsOnce(ctx, classes, needed, change)
		if errors.Is(err, errNoRoom) {
			if err = p.store.makeRooms(ctx, needed); err == nil {
				err = p.changeRoomsOnce(ctx, classes, needed, change)
			}
		}
		return err
	})
}

// makeRooms is a transaction of its own: an INSERT that finds a row locks it for reading, and two that do would wait for each other.
func (s *Store) makeRooms(ctx context.Context, classes []string) error {
	insert := statement.Insert("INSERT IGNORE INTO rooms (class_key, seq) VALUES ", len(classes))
	for _, class := range classes {
		insert.Row(class, 0)
	}
	return s.db.WithContext(ctx).Exec(insert.String(), insert.Values()...).Error
}

func (p *Presence) changeRoomsOnce(ctx context.Context, classes, needed []string, change roomChange) (err error) {
	conn, err := p.store.locked.pool.Conn(ctx)
	if err != nil {
		return err
	}
	w := &roomWrite{store: p.store, conn: conn, seq: map[string]int64{}, nodes: map[int64]nodeState{}}
	committed := false
	defer func() {
		if !committed {
			rollBackOrDiscard(conn)
		}
		_ = conn.Close() // gives it back to the pool; an error of the connection showed before
	}()
	if err := w.lock(ctx, classes, change.readings()); err != nil {
		return err
	}
	if !w.exist(needed) {
		return errNoRoom
	}
	writes, err := change.writes(w)
	if err != nil || len(writes) == 0 {
		return err
	}
	writes = append(append(writes, w.log()...), statement.New("COMMIT"))
	if err := statement.Execute(ctx, conn, p.store.on.pipelined, writes); err != nil {
		return err
	}
	committed = true
	if len(w.entries) > 0 {
		p.Publish(w.entries)
	}
	return nil
}

func (w *roomWrite) lock(ctx context.Context, classes []string, readings []statement.Reading) error {
	rooms := statement.New("SELECT class_key, seq FROM rooms WHERE class_key IN ")
	keys := make([]any, len(classes))
	for i, class := range classes {
		keys[i] = class
	}
	rooms.List(keys...)
	rooms.Add(" ORDER BY class_key FOR UPDATE")
	all := append([]statement.Reading{
		{Statement: rooms, Scan: w.scanRoom}, {Statement: statement.New(selectNodeStates), Scan: w.scanNode},
	}, readings...)
	begin := []*statement.Statement{statement.New(w.store.on.begin)}
	return statement.Query(ctx, w.conn, w.store.on.pipelined, begin, all)
}

// exist tells whether classes have rooms.
func (w *roomWrite) exist(classes []string) bool {
	return !slices.ContainsFunc(classes, func(class string) bool { _, found := w.seq[class]; return !found })
}

func (w *roomWrite) scanRoom(rows *sql.Rows) error {
	var class string
	var seq int64
	err := rows.Scan(&class, &seq)
	w.seq[class] = seq
	return err
}

func (w *roomWrite) scanNode(rows *sql.Rows) error {
	var n nodeState
	err := rows.Scan(&n.ID, &n.AliveAt, &n.DrainingAt, &n.GoneAt, &n.Locked, &n.Now)
	w.nodes[n.ID], w.now = n, n.Now
	return err
}

// ended tells whether users whose connections an incarnation had may resume elsewhere.
func (w *roomWrite) ended(incarnation int64) bool {
	node, known := w.nodes[incarnation]
	return !known || node.ended()
}

// addEvent adds an event: a user is now in a class, or no longer.
func (w *roomWrite) addEvent(row presenceRow, here bool) error {
	w.seq[row.class]++
	body, err := encodePresence(PresenceEvent{
		ClassID: ID{Key: row.class}, User: Actor{ID: ID{row.user, row.number}, Role: row.role}, Label: row.label, Here: here,
	})
	w.entries = append(w.entries, LogEntry{Stream: RoomStreamOf(ID{Key: row.class}), Seq: w.seq[row.class], Body: body})
	if !slices.Contains(w.changed, row.class) {
		w.changed = append(w.changed, row.class)
	}
	return err
}

// log returns the statements that write the events.
func (w *roomWrite) log() []*statement.Statement {
	if len(w.entries) == 0 {
		return nil
	}
	rooms := statement.Insert("INSERT INTO rooms (class_key, seq) VALUES ", len(w.changed))
	for _, class := range w.changed {
		rooms.Row(class, w.seq[class])
	}
	rooms.Add(w.store.on.conflict("class_key") + "seq = " + w.store.on.proposed("seq"))
	events := statement.Insert(insertEvents, len(w.entries))
	for _, entry := range w.entries {
		events.RowOf(eventRow, entry.Stream, entry.Seq, entry.Body)
	}
	return []*statement.Statement{rooms, events}
}

// presenceWrite stores changes.
type presenceWrite struct {
	*roomWrite
	incarnation int64
	changes     map[memberKey]presenceChange

	alive      bool // others have not taken the incarnation for dead
	stored     map[memberKey][]presenceRow
	keep, drop []presenceRow
}

// write stores changes in one transaction.
func (p *Presence) write(changes map[memberKey]presenceChange) error {
	var classes, entered []string
	for key, change := range changes {
		if !slices.Contains(classes, key.class) {
			classes = append(classes, key.class)
		}
		if change.here && !slices.Contains(entered, key.class) {
			entered = append(entered, key.class)
		}
	}
	err := p.changeRooms(classes, entered, &presenceWrite{incarnation: p.incarnation, changes: changes})
	if errors.Is(err, errNodeDead) {
		p.lease.requestRenewal()
	}
	if err != nil {
		return fmt.Errorf("store who is in %d classes: %w", len(classes), err)
	}
	return nil
}

func (w *presenceWrite) readings() []statement.Reading {
	w.alive, w.stored, w.keep, w.drop = false, map[memberKey][]presenceRow{}, nil, nil
	rows := statement.New(selectPresence)
	addMembers(rows, w.changes)
	return []statement.Reading{
		// The lock keeps others from taking this incarnation for dead before the COMMIT.
		{
			Statement: statement.New("SELECT id FROM nodes WHERE id = ? AND gone_at = 0 LOCK IN SHARE MODE", w.incarnation),
			Scan:      func(rows *sql.Rows) error { w.alive = true; return rows.Scan(new(int64)) },
		},
		{Statement: rows, Scan: w.scanRow},
	}
}

func (w *presenceWrite) scanRow(rows *sql.Rows) error {
	var row presenceRow
	err := row.scan(rows)
	w.stored[row.memberKey] = append(w.stored[row.memberKey], row)
	return err
}

func (w *presenceWrite) writes(locked *roomWrite) ([]*statement.Statement, error) {
	w.roomWrite = locked
	if !w.alive {
		return nil, permanentError{errNodeDead}
	}
	for key, change := range w.changes {
		if !w.exist([]string{key.class}) {
			continue // nobody was ever in the class
		}
		if err := w.apply(key, change, w.stored[key]); err != nil {
			return nil, err
		}
	}
	return w.statements(), nil
}

// addMembers appends a condition for the rows of users in classes.
func addMembers[V any](s *statement.Statement, members map[memberKey]V) {
	or := ""
	for key := range members {
		s.Add(or+"class_key = ? AND user_role = ? AND user_key = ?", key.class, string(key.role), key.user)
		or = " OR "
	}
}

// apply changes the rows of a user in a class, and logs whether they are now there or no longer on any node.
func (w *presenceWrite) apply(key memberKey, change presenceChange, rows []presenceRow) error {
	own := presenceRow{memberKey: key, incarnation: w.incarnation}
	before, after := false, change.here
	stored := false
	for _, row := range rows {
		before = before || row.here
		if row.incarnation == w.incarnation {
			own, stored = row, true
			continue
		}
		if change.left && (!row.here || w.ended(row.incarnation)) {
			w.drop = append(w.drop, row)
			continue
		}
		if change.left && row.lostAt > 0 {
			row.lostAt = 0
			w.keep = append(w.keep, row)
		}
		after = after || row.here
	}
	w.applyOwn(own, stored, change)
	if before == after {
		return nil
	}
	own.number, own.label = change.number, change.label
	return w.addEvent(own, after)
}

func (w *presenceWrite) applyOwn(before presenceRow, stored bool, change presenceChange) {
	now := before
	now.number, now.label, now.here = change.number, change.label, change.here
	if change.left {
		now.lostAt, now.seenAt = 0, 0
	}
	if !change.lost.IsZero() {
		now.lostAt, now.seenAt = w.at(change.lost), w.at(change.seen)
	}
	switch {
	case !now.here && now.lostAt == 0:
		if stored {
			w.drop = append(w.drop, now)
		}
	case now != before || !stored:
		w.keep = append(w.keep, now)
	}
}

// at returns a moment of this process by the database's clock.
func (w *roomWrite) at(moment time.Time) Timestamp {
	return w.now - Timestamp(time.Since(moment).Milliseconds())
}

func (w *presenceWrite) statements() (writes []*statement.Statement) {
	if len(w.keep) > 0 {
		s := statement.Insert(`INSERT INTO node_presence
			(class_key, user_role, user_key, incarnation, user_number, label, here, lost_at, seen_at) VALUES `, len(w.keep))
		for _, row := range w.keep {
			s.Row(row.class, string(row.role), row.user, row.incarnation, row.number, row.label, row.here, int64(row.lostAt), int64(row.seenAt))
		}
		s.Add(w.store.on.conflict("class_key, user_role, user_key, incarnation") + setAll(w.store.on,
			"user_number", "label", "here", "lost_at", "seen_at"))
		writes = append(writes, s)
	}
	if len(w.drop) > 0 {
		s := statement.New("DELETE FROM node_presence WHERE ")
		or := ""
		for _, row := range w.drop {
			s.Add(or+"class_key = ? AND user_role = ? AND user_key = ? AND incarnation = ?", row.class, string(row.role), row.user, row.incarnation)
			or = " OR "
		}
		writes = append(writes, s)
	}
	return writes
}

// setAll is the part of an INSERT that gives columns of a row that is there already what the INSERT would have put into them.
func setAll(on *database, columns ...string) (set string) {
	for i, column := range columns {
		if i > 0 {
			set += ", "
		}
		set += column + " = " + on.proposed(column)
	}
	return set
}
