// Package models owns the attendance data: the tables, every query and transaction, and the rules of attendance. It
// knows nothing of HTTP or sockets.
//
// A Store is safe for concurrent use. All its methods may block on the database and take a context that bounds that.
// Errors that are a *Refusal carry a sentence for the caller's user. What a class must be sent of a change is published
// through Options.OnEvent, in the order of the commits; what the caller must be sent is returned.
//
// A transaction that changes a class's sessions or marks first locks the class's row, and only then reads. That one lock keeps
// marks out of ended sessions and timestamps from going back, on any number of nodes.
//
// The rules of attendance are in rules.go (marks, membership), session.go and overdue.go. The machinery that makes commits fast is in
// groupcommit*.go, lookup.go and internal; what connects to the databases is in database*.go.
package models

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/neuracampus/attendance/models/internal/batcher"
)

// Options says where the data is and by which rules it is kept.
type Options struct {
	DSN     string // of a MySQL or MariaDB server; empty: SQLite in DataDir
	DataDir string // is made if it is missing
	Mode    Mode

	// AllowOpen lets ModeOpen open a database that was opened with ModeSigned before.
	AllowOpen bool

	Location *time.Location // the campus's time zone; nil: UTC

	// SessionMax is how long a session may be active before EndOverdue ends it; zero: 2 hours.
	SessionMax time.Duration

	// CodePeriod is how long a code is shown (ProofCode); zero: 10 seconds.
	CodePeriod time.Duration

	// ConnectTimeout is how long Open waits for a server that is not up yet; zero: 30 seconds.
	ConnectTimeout time.Duration

	// MigrationWait is how long Open waits for another server that is bringing the tables up to date, and MigrationTimeout how long it
	// may take to do so itself; zero: 15 minutes and an hour.
	MigrationWait, MigrationTimeout time.Duration

	// OnEvent is called with what was committed, before the method that changed it returns. The calls come one at a time and in
	// the order of the commits. So a broadcast from here, and not from the results, never sends a class a timestamp that
	// goes back. Further commits wait meanwhile: it must not block, and must not call the Store. It may be nil.
	OnEvent func(Event)

	// Cluster makes the store write every event to a log, for the other servers on the same database. It needs MySQL or MariaDB.
	Cluster bool

	// OnCommit is called with the number of marks of each batch that was committed, and how long that took. It must not block. It may
	// be nil.
	OnCommit func(marks int, took time.Duration)

	Clock   func() time.Time     // nil: time.Now
	Elapsed func() time.Duration // the time since some moment, whatever the clock is set to; nil: since Open
	Logger  *slog.Logger         // nil: slog.Default()
}

// Store keeps the attendance data in one database.
type Store struct {
	db         *gorm.DB // writes, and reads inside transactions
	read       *gorm.DB // everything else
	batchPool  *sql.DB  // the transactions of the group commit
	lookupPool *sql.DB  // the reads of lookups
	nodePool   *sql.DB  // the registration of this server; nil for SQLite
	on         *database

	files *fileWatch    // nil for MySQL
	bulk  chan struct{} // holds a value while a bulk write is under way

	mode       Mode
	location   *time.Location
	sessionMax time.Duration
	codePeriod time.Duration
	clock      func() time.Time
	log        *slog.Logger

	commits    *batcher.Batcher[*pendingMark]  // the group commit
	locked     lockedClasses                   // whose marks are isolated from the group commit
	lookups    *batcher.PerKey[*lookupRequest] // all with one key
	enrolments *batcher.PerKey[*enrolRequest]  // by enrolKey

	nodeLease time.Duration

	timestampWarnings timestampWarnings

	counters counters
	onCommit func(marks int, took time.Duration)

	codes      codeClock
	wrongCodes wrongCodes

	unconfirmed unconfirmedChanges

	aheadMu   sync.Mutex
	seenAhead map[int64]Timestamp // when findOverdue first saw a session whose start is ahead of the clock, by its id

	// publishing is held from just before a commit until onEvent has returned, which puts the events into the order of the
	// commits. It is taken after the database's locks. Its holder waits for no database lock.
	publishing sync.Mutex
	onEvent    func(Event) // may be nil
	cluster    bool
}

// Open connects to the database and brings its tables up to date. A server that is not up yet is retried until
// ConnectTimeout has passed. Bringing the tables up to date has limits of its own. Errors that do not pass by themselves (the DSN, the password, missing rights) are returned at once.
func Open(ctx context.Context, options Options) (*Store, error) {
	s := &Store{
		bulk:       make(chan struct{}, 1),
		nodeLease:  nodeLease,
		mode:       options.Mode,
		location:   cmp.Or(options.Location, time.UTC),
		sessionMax: cmp.Or(options.SessionMax, 2*time.Hour),
		codePeriod: cmp.Or(options.CodePeriod, 10*time.Second),
		clock:      options.Clock,
		log:        options.Logger,
		onEvent:    options.OnEvent,
		onCommit:   options.OnCommit,
		cluster:    options.Cluster,
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.onCommit == nil {
		s.onCommit = func(int, time.Duration) {}
	}
	s.codes.elapsed = options.Elapsed
	if begun := time.Now(); s.codes.elapsed == nil {
		s.codes.elapsed = func() time.Duration { return time.Since(begun) }
	}
	if s.log == nil {
		s.log = slog.Default()
	}
	if options.Cluster && options.DSN == "" {
		return nil, errors.New("several servers cannot share an SQLite database")
	}
	err := s.connect(ctx, options)
	if err == nil {
		err = s.migrate(ctx, cmp.Or(options.MigrationWait, migrationWait), cmp.Or(options.MigrationTimeout, migrationTimeout))
	}
	if err == nil {
		err = s.prepare(ctx, options)
	}
	if err != nil {
		closed := s.closePools()
		if s.files != nil {
			err = withPath(s.files.path, err)
		}
		return nil, errors.Join(fmt.Errorf("open the %s database: %w", s.on.name, err), closed)
	}
	s.on.prepareInserts()
	s.commits, s.lookups = batcher.New(commitInterval, s.commitBatch), batcher.NewPerKey(s.lookupBatch)
	s.enrolments = batcher.NewPerKey(s.enrolBatch)
	return s, nil
}

// startTimeout bounds connecting to the database, and what is prepared afterwards, unless Options say otherwise.
const startTimeout = 30 * time.Second

func (s *Store) connect(ctx context.Context, options Options) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(options.ConnectTimeout, startTimeout))
	defer cancel()
	if options.DSN != "" {
		return s.openMySQL(ctx, options.DSN)
	}
	return s.openSQLite(ctx, options.DataDir)
}

// prepare reads and writes what the server needs before it can work, in tables that are up to date.
func (s *Store) prepare(ctx context.Context, options Options) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	err := s.rememberMode(ctx, options.AllowOpen)
	if err == nil {
		err = s.openCodeClock(ctx)
	}
	if err == nil {
		err = s.Ping(ctx)
	}
	if err == nil && s.files != nil {
		err = s.files.start(ctx, s.lookupPool)
	}
	return err
}

// Close waits for the joins and marks that are on their way, refuses others with ErrClosed, and closes the database.
func (s *Store) Close() error {
	s.lookups.Close()
	s.enrolments.Close()
	s.commits.Close()
	s.locked.running.Wait()
	return s.closePools()
}

// Ping tells whether the database can be reached and written to. It does write: nothing less notices a full disk, a
// server that is read-only, or a right that is missing.
func (s *Store) Ping(ctx context.Context) error {
	result := s.db.WithContext(ctx).Exec("UPDATE readiness SET checked_at = ? WHERE id = 1", s.now())
	return s.failure(ctx, "check the database", result.Error)
}

// errUnknownOutcome marks the error of a COMMIT whose answer was lost.
var errUnknownOutcome = errors.New("the answer to the commit was lost")

// change runs one transaction. When do returns a function, that is called after the commit, in the order of the commits.
//
// It is run again if it failed before its COMMIT (retry): then the database has undone it, whichever statement it was, and do
// begins anew. It is also run again if the database refused the COMMIT. If the answer to the COMMIT was lost, it is not: what do
// counts and publishes would be wrong the second time. Then the outcome is unknown, and the error says so (ErrUnknownOutcome).
func (s *Store) change(ctx context.Context, operation string, do func(tx *gorm.DB) (publish func(), err error)) error {
	return s.failure(ctx, operation, s.retry(ctx, attemptsWithin, func() error { return s.attempt(ctx, do) }))
}

// awaitPublished returns when everything is published that has been read before the call. Without it, a caller that reads a session
// change between its commit and its event is told of it twice: by what was read, and by the event.
func (s *Store) awaitPublished() {
	s.publishing.Lock()
	defer s.publishing.Unlock()
}

// attempt runs one transaction once.
func (s *Store) attempt(ctx context.Context, do func(tx *gorm.DB) (publish func(), err error)) error {
	var publish func()
	done := false
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if publish, err = do(tx); err != nil {
			return err
		}
		done = true
		if publish != nil {
			s.publishing.Lock()
		}
		return nil
	})
	if done && publish != nil {
		defer s.publishing.Unlock()
		if err == nil {
			publish()
		}
	}
	switch {
	case done && isOutcomeUnknown(err):
		return permanentError{fmt.Errorf("%w: %w", errUnknownOutcome, err)}
	case errors.Is(err, sql.ErrTxDone): // ctx ended just before the COMMIT, and the transaction with it
		return errors.Join(err, ctx.Err())
	}
	return err
}
