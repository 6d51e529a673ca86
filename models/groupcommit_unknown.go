package models

import (
	"context"
	"database/sql"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// recordedChange identifies the row of the audit trail that a mark makes. Two rows are alike only if one user gives one student
// the same status twice within a millisecond.
type recordedChange struct {
	session     int64
	student, by string
	status      Status
	at          Timestamp
}

func changeOf(mark Mark) recordedChange {
	return recordedChange{mark.SessionID, mark.StudentID.Key, mark.RecordedBy.Key, mark.Status, mark.RecordedAt}
}

// findOutcomes asks the audit trail which of the marks with an unknown outcome an earlier attempt has recorded. Those keep their result, and
// are not recorded again. The others are decided anew. The locks of the classes make that certain: the earlier attempt held them until
// it was committed or undone.
func (b *batch) findOutcomes(ctx context.Context) error {
	var sessions, times []any
	for _, m := range b.pending {
		if m.outcomeUnknown {
			sessions, times = append(sessions, m.result.Mark.SessionID), append(times, int64(m.result.Mark.RecordedAt))
		}
	}
	if len(sessions) == 0 {
		return nil
	}
	changes := statement.New("SELECT session_id, student_key, changed_by_key, to_status, changed_at FROM changes WHERE session_id IN ")
	changes.List(sessions...)
	changes.Add(" AND changed_at IN ")
	changes.List(times...)
	recorded := map[recordedChange]bool{}
	scan := func(rows *sql.Rows) error {
		var c recordedChange
		err := rows.Scan(&c.session, &c.student, &c.by, &c.status, &c.at)
		recorded[c] = true
		return err
	}
	if err := statement.Query(ctx, b.conn, b.on.pipelined, nil, []statement.Reading{{Statement: changes, Scan: scan}}); err != nil {
		return err
	}
	for _, m := range b.pending {
		m.outcomeUnknown = m.outcomeUnknown && recorded[changeOf(m.result.Mark)]
	}
	return nil
}

// isUnpublished tells that nobody was sent a mark which an earlier attempt has recorded, and that it still stands. In a cluster the log has it.
func (b *batch) isUnpublished(result MarkResult) bool {
	mark := result.Mark
	current := b.marks[markKey{mark.SessionID, mark.StudentID.Key}]
	return !b.cluster && result.Changed && current != nil &&
		current.RecordedAt == mark.RecordedAt && current.Status == mark.Status && current.RecordedBy.Key == mark.RecordedBy.Key
}
