package models_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// Every change is on one page of the audit trail, and no page has more than its limit. The last page has no Next.
func TestChangesPagesCoverEveryChangeOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		const rows = models.MaxChanges + 1
		store := db.Open(t, models.Options{})
		session := lesson(t, store).ID
		store.Exec(t, "DELETE FROM changes")
		store.Exec(t, fmt.Sprintf(`INSERT INTO changes (id, session_id, student_key, student_number, from_status, to_status, changed_at,
			changed_by_key, changed_by_number, by_role, way, reason) SELECT i + 1, %d, 'chen', 0, 'late', 'present', 1, 'asha', 0, 'teacher',
			'correction', '' FROM (SELECT 1000*a.d + 100*b.d + 10*c.d + e.d AS i FROM %s a, %s b, %s c, %s e) n WHERE i < %d`,
			session, digits, digits, digits, digits, rows))
		for _, test := range []struct {
			name        string
			after       int64
			limit       int
			first, last int64 // ids of the changes on the page, which begin with 1; zero: there are none
			next        int64
		}{
			{"first page of the default size", 0, 0, 1, models.DefaultChanges, models.DefaultChanges},
			{"page of one", 0, 1, 1, 1, 1},
			{"page after a cursor", 10, 2, 11, 12, 12},
			{"largest page", 0, models.MaxChanges, 1, models.MaxChanges, models.MaxChanges},
			{"largest page that is the last", 1, models.MaxChanges, 2, rows, 0},
			{"last page is full", rows - 2, 2, rows - 1, rows, 0},
			{"one more than the page", rows - 3, 2, rows - 2, rows - 1, rows - 1},
			{"cursor of the last change", rows, 2, 0, 0, 0},
			{"cursor beyond the last change", 1 << 62, 2, 0, 0, 0},
			{"cursor before the first change", -1, 1, 1, 1, 1},
		} {
			page, err := store.Changes(t.Context(), asha, session, models.ChangesRequest{After: test.after, Limit: test.limit})
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			var first, last int64
			if n := len(page.Changes); n > 0 {
				first, last = page.Changes[0].ID, page.Changes[n-1].ID
			}
			if first != test.first || last != test.last || page.Next != test.next || page.Changes == nil || first > 0 && int64(len(page.Changes)) != last-first+1 {
				t.Errorf("%s: %d changes from %d to %d, next %d; want %d to %d, next %d",
					test.name, len(page.Changes), first, last, page.Next, test.first, test.last, test.next)
			}
		}
		for _, limit := range []int{-1, models.MaxChanges + 1, 1 << 40} {
			var refusal *models.Refusal
			if _, err := store.Changes(t.Context(), asha, session, models.ChangesRequest{Limit: limit}); !errors.As(err, &refusal) || refusal.Reason != "invalid_parameter" {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
		bytes := allocatedBy(func() { must(store.Changes(t.Context(), asha, session, models.ChangesRequest{Limit: 1}))(t) })
		if bytes > 100*rows { // to read each would cost about a thousand
			t.Errorf("%d bytes were allocated for one of %d changes", bytes, rows)
		}
	})
}

// digits is a table of the digits, from which tests make numbers.
const digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"
