package models

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/neuracampus/attendance/models/internal/batcher"
)

const (
	// presenceBatch is how many changes one transaction writes.
	presenceBatch = 256
	// presenceRetry is the time between two attempts to write what the database did not take.
	presenceRetry = 250 * time.Millisecond
	// maxUnstored is how many changes may wait for a database that is away. With more, the node registers anew and enters everybody
	// who is here, so that nothing is wrong for longer.
	maxUnstored = 100_000
)

// PresenceOptions says what a Presence works with.
type PresenceOptions struct {
	// Window is within what time a user can resume a class in which their connection broke. Zero: they cannot.
	Window time.Duration

	// Everybody calls enter for each user who is in a class here, while nothing else of the presence is called. It is used after others
	// have taken this node for dead.
	Everybody func(enter func(class ID, actor Actor, label string))

	// Publish is called with events that were committed.
	Publish func(entries []LogEntry)
}

// Presence stores which users are in which classes on this node of a cluster, for all nodes. It writes in the background, in batches,
// and decides under the lock of a class's room whether a user is now there or no longer there on any node. That is an event of the
// room's stream in the log (RoomStreamOf).
//
// Its methods are safe for concurrent use. Enter, Break and Leave never wait for the database.
type Presence struct {
	PresenceOptions
	store *Store
	lease *lease

	resumptions *batcher.Batcher[*resumption]

	wake    chan struct{} // holds something when there is more to write
	working context.Context
	stop    context.CancelFunc
	stopped chan struct{}

	mu      sync.Mutex
	pending map[memberKey]presenceChange
	noted   uint64        // how many changes were noted
	stored  uint64        // how many of them are stored, or replaced by later ones that are
	moved   chan struct{} // closed when stored changes
	dropped bool          // changes were, because too many waited

	// Of the goroutine that writes.
	incarnation int64 // in which everybody who is here was entered
	registered  int64 // which registration that was
	failing     bool
	cleanedAt   time.Time
}

// presenceChange is what has changed for a user in a class on this node.
type presenceChange struct {
	number bool // their id is one
	label  string
	here   bool // they have a connection here
	left   bool // they left on purpose: what they could resume, they no longer can
	// lost is when a connection broke since, seen when its client last sent something. Zero: none did.
	lost, seen time.Time
}

// then returns both changes as one.
func (c presenceChange) then(next presenceChange) presenceChange {
	if !next.left && next.lost.IsZero() {
		next.lost, next.seen = c.lost, c.seen
	}
	next.left = next.left || c.left
	return next
}

// Presence returns the presence of a node that is registered, until Close.
func (s *Store) Presence(registration *Registration, options PresenceOptions) *Presence {
	p := &Presence{
		PresenceOptions: options, store: s, lease: registration.lease,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}),
		pending: make(map[memberKey]presenceChange), moved: make(chan struct{}),
	}
	p.registered, p.incarnation = p.lease.registered.Load(), p.lease.incarnation.Load()
	p.resumptions = batcher.New(0, p.readResumptions)
	p.working, p.stop = context.WithCancel(context.Background())
	go p.run()
	return p
}

// Enter notes that a user's first socket on this node has entered a class.
func (p *Presence) Enter(class ID, actor Actor, label string) {
	p.note(class, actor, presenceChange{label: label, here: true})
}

// Break notes that the connection of a user in a class broke. Here: they have another one. Seen is when its client last sent something.
func (p *Presence) Break(class ID, actor Actor, label string, here bool, seen time.Time) {
	change := presenceChange{label: label, here: here}
	if p.Window > 0 {
		change.lost, change.seen = time.Now(), seen
	}
	p.note(class, actor, change)
}

// Leave notes that a user has left a class on purpose, which they cannot resume then. Here: they have another socket in it.
func (p *Presence) Leave(class ID, actor Actor, label string, here bool) {
	p.note(class, actor, presenceChange{label: label, here: here, left: true})
}

func (p *Presence) note(class ID, actor Actor, change presenceChange) {
	change.number = actor.ID.Number
	key := memberKey{class.Key, actor.ID.Key, actor.Role}
	p.mu.Lock()
	before, known := p.pending[key]
	if known || len(p.pending) < maxUnstored {
		p.pending[key] = before.then(change)
	} else {
		p.dropped = true
	}
	p.noted++
	p.mu.Unlock()
	signal(p.wake)
}

// await returns when everything is stored that was noted before the call.
func (p *Presence) await(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for until := p.noted; p.stored < until; {
		moved := p.moved
		p.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
		}
		p.mu.Lock()
		if err := ctx.Err(); err != nil {
			return p.store.failure(ctx, "store who is in a class", err)
		}
	}
	return nil
}

// run writes what was noted, and does the work of nodes that are dead, until Close.
func (p *Presence) run() {
	defer close(p.stopped)
	ticker := time.NewTicker(p.lease.length / 8)
	defer ticker.Stop()
	for {
		var cleaned error
		select {
		case <-p.working.Done():
			return
		case <-ticker.C:
			cleaned = p.cleanUpDeadNodes(p.working)
		case <-p.wake:
		}
		flushed := p.flush()
		p.report(errors.Join(cleaned, flushed))
		if flushed != nil {
			_ = pause(p.working, presenceRetry) // it ends with working
			signal(p.wake)
		}
	}
}

// Drain says that this node ends. From now on a connection that breaks must not be noted: its user has until the end of the lease to
// come back on any node before the others take them for gone.
func (p *Presence) Drain(ctx context.Context) error {
	return p.store.change(ctx, "drain a node", func(tx *gorm.DB) (func(), error) {
		const update = "UPDATE nodes SET draining_at = " + databaseNow + " WHERE id = ? AND draining_at = 0"
		return nil, tx.Exec(update, p.lease.incarnation.Load()).Error
	})
}

// report logs the first of several errors.
func (p *Presence) report(err error) {
	if err != nil && !p.failing && !errors.Is(err, context.Canceled) {
		p.store.log.Warn("who is in which class is not stored yet", "err", err)
	}
	p.failing = err != nil
}

// flush writes everything that is pending.
func (p *Presence) flush() error {
	if err := p.reenterAll(); err != nil {
		return err
	}
	changes, noted := p.take()
	for len(changes) > 0 {
		some := firstOf(changes, presenceBatch)
		if err := p.write(some); err != nil {
			p.putBack(changes)
			return err
		}
		maps.DeleteFunc(changes, func(key memberKey, _ presenceChange) bool { _, done := some[key]; return done })
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stored != noted {
		p.stored = noted
		close(p.moved)
		p.moved = make(chan struct{})
	}
	return nil
}

// firstOf returns any of the changes, at most limit.
func firstOf(changes map[memberKey]presenceChange, limit int) map[memberKey]presenceChange {
	some := make(map[memberKey]presenceChange, min(len(changes), limit))
	for key, change := range changes {
		if len(some) == limit {
			break
		}
		some[key] = change
	}
	return some
}

func (p *Presence) take() (changes map[memberKey]presenceChange, noted uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changes, p.pending = p.pending, make(map[memberKey]presenceChange)
	return changes, p.noted
}

// putBack makes changes wait again.
func (p *Presence) putBack(changes map[memberKey]presenceChange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, change := range changes {
		if later, found := p.pending[key]; found {
			change = change.then(later)
		}
		p.pending[key] = change
	}
}

// reenterAll enters everybody who is here if the node has registered anew. That is another incarnation if others have taken it for
// dead. Otherwise, they may have believed so while it had lost its lock.
func (p *Presence) reenterAll() error {
	p.mu.Lock()
	dropped := p.dropped
	p.mu.Unlock()
	if dropped { // what is stored is wrong, so it must go
		if err := p.giveUpLease(); err != nil {
			return err
		}
	}
	if now := p.lease.registered.Load(); p.registered != now {
		p.registered, p.incarnation = now, p.lease.incarnation.Load()
		p.Everybody(p.Enter)
	}
	return nil
}

// giveUpLease has this node taken for dead, so that it registers anew.
func (p *Presence) giveUpLease() error {
	err := p.store.db.WithContext(p.working).Exec("UPDATE nodes SET gone_at = "+databaseNow+" WHERE id = ?", p.incarnation).Error
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.dropped = false
	p.mu.Unlock()
	return nil
}

// Close writes what is pending, and gives up when ctx ends.
func (p *Presence) Close(ctx context.Context) error {
	p.resumptions.Close()
	p.stop()
	<-p.stopped
	written := make(chan error, 1)
	go func() { written <- p.flush() }() // ends with the deadlines of its connections
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
