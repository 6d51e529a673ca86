package models_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// publicationCount counts what a store has published.
type publicationCount struct {
	mu    sync.Mutex
	count int
}

func (p *publicationCount) add(number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count += number
}

// take returns the count, which begins again at 0.
func (p *publicationCount) take() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	count := p.count
	p.count = 0
	return count
}

func (p *publicationCount) options(mode models.Mode) models.Options {
	return models.Options{
		Mode: mode, Logger: quiet(),
		OnEvent: func(event models.Event) { p.add(len(event.Marks) + len(event.Sessions)) },
	}
}

// operation is something that a store does for a user in a class of asha's in which a lecture is active.
type operation struct {
	name      string
	statement string // in the middle of what it sends
	publishes int
	run       func(ctx context.Context, store *models.Store, class models.ID) error
	repeats   bool // it may be repeated even if the answer to its COMMIT was lost
}

var operations = []operation{
	{name: "mark", statement: "INSERT INTO marks", publishes: 1, repeats: true, run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.Record(ctx, chen, models.MarkRequest{ClassID: class, SessionType: "lecture"})
		return err
	}},
	{name: "join", statement: "FROM enrolments", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.Join(ctx, chen, class)
		return err
	}},
	{name: "join as a new student", statement: "INSERT INTO `enrolments`", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.Join(ctx, student("new"), class)
		return err
	}},
	{name: "fetch", statement: "FROM `marks`", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.Fetch(ctx, asha, class, time.Now().UTC().Format("2006-01-02"), "lecture")
		return err
	}},
	{name: "initiate", statement: "INSERT INTO changes", publishes: 1, run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.Initiate(ctx, asha, models.InitiateRequest{ClassID: class, SessionType: "lab"})
		return err
	}},
	{name: "end", statement: "UPDATE `sessions`", publishes: 1, run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.End(ctx, asha, models.EndRequest{ClassID: class, SessionType: "lecture"})
		return err
	}},
	{name: "create a class", statement: "INSERT INTO `classes`", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.CreateClass(ctx, asha, models.ID{Key: class.Key + " more"}, "")
		return err
	}},
	{name: "rename a class", statement: "UPDATE `classes`", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.ChangeClass(ctx, asha, class, models.ClassChange{Name: new("Another name")})
		return err
	}},
	{name: "change a roster", statement: "INSERT INTO `enrolments`", run: func(ctx context.Context, store *models.Store, class models.ID) error {
		_, err := store.AddToRoster(ctx, asha, class, []models.Student{{ID: models.ID{Key: "more"}}})
		return err
	}},
}

// faultCase is one fault at one moment.
type faultCase struct {
	name   string
	fault  modelstest.Fault
	moment func(operation) string // what the statement contains at which it happens; "": at rest
	// unknown says that the outcome of an operation that has a COMMIT cannot be known.
	unknown bool
}

func atRest(operation) string      { return "" }
func atCommit(operation) string    { return "COMMIT" }
func inMiddle(op operation) string { return op.statement }
func atBeginning(operation) string { return "START TRANSACTION" }

var faultCases = []faultCase{
	{"4031 at rest", modelstest.Timeout4031, atRest, false},
	{"end at rest", modelstest.End, atRest, false},
	{"reset at rest", modelstest.Reset, atRest, false},
	{"silence at rest", modelstest.Swallow, atRest, false},
	{"4031 at the beginning", modelstest.Timeout4031, atBeginning, false},
	{"end at the beginning", modelstest.End, atBeginning, false},
	{"reset at the beginning", modelstest.Reset, atBeginning, false},
	{"4031 in between", modelstest.Timeout4031, inMiddle, false},
	{"end in between", modelstest.End, inMiddle, false},
	{"reset in between", modelstest.Reset, inMiddle, false},
	{"silence in between", modelstest.Swallow, inMiddle, false},
	{"answer lost in between", modelstest.LoseAnswer, inMiddle, false},
	{"4031 at the commit", modelstest.Timeout4031, atCommit, false},
	{"end at the commit", modelstest.End, atCommit, true},
	{"reset at the commit", modelstest.Reset, atCommit, true},
	{"answer to the commit lost", modelstest.LoseAnswer, atCommit, true},
}

func TestConnectionFaultsAreRetried(t *testing.T) {
	for _, fault := range faultCases {
		t.Run(fault.name, func(t *testing.T) {
			if fault.fault == modelstest.Swallow {
				t.Parallel() // it waits for connections that are silent
			}
			db := modelstest.MariaDB(t)
			relay := modelstest.NewRelay(t, db.Server)
			db.DSN = relay.DSN(db.Name)
			var published publicationCount
			store := db.Open(t, published.options(models.ModeOpen))
			for number, op := range operations {
				t.Run(op.name, func(t *testing.T) {
					class := models.ID{Key: fmt.Sprint("class ", number)}
					classroom(t, store, class, 1)
					must(store.AddToRoster(t.Context(), asha, class, []models.Student{{ID: chen.ID}}))(t)
					must(store.Join(t.Context(), asha, class))(t) // and there is a connection for batches, as on any morning
					published.take()
					checkFault(t, fault, op, relay, store, class, &published)
				})
			}
		})
	}
}

// checkFault does an operation while a fault happens.
func checkFault(t *testing.T, fault faultCase, op operation, relay *modelstest.Relay, store *models.Store, class models.ID, published *publicationCount) {
	t.Helper()
	happened := func() bool { return true }
	if part := fault.moment(op); part == "" {
		relay.AtRest(fault.fault)
	} else {
		var choose func(string) modelstest.Fault
		choose, happened = modelstest.FirstOf(part, fault.fault)
		relay.AtStatement(choose)
	}
	err := answered(t, op.name, func(ctx context.Context) error { return op.run(ctx, store, class) })
	relay.AtStatement(nil)
	count := published.take()
	switch {
	case fault.unknown && happened() && !op.repeats:
		if !errors.Is(err, models.ErrUnknownOutcome) || count != 0 {
			t.Errorf("got %v and %d published, want an unknown outcome", err, count)
		}
	case err != nil || count != op.publishes:
		t.Errorf("got %v and %d published, want %d", err, count, op.publishes)
	}
	if changes := recordedChanges(t, store, class); op.name == "mark" && changes != 1 {
		t.Errorf("chen's mark was recorded %d times", changes)
	}
}

// recordedChanges returns how often chen's mark in the lecture of a class was recorded.
func recordedChanges(t *testing.T, store *models.Store, class models.ID) int {
	t.Helper()
	sessions := must(store.SessionsBetween(t.Context(), asha, class, "", ""))(t)
	count := 0
	for _, session := range sessions {
		if session.Type == "lecture" {
			count += len(must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{StudentID: chen.ID}))(t).Changes)
		}
	}
	return count
}

func TestConnectionErrorIsRetriedOnFreshConnection(t *testing.T) {
	db := modelstest.MariaDB(t)
	relay := modelstest.NewRelay(t, db.Server)
	db.DSN = relay.DSN(db.Name)
	var published publicationCount
	store := db.Open(t, published.options(models.ModeOpen))
	number := 0
	for _, test := range []struct {
		number  modelstest.Fault
		fresh   bool // needs a fresh connection
		unknown bool // says nothing about a COMMIT
	}{
		{1205, false, false}, // lock wait timeout
		{1213, false, false}, // deadlock
		{1020, false, false}, // record has changed since last read
		{1412, false, false}, // table definition has changed
		{3101, false, false}, // rolled back during commit, Group Replication
		{1290, true, false},  // --read-only, --super-read-only
		{1792, true, false},  // read-only transaction
		{1836, true, false},  // read-only mode
		{1874, true, false},  // InnoDB is read-only
		{3100, true, false},  // observer of the replication, Group Replication
		{1047, true, false},  // WSREP has not yet prepared node for application use, Galera
		{4031, true, false},  // disconnected because of inactivity
		{1053, true, true},   // server shutdown
		{1927, true, true},   // connection was killed, MariaDB
		{3169, true, true},   // session was killed, MySQL
		{1152, true, true},   // aborted connection
		{1158, true, true},   // error reading packets
		{1159, true, true},   // timeout reading packets
		{1160, true, true},   // error writing packets
		{1161, true, true},   // timeout writing packets
		{1184, true, true},   // aborted connection
		{2003, true, true},   // a proxy cannot connect
		{2006, true, true},   // a proxy's server has gone away
		{2013, true, true},   // a proxy lost its server
		{9001, true, true},   // ProxySQL found no server in time
	} {
		for _, op := range operations[:5] {
			for _, at := range []string{op.statement, "COMMIT"} {
				if at == "COMMIT" && !test.fresh { // a server that answers so has undone the transaction, this relay has not
					continue
				}
				t.Run(fmt.Sprint(test.number, "/", op.name, "/", at), func(t *testing.T) {
					number++
					class := models.ID{Key: fmt.Sprint("class ", number)}
					classroom(t, store, class, 1)
					must(store.AddToRoster(t.Context(), asha, class, []models.Student{{ID: chen.ID}}))(t)
					published.take()
					choose, happened := modelstest.FirstOf(at, test.number)
					made := relay.Made()
					relay.AtStatement(choose)
					err := op.run(t.Context(), store, class)
					relay.AtStatement(nil)
					count := published.take()
					switch {
					case !happened() && at == "COMMIT": // it has none
					case !happened():
						t.Errorf("no statement contains %q", at)
					case at == "COMMIT" && test.unknown && !op.repeats:
						if !errors.Is(err, models.ErrUnknownOutcome) || count != 0 {
							t.Errorf("got %v and %d published, want an unknown outcome", err, count)
						}
					case err != nil || count != op.publishes:
						t.Errorf("got %v and %d published, want %d", err, count, op.publishes)
					case test.fresh && relay.Made() == made:
						t.Error("it was done on an old connection")
					}
				})
			}
		}
	}
}

func TestWritesFollowTheNewPrimary(t *testing.T) {
	old := modelstest.MariaDB(t)
	server := must(modelstest.StartServer(t.TempDir()))(t)
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	server.Exec(t, "CREATE DATABASE "+old.Name)
	next := &modelstest.Database{DSN: server.DSN(modelstest.User, modelstest.Password, old.Name), Server: server, Name: old.Name}
	relay := modelstest.NewRelay(t, old.Server)
	var published publicationCount
	nextStore := next.Open(t, models.Options{})
	store := (&modelstest.Database{DSN: relay.DSN(old.Name)}).Open(t, published.options(models.ModeOpen))
	for number, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			class := models.ID{Key: fmt.Sprint("class ", number)}
			for _, s := range []*models.Store{store, nextStore} { // what replication would have done
				classroom(t, s, class, 1)
				must(s.AddToRoster(t.Context(), asha, class, []models.Student{{ID: chen.ID}}))(t)
			}
			published.take()
			old.Server.Exec(t, "SET GLOBAL read_only = 1")
			relay.Switch(server)
			err := op.run(t.Context(), store, class)
			if count := published.take(); err != nil || count != op.publishes {
				t.Errorf("got %v and %d published, want %d", err, count, op.publishes)
			}
			if changes := recordedChanges(t, nextStore, class); op.name == "mark" && changes != 1 {
				t.Errorf("the new primary has chen's mark %d times", changes)
			}
			old.Server.Exec(t, "SET GLOBAL read_only = 0")
			relay.Switch(old.Server)
			relay.AtRest(modelstest.End)
		})
	}
}
