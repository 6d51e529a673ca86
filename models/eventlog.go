package models

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/neuracampus/attendance/models/internal/statement"
)

// LogEntry is one event of a class as the log keeps it: what one transaction changed that everybody in the class is sent.
type LogEntry struct {
	Stream string // StreamOf the class, or RoomStreamOf
	Seq    int64  // in the stream: 1, 2, 3 … in the order of the commits. It is taken under the lock of the class's row, so it has no gaps
	ID     int64  // in the log; zero for an entry of this store that was not read from the log
	Body   []byte // DecodeEvent reads it, or DecodePresence
}

const streamPrefix = "c:"

// StreamOf returns the stream of a class in the log.
func StreamOf(classID ID) string { return streamPrefix + classID.Key }

// ClassOf returns the key of the class of a stream.
func ClassOf(stream string) string {
	_, key, _ := strings.Cut(stream, ":") // both prefixes end with it
	return key
}

// An entry has the time of the database: it is removed when that is long ago, by whichever server, whose clock may be wrong.
const (
	insertEvents = "INSERT INTO events (stream, seq, at, body) VALUES "
	eventRow     = "(?, ?, " + databaseNow + ", ?)"
)

// logMarks gives the events of a batch, one of each class, their entries, and returns the statements that write those.
func (b *batch) logMarks(events []Event) (writes []*statement.Statement, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	insert := statement.New(insertEvents)
	keys := make([]any, len(events))
	for i := range events {
		event := &events[i]
		key := event.ClassID.Key
		if event.Entry, err = newEntry(*event, b.classes[key].Seq+1); err != nil {
			return nil, err
		}
		keys[i] = key
		insert.RowOf(eventRow, event.Entry.Stream, event.Entry.Seq, event.Entry.Body)
	}
	numbers := statement.New("UPDATE classes SET seq = seq + 1 WHERE class_key IN ")
	numbers.List(keys...)
	return []*statement.Statement{numbers, insert}, nil
}

// logInto writes an event of a class, which the transaction has locked, to the log.
func (s *Store) logInto(tx *gorm.DB, event *Event) error {
	var seq int64
	if err := tx.Exec("UPDATE classes SET seq = seq + 1 WHERE class_key = ?", event.ClassID.Key).Error; err != nil {
		return err
	}
	err := tx.Raw("SELECT seq FROM classes WHERE class_key = ?", event.ClassID.Key).Scan(&seq).Error
	if err != nil {
		return err
	}
	if event.Entry, err = newEntry(*event, seq); err != nil {
		return err
	}
	return tx.Exec(insertEvents+eventRow, event.Entry.Stream, seq, event.Entry.Body).Error
}

func newEntry(event Event, seq int64) (LogEntry, error) {
	body, err := encodeEvent(event)
	return LogEntry{Stream: StreamOf(event.ClassID), Seq: seq, Body: body}, err
}

const selectSessionsAndSeq = `SELECT c.class_key, c.seq, COALESCE(r.seq, 0), s.id, s.day, s.session_type, s.state, s.teacher_key, s.teacher_number, s.frequency,
		s.started_at, s.ended_at, s.proof, s.late_at, s.ends_at
	FROM classes c LEFT JOIN rooms r ON r.class_key = c.class_key
	LEFT JOIN sessions s ON s.class_key = c.class_key AND s.state = 'active' AND s.clock_at >= ?
		AND (s.ends_at = 0 OR s.ends_at > ?) WHERE c.class_key IN `

// scanSessionAndSeq takes the number of a class's last event with the sessions that are active after that event: one statement reads
// both. Classes are scanned before.
func (l *lookupResult) scanSessionAndSeq(rows *sql.Rows) error {
	var key string
	var seq, roomSeq int64
	var id, startedAt, endedAt, lateAt, endsAt sql.NullInt64
	var day, sessionType, state, teacher, proof sql.NullString
	var number sql.NullBool
	var frequency []byte
	err := rows.Scan(&key, &seq, &roomSeq, &id, &day, &sessionType, &state, &teacher, &number, &frequency, &startedAt, &endedAt,
		&proof, &lateAt, &endsAt)
	if err != nil {
		return err
	}
	if class := l.classes[key]; class != nil {
		class.Seq, class.RoomSeq = seq, roomSeq
	}
	if !id.Valid {
		return nil
	}
	session := Session{
		ID: id.Int64, ClassID: ID{Key: key}, Day: day.String, Type: sessionType.String, State: State(state.String),
		TeacherID: ID{teacher.String, number.Bool}, StartedAt: Timestamp(startedAt.Int64), EndedAt: Timestamp(endedAt.Int64),
		SessionRules: SessionRules{Proof: Proof(proof.String), LateAt: Timestamp(lateAt.Int64), EndsAt: Timestamp(endsAt.Int64)},
	}
	if len(frequency) > 0 {
		err = json.Unmarshal(frequency, &session.Frequency)
	}
	l.active[key] = append(l.active[key], session)
	return err
}

// EventLog reads the log of a store with Options.Cluster.
type EventLog struct{ store *Store }

// Log returns the log.
func (s *Store) Log() EventLog { return EventLog{s} }

// Last returns the highest id, 0 if the log is empty.
func (l EventLog) Last(ctx context.Context) (id int64, err error) {
	err = l.store.read.WithContext(ctx).Raw("SELECT COALESCE(MAX(id), 0) FROM events").Scan(&id).Error
	return id, l.store.failure(ctx, "read the log", err)
}

// After returns the entries whose id is above id or in others, by ascending id, at most limit.
func (l EventLog) After(ctx context.Context, id int64, others []int64, limit int) ([]LogEntry, error) {
	query := l.entries(ctx).Where("id > ?", id)
	if len(others) > 0 {
		query = query.Or("id IN ?", others)
	}
	return l.find(ctx, query.Order("id").Limit(limit))
}

// Of returns the entries of a stream whose number is above seq, by ascending number, at most limit. Old entries are gone.
func (l EventLog) Of(ctx context.Context, stream string, seq int64, limit int) ([]LogEntry, error) {
	return l.find(ctx, l.entries(ctx).Where("stream = ? AND seq > ?", stream, seq).Order("seq").Limit(limit))
}

func (l EventLog) entries(ctx context.Context) *gorm.DB {
	return l.store.read.WithContext(ctx).Table("events").Select("stream, seq, id, body")
}

func (l EventLog) find(ctx context.Context, query *gorm.DB) ([]LogEntry, error) {
	var entries []LogEntry
	err := query.Find(&entries).Error
	return entries, l.store.failure(ctx, "read the log", err)
}

// Newest returns the number of each stream's last entry, also if that is gone. It leaves out streams without entries, and those of
// classes that do not exist, unless the log holds entries of one that was deleted.
func (l EventLog) Newest(ctx context.Context, streams []string) (map[string]int64, error) {
	var classes, rooms []string
	for _, stream := range streams {
		if IsRoomStream(stream) {
			rooms = append(rooms, ClassOf(stream))
		} else {
			classes = append(classes, ClassOf(stream))
		}
	}
	newest := make(map[string]int64, len(streams))
	err := errors.Join(
		l.addNewest(ctx, newest, "classes", classes, StreamOf), l.addNewest(ctx, newest, "rooms", rooms, RoomStreamOf),
		l.addNewestOfDeleted(ctx, newest, classes))
	return newest, l.store.failure(ctx, "read the log", err)
}

// addNewestOfDeleted adds the numbers of the streams of classes that were deleted.
func (l EventLog) addNewestOfDeleted(ctx context.Context, newest map[string]int64, classes []string) error {
	var missing []string
	for _, class := range classes {
		stream := StreamOf(ID{Key: class})
		if _, known := newest[stream]; !known {
			missing = append(missing, stream)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	var last []struct {
		Stream string
		Seq    int64
	}
	err := l.store.read.WithContext(ctx).Raw("SELECT stream, MAX(seq) AS seq FROM events WHERE stream IN ? GROUP BY stream", missing).Scan(&last).Error
	for _, found := range last {
		newest[found.Stream] = found.Seq
	}
	return err
}

func (l EventLog) addNewest(ctx context.Context, newest map[string]int64, table string, keys []string, streamOf func(ID) string) error {
	if len(keys) == 0 {
		return nil
	}
	var found []struct {
		ClassKey string
		Seq      int64
	}
	err := l.store.read.WithContext(ctx).Table(table).Select("class_key, seq").Where("class_key IN ?", keys).Find(&found).Error
	for _, row := range found {
		newest[streamOf(ID{Key: row.ClassKey})] = row.Seq
	}
	return err
}

// prunedAtOnce is how many entries one statement removes.
const prunedAtOnce = 1000

// Prune removes entries that are older than age by the clock of the database. It may leave some that are not much older.
func (l EventLog) Prune(ctx context.Context, age time.Duration) error {
	for {
		var last struct{ ID, Age int64 } // of the oldest entries
		query := l.store.read.WithContext(ctx).Raw(fmt.Sprintf("SELECT id, "+databaseNow+" - at AS age FROM events ORDER BY id LIMIT 1 OFFSET %d", prunedAtOnce-1))
		if err := query.Scan(&last).Error; err != nil {
			return l.store.failure(ctx, "prune the log", err)
		}
		if last.ID == 0 || last.Age <= age.Milliseconds() {
			return nil
		}
		if err := l.store.db.WithContext(ctx).Exec("DELETE FROM events WHERE id <= ?", last.ID).Error; err != nil {
			return l.store.failure(ctx, "prune the log", err)
		}
	}
}
