package models

import (
	"context"
	"errors"
	"slices"
	"sync"

	"gorm.io/gorm"
)

// unconfirmedChanges are the session changes whose COMMIT had an unknown outcome, by class. They were not published. Before the
// next session change of the class, and at the next EndOverdue, confirm publishes those that were committed.
type unconfirmedChanges struct {
	mu      sync.Mutex
	byClass map[ID][]*unconfirmedChange
}

// unconfirmedChange is the sessions that one transaction has changed, if it was committed.
type unconfirmedChange struct{ sessions []Session }

func (u *unconfirmedChanges) add(class ID, sessions []Session) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byClass == nil {
		u.byClass = map[ID][]*unconfirmedChange{}
	}
	key := ID{Key: class.Key}
	u.byClass[key] = append(u.byClass[key], &unconfirmedChange{sessions})
}

func (u *unconfirmedChanges) of(class ID) []*unconfirmedChange {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.byClass[ID{Key: class.Key}])
}

func (u *unconfirmedChanges) classes() (classes []ID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for class := range u.byClass {
		classes = append(classes, class)
	}
	return classes
}

// remove returns false if the change was removed before.
func (u *unconfirmedChanges) remove(class ID, change *unconfirmedChange) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := ID{Key: class.Key}
	changes := u.byClass[key]
	index := slices.Index(changes, change)
	if index < 0 {
		return false
	}
	if u.byClass[key] = slices.Delete(changes, index, index+1); len(u.byClass[key]) == 0 {
		delete(u.byClass, key)
	}
	return true
}

// changeSessions runs a transaction that changes sessions of a class, and publishes them after the commit. Do returns them, none
// if it changes nothing.
func (s *Store) changeSessions(ctx context.Context, operation string, class ID, do func(tx *gorm.DB) ([]Session, error)) error {
	if err := s.confirm(ctx, class); err != nil {
		return err
	}
	var changed []Session
	err := s.change(ctx, operation, func(tx *gorm.DB) (_ func(), err error) {
		if changed, err = do(tx); err != nil || len(changed) == 0 {
			return nil, err
		}
		return s.eventIn(tx, Event{ClassID: changed[0].ClassID, Sessions: changed})
	})
	if errors.Is(err, ErrUnknownOutcome) && len(changed) > 0 {
		s.unconfirmed.add(class, changed)
	}
	return err
}

// confirm publishes the unconfirmed changes of a class that were committed, and drops the others.
func (s *Store) confirm(ctx context.Context, class ID) error {
	changes := s.unconfirmed.of(class)
	if len(changes) == 0 {
		return nil
	}
	return s.change(ctx, "confirm a session change", func(tx *gorm.DB) (func(), error) {
		// The lock waits for the transaction in question, if the database has not ended it yet.
		if err := s.lock(tx, class); err != nil {
			return nil, err
		}
		committed := make([]bool, len(changes))
		for i, change := range changes {
			var err error
			if committed[i], err = isCommitted(tx, change); err != nil {
				return nil, err
			}
		}
		return func() {
			for i, change := range changes {
				// In a cluster, the log has it, and every server reads that.
				if s.unconfirmed.remove(class, change) && committed[i] && !s.cluster {
					s.publish(Event{ClassID: change.sessions[0].ClassID, Sessions: change.sessions})
				}
			}
		}, nil
	})
}

// isCommitted reports whether the last session of a change is as the change has left it.
func isCommitted(tx *gorm.DB, change *unconfirmedChange) (bool, error) {
	wanted := change.sessions[len(change.sessions)-1]
	found, err := latest(tx.Where("id = ?", wanted.ID))
	if errors.Is(err, ErrSessionNotFound) {
		return false, nil
	}
	return found.State == wanted.State && found.StartedAt == wanted.StartedAt && found.EndedAt == wanted.EndedAt &&
		slices.Equal(found.Frequency, wanted.Frequency) && found.SessionRules == wanted.SessionRules, err
}
