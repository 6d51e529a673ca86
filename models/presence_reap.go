package models

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/neuracampus/attendance/models/internal/statement"
)

const (
	// roomsAtOnce is in how many rooms one transaction does the work of a node that is dead.
	roomsAtOnce = 100
	// cleanInterval is how often a node removes what can no longer be resumed, and cleanedAtOnce how much one statement removes.
	cleanInterval = 30 * time.Second
	cleanedAtOnce = 1000
)

// cleanUpDeadNodes takes nodes for dead whose lease is too old, and does the work of those that are.
func (p *Presence) cleanUpDeadNodes(ctx context.Context) error {
	dead, err := p.store.declareDead(ctx, p.lease)
	if err != nil {
		return fmt.Errorf("read the leases of the nodes: %w", err)
	}
	for _, node := range dead {
		if err := p.reap(ctx, node); err != nil {
			return fmt.Errorf("remove who was on node %d: %w", node.ID, err)
		}
	}
	if time.Since(p.cleanedAt) < cleanInterval {
		return nil
	}
	p.cleanedAt = time.Now()
	return p.clean(ctx)
}

// reap removes everybody from a node that is dead. What is left of it in the database is the list of what is left to do: another node
// continues where one stops.
func (p *Presence) reap(ctx context.Context, dead nodeState) error {
	for ctx.Err() == nil {
		var classes []string
		err := p.store.db.WithContext(ctx).Raw(`SELECT DISTINCT class_key FROM node_presence WHERE incarnation = ? AND here
			ORDER BY class_key LIMIT ?`, dead.ID, roomsAtOnce).Scan(&classes).Error
		if err != nil {
			return err
		}
		if len(classes) == 0 {
			return p.store.db.WithContext(ctx).Exec("DELETE FROM nodes WHERE "+withoutPresence+" AND id = ?", dead.ID).Error
		}
		if err := p.changeRooms(classes, nil, &reaping{dead: dead, classes: classes, resumable: p.Window > 0}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// reaping removes the users of a dead node from some rooms.
type reaping struct {
	dead      nodeState
	classes   []string
	resumable bool

	found []reaped
}

type reaped struct {
	presenceRow
	elsewhere bool // they have a connection on another node
}

func (r *reaping) ofDeadNode(begin string, values ...any) *statement.Statement {
	s := statement.New(begin+" WHERE p.incarnation = ? AND p.here AND p.class_key IN ", append(values, r.dead.ID)...)
	keys := make([]any, len(r.classes))
	for i, class := range r.classes {
		keys[i] = class
	}
	s.List(keys...)
	return s
}

func (r *reaping) readings() []statement.Reading {
	r.found = nil
	rows := r.ofDeadNode(`SELECT p.class_key, p.user_role, p.user_key, p.user_number, p.label, EXISTS (SELECT 1 FROM node_presence o
		WHERE o.class_key = p.class_key AND o.user_role = p.user_role AND o.user_key = p.user_key
		AND o.incarnation <> p.incarnation AND o.here) FROM node_presence p`)
	return []statement.Reading{{Statement: rows, Scan: func(rows *sql.Rows) error {
		var row reaped
		err := rows.Scan(&row.class, &row.role, &row.user, &row.number, &row.label, &row.elsewhere)
		r.found = append(r.found, row)
		return err
	}}}
}

func (r *reaping) writes(w *roomWrite) ([]*statement.Statement, error) {
	if len(r.found) == 0 { // another node has done it
		return nil, nil
	}
	for _, row := range r.found {
		if row.elsewhere {
			continue
		}
		if err := w.addEvent(row.presenceRow, false); err != nil {
			return nil, err
		}
	}
	if !r.resumable {
		return []*statement.Statement{r.ofDeadNode("DELETE p FROM node_presence p")}, nil
	}
	at := int64(r.dead.endedAt())
	return []*statement.Statement{r.ofDeadNode("UPDATE node_presence p SET p.here = FALSE, p.lost_at = ?, p.seen_at = ?", at, at)}, nil
}

// clean removes what can no longer be resumed.
func (p *Presence) clean(ctx context.Context) error {
	for {
		result := p.store.db.WithContext(ctx).Exec("DELETE FROM node_presence WHERE here = FALSE AND lost_at < "+databaseNow+" - ? LIMIT ?",
			p.Window.Milliseconds(), cleanedAtOnce)
		if result.Error != nil {
			return fmt.Errorf("remove who can no longer resume: %w", result.Error)
		}
		if result.RowsAffected < cleanedAtOnce {
			return nil
		}
	}
}
