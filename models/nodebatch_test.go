package models_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// TestNodeBatchWaitsForBatchOfOtherNode has a node commit marks of a class while another node's batch holds its lock. The second batch
// must wait for the first, instead of being tried again and again, class by class in the end: that made marks fail in a burst.
func TestNodeBatchWaitsForBatchOfOtherNode(t *testing.T) {
	db := modelstest.MariaDB(t)
	options := models.Options{Mode: models.ModeOpen, Logger: quiet(), Cluster: true}
	open := func() (*models.Store, *modelstest.Relay) {
		relay := modelstest.NewRelay(t, db.Server)
		through := *db
		through.DSN = relay.DSN(db.Name)
		return through.Open(t, options), relay
	}
	first, firstRelay := open()
	second, secondRelay := open()
	classroom(t, first, mathClass, 1)
	must(first.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID}, {ID: models.ID{Key: "divya"}}}))(t)

	written, release := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	firstRelay.AtStatement(func(statement string) modelstest.Fault {
		if strings.Contains(statement, "INSERT INTO marks") && held.CompareAndSwap(false, true) {
			close(written)
			<-release
		}
		return modelstest.Pass
	})
	var batches atomic.Int64
	secondRelay.AtStatement(func(statement string) modelstest.Fault {
		if strings.HasPrefix(statement, "START TRANSACTION") {
			batches.Add(1)
		}
		return modelstest.Pass
	})
	results := make(chan error, 2)
	mark := func(store *models.Store, student string) {
		_, err := store.Record(t.Context(), models.Actor{ID: models.ID{Key: student}, Role: models.RoleStudent}, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"})
		results <- err
	}
	letGo := sync.OnceFunc(func() { close(release) })
	t.Cleanup(letGo)
	go mark(first, chen.ID.Key)
	<-written
	go mark(second, "divya")
	eventually(t, func() bool { return waitingForLocks(t, db) > 0 })
	letGo()
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if count := batches.Load(); count != 1 {
		t.Errorf("the second batch was begun %d times", count)
	}
}

// TestNodeBatchIsolatesLockedClassOnly has a node commit marks of many classes together while another node holds the lock of one for longer
// than a batch waits. The others must not become transactions of their own.
func TestNodeBatchIsolatesLockedClassOnly(t *testing.T) {
	const classes = 20
	db := modelstest.MariaDB(t)
	gate := newGate()
	relay := modelstest.NewRelay(t, db.Server)
	through := *db
	through.DSN = relay.DSN(db.Name)
	store := through.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet(), Cluster: true, OnEvent: gate.publish})
	other := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet(), Cluster: true})
	classroom(t, other, mathClass, 1)
	ids := make([]models.ID, classes)
	for i := range ids {
		ids[i] = models.ID{Key: fmt.Sprint("class ", i)}
		classroom(t, other, ids[i], 1)
	}
	held := ids[classes/2]
	release := hold(t, db, "UPDATE classes SET name = 'x' WHERE class_key = '"+held.Key+"'")
	defer release()

	start := func(class models.ID) chan error {
		result := make(chan error, 1)
		go func() { result <- answered(t, "a mark in "+class.Key, recordIn(store, class, first, models.Present)) }()
		return result
	}
	lone := start(mathClass)
	<-gate.arrived // marks that arrive from now on are a batch
	results := map[models.ID]chan error{}
	for _, id := range ids {
		results[id] = start(id)
	}
	eventually(t, func() bool { return store.Waiting() == classes })
	var transactions atomic.Int64
	relay.AtStatement(func(statement string) modelstest.Fault {
		if strings.HasPrefix(statement, "START TRANSACTION") {
			transactions.Add(1)
		}
		return modelstest.Pass
	})
	close(gate.open)
	if err := <-lone; err != nil {
		t.Error(err)
	}
	for _, id := range ids {
		if id == held {
			continue
		}
		if err := <-results[id]; err != nil {
			t.Errorf("a mark in %s: %v", id.Key, err)
		}
	}
	if err := <-results[held]; !errors.Is(err, models.ErrUnavailable) {
		t.Errorf("the mark in the locked class: %v", err)
	}
	if count := transactions.Load(); count != 3 {
		t.Errorf("there were %d transactions, want 3: the batch, the batch without the locked class, and the locked class", count)
	}
}

// TestIsolatedMarkWaitsForConnection has more classes locked than there are connections for isolated ones. When the lock is released
// after the first were refused, the others must be recorded: their callers still wait.
func TestIsolatedMarkWaitsForConnection(t *testing.T) {
	const classes, refused = 20, 17 // the first mark by itself, and of the batch behind it twice as many as there are connections
	db := modelstest.MariaDB(t)
	store := db.Open(t, models.Options{Mode: models.ModeSigned, Logger: quiet(), Cluster: true})
	for i := range classes {
		classroom(t, store, models.ID{Key: fmt.Sprint("class ", i)}, 1)
	}
	release := hold(t, db, "UPDATE classes SET name = 'x'")
	defer release()
	results := make(chan error, classes)
	for i := range classes {
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			results <- recordIn(store, models.ID{Key: fmt.Sprint("class ", i)}, first, models.Present)(ctx)
		}()
	}
	for range refused {
		if err := <-results; !errors.Is(err, models.ErrUnavailable) {
			t.Errorf("a mark while the class is locked: %v", err)
		}
	}
	release()
	for range classes - refused {
		if err := <-results; err != nil {
			t.Errorf("a mark whose caller still waits: %v", err)
		}
	}
}
