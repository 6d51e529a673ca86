package models_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// later is a clock that tests move.
type later struct {
	mu sync.Mutex
	by time.Duration
}

func (l *later) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.by)
}

func (l *later) move(by time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.by += by
}

func TestOldSessionsLoseTheirStudentsOnceADay(t *testing.T) {
	const day = 24 * time.Hour
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		clock := &later{}
		store := db.Open(t, models.Options{Mode: models.ModeSigned, Clock: clock.now})
		session := termOfZora(t, store)
		clock.move(300 * day)
		must(store.ChangeClass(t.Context(), asha, mathClass, models.ClassChange{Name: new("Mathematics II")}))(t)
		if count, ran, err := store.ApplyRetention(t.Context(), 400); err != nil || !ran || count.Sessions != 0 {
			t.Fatalf("after 300 days: %+v %v %v", count, ran, err)
		}
		before := must(store.ClassStatistics(t.Context(), asha, mathClass, "", ""))(t)
		clock.move(101 * day)
		initiate(t, store, mathClass, "lecture")
		must(store.End(t.Context(), asha, models.EndRequest{ClassID: mathClass, SessionType: "lecture"}))(t)
		if err := store.RemoveFromRoster(t.Context(), asha, mathClass, zora.ID); err != nil {
			t.Fatal(err)
		}
		preview := must(store.RetentionPreview(t.Context(), 400))(t)
		if preview.Sessions != 1 || preview.Marks != 2 {
			t.Errorf("the preview says %+v", preview)
		}
		count, ran, err := store.ApplyRetention(t.Context(), 400)
		if err != nil || !ran || count != preview {
			t.Errorf("after 401 days: %+v %v %v", count, ran, err)
		}
		_, marks, err := store.SessionRecords(t.Context(), asha, session.ID)
		if err != nil || len(marks) != 2 {
			t.Fatalf("%v, %v", marks, err)
		}
		for _, mark := range marks {
			if !strings.HasPrefix(mark.StudentID.Key, "erased-") || mark.StudentName != "" || strings.Contains(mark.RecordedBy.Key, "zora") {
				t.Errorf("the old session has %+v", mark)
			}
		}
		for _, change := range must(store.Changes(t.Context(), asha, session.ID, models.ChangesRequest{}))(t).Changes {
			if !strings.HasPrefix(change.StudentID.Key, "erased-") || change.Reason != "" {
				t.Errorf("the audit trail of the old session has %+v", change)
			}
		}
		for _, flag := range must(store.Flags(t.Context(), asha, session.ID))(t) {
			if len(flag.Students) != 2 || !strings.HasPrefix(flag.Students[0].Key, "erased-") || !strings.HasPrefix(flag.Students[1].Key, "erased-") || flag.Reason != "" {
				t.Errorf("the old session has the flag %+v", flag)
			}
		}
		old := preview.Before
		if after := must(store.ClassStatistics(t.Context(), asha, mathClass, "", old))(t); after.Held != before.Held || after.Late != before.Late || after.Excused != before.Excused {
			t.Errorf("the counts were %+v and are %+v", before, after)
		}
		if records := must(store.StudentStatistics(t.Context(), asha, mathClass, "", ""))(t); len(records) != 4 {
			t.Errorf("the statistics have %+v", records)
		}
		if _, ran, err := store.ApplyRetention(t.Context(), 400); err != nil || ran {
			t.Errorf("a second run of the day: %v %v", ran, err)
		}
		clock.move(401 * day)
		if _, ran, err := store.ApplyRetention(t.Context(), 400); err != nil || !ran {
			t.Errorf("another day: %v %v", ran, err)
		}
		if dump := store.Dump(t); strings.Contains(dump, "zora") || strings.Contains(dump, "Zimmermann") || strings.Contains(dump, byReason) {
			t.Errorf("a former student is still there: %s", dump)
		}
	})
}
