package models_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// longReads go through a list of any length. Each calls row for every line.
var longReads = []struct {
	name string
	rows int // at the least
	read func(t *testing.T, store *models.Store, session int64, row func())
}{
	{"audit trail", longRows, readChanges(models.ChangesRequest{})},
	{"audit trail of one way", longRows, readChanges(models.ChangesRequest{Way: models.WayCorrection, Limit: 100})},
	{"marks of a session", longRows, func(t *testing.T, store *models.Store, session int64, row func()) {
		_, marks, err := store.EachRecord(t.Context(), asha, session)
		if err != nil {
			t.Fatal(err)
		}
		for mark, err := range marks {
			if err != nil {
				t.Fatal(err)
			}
			row()
			runtime.KeepAlive(mark)
		}
	}},
	{"students by sessions", longStudents, func(t *testing.T, store *models.Store, _ int64, row func()) {
		matrix := must(store.Matrix(t.Context(), asha, mathClass, "", ""))(t)
		for line, err := range matrix.Rows(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			row()
			runtime.KeepAlive(line)
		}
	}},
}

// readChanges reads all pages of an audit trail.
func readChanges(req models.ChangesRequest) func(t *testing.T, store *models.Store, session int64, row func()) {
	return func(t *testing.T, store *models.Store, session int64, row func()) {
		for more := true; more; more = req.After != 0 {
			page := must(store.Changes(t.Context(), asha, session, req))(t)
			for range page.Changes {
				row()
			}
			runtime.KeepAlive(page)
			req.After = page.Next
		}
	}
}

const (
	longRows     = 20_000
	longStudents = 500
	longSessions = 200
)

// longClass has an audit trail of longRows changes and as many marks in one session, and longStudents in longSessions others.
func longClass(t *testing.T, store *models.Store) (session int64) {
	t.Helper()
	session = lesson(t, store).ID
	models.SortByName([]string{"the first", "makes the tables"}, func(name string) (string, models.ID) { return name, models.ID{} })
	count := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) ", n)
	}
	text := strings.Repeat("x", 200)
	for _, statement := range []string{
		count(longRows) + fmt.Sprintf(`INSERT INTO changes (session_id, student_key, student_number, from_status, to_status, changed_at, changed_by_key,
			changed_by_number, by_role, way, reason) SELECT %d, 'chen', 0, 'late', 'present', i, 'asha', 0, 'teacher', 'correction', '%s' FROM n`, session, text),
		count(longRows) + fmt.Sprintf(`INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at, recorded_by_key,
			recorded_by_number, by_teacher) SELECT %d, 'one ' || i, 0, '%s', 'present', i, 'asha', 0, 1 FROM n`, session, text),
		count(longStudents) + `INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name, enrolled_at, removed_at)
			SELECT 'Math', 0, 'student ' || i, 0, 'student ' || i, 1, 0 FROM n`,
		count(longSessions) + `INSERT INTO sessions (id, class_key, class_number, day, session_type, state, teacher_key, teacher_number, frequency, started_at, ended_at)
			SELECT 1000 + i, 'Math', 0, '2026-03-02', 'type' || i, 'completed', 'asha', 0, 'null', i, i + 1 FROM n`,
		`INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at, recorded_by_key, recorded_by_number, by_teacher)
			SELECT s.id, e.student_key, 0, '', 'present', 1, 'asha', 0, 1 FROM sessions s, enrolments e WHERE s.id > 1000 AND e.student_key LIKE 'student %'`,
	} {
		store.Exec(t, statement)
	}
	return session
}

const (
	// maxLive is how much memory reading a list may hold on to, in bytes. As a whole the lists have several times that.
	maxLive = 1 << 20
	// maxLivePerRow allows for the ids, without which a session's marks cannot be in the order of the page.
	maxLivePerRow = 32
)

func TestLongListsAreReadInBoundedMemory(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{})
	session := longClass(t, store)
	for _, test := range longReads {
		t.Run(test.name, func(t *testing.T) {
			before, peak, rows := live(), uint64(0), 0
			test.read(t, store, session, func() {
				if rows++; rows%(test.rows/10+1) == 0 {
					peak = max(peak, live())
				}
			})
			if rows < test.rows {
				t.Errorf("%d rows, want %d", rows, test.rows)
			}
			if peak > before+maxLive+maxLivePerRow*uint64(test.rows) {
				t.Errorf("%d kB are held", (peak-before)>>10)
			}
		})
	}
}

// statistics are computed by the database: what they allocate does not grow with the marks.
var statistics = []struct {
	name string
	read func(t *testing.T, store *models.Store)
}{
	{"of students", func(t *testing.T, store *models.Store) {
		must(store.StudentStatistics(t.Context(), asha, mathClass, "", ""))(t)
	}},
	{"of sessions", func(t *testing.T, store *models.Store) {
		must(store.SessionStatistics(t.Context(), asha, mathClass, "", ""))(t)
	}},
	{"of the class", func(t *testing.T, store *models.Store) {
		must(store.ClassStatistics(t.Context(), asha, mathClass, "", ""))(t)
	}},
}

func TestStatisticsAllocateNothingPerMark(t *testing.T) {
	store := modelstest.SQLite(t).Open(t, models.Options{})
	longClass(t, store)
	for _, test := range statistics {
		t.Run(test.name, func(t *testing.T) {
			bytes := allocatedBy(func() { test.read(t, store) })
			// Reading each mark would cost a thousand bytes. What is read costs 7 kB for each of the 500 students.
			if bytes > 40*longSessions*longStudents {
				t.Errorf("%d bytes were allocated for %d marks", bytes, longSessions*longStudents)
			}
		})
	}
}

// allocatedBy returns how many bytes were allocated while do ran.
func allocatedBy(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// live returns the number of bytes that are in use.
func live() uint64 {
	for range 3 { // what pools hold survives one
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// boundedLists have at most MaxListed rows, the newest, however many there are.
var boundedLists = []struct {
	name string
	list func(t *testing.T, store *models.Store) (rows int, newest string)
}{
	{"classes of a student", func(t *testing.T, store *models.Store) (int, string) {
		classes := must(store.Classes(t.Context(), chen))(t)
		return len(classes), classes[len(classes)-1].ID.Key
	}},
	{"classes of a teacher", func(t *testing.T, store *models.Store) (int, string) {
		classes := must(store.Classes(t.Context(), teacher("bo")))(t)
		return len(classes), classes[len(classes)-1].ID.Key
	}},
	{"sessions", func(t *testing.T, store *models.Store) (int, string) {
		sessions := must(store.SessionsBetween(t.Context(), chen, mathClass, "", ""))(t)
		return len(sessions), sessions[len(sessions)-1].Type
	}},
	{"history", func(t *testing.T, store *models.Store) (int, string) {
		tally, history, err := store.StudentHistory(t.Context(), chen, mathClass)
		if err != nil || tally.Present != models.MaxListed {
			t.Fatal(tally, err)
		}
		return len(history), history[0].Session.Type
	}},
}

func TestListsOthersMakeLongAreBounded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		store := db.Open(t, models.Options{})
		must(store.CreateClass(t.Context(), asha, mathClass, ""))(t)
		must(store.AddToRoster(t.Context(), asha, mathClass, []models.Student{{ID: chen.ID}}))(t)
		const thousands = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)"
		const numbers = " FROM (SELECT 100000 + 1000*a.d + 100*b.d + 10*c.d + e.d AS i FROM " + thousands + " a, " + digits + " b, " + digits + " c, " + digits + " e) n"
		for _, statement := range []string{
			"INSERT INTO classes (class_key, class_number, name, owner_key, owner_number, archived_at, made_at, last_at) SELECT CONCAT('c', i), 0, '', 'bo', 0, 0, 10000000000000 + i, 0" + numbers,
			"INSERT INTO enrolments (class_key, class_number, student_key, student_number, student_name, enrolled_at, removed_at) SELECT CONCAT('c', i), 0, 'chen', 0, '', 1, 0" + numbers,
			"INSERT INTO sessions (id, class_key, class_number, day, session_type, state, teacher_key, teacher_number, frequency, started_at, ended_at) SELECT i, 'Math', 0, '2026-03-02', CONCAT('t', i), 'completed', 'asha', 0, 'null', i, i + 1" + numbers,
			"INSERT INTO marks (session_id, student_key, student_number, student_name, status, recorded_at, recorded_by_key, recorded_by_number, by_teacher) SELECT i, 'chen', 0, '', 'present', 1, 'asha', 0, 1" + numbers,
		} {
			store.Exec(t, statement)
		}
		for _, test := range boundedLists {
			if rows, newest := test.list(t, store); rows != models.MaxListed || newest[1:] != "105999" {
				t.Errorf("%s: %d rows, the newest is %s", test.name, rows, newest)
			}
		}
	})
}
