package models_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// BenchmarkBurst has 50 classes of 50 students mark in the same instant, with group commit as the server does it, and
// with a transaction for each mark, which CorrectMark is: it locks the class, reads, writes the mark and the audit trail.
func BenchmarkBurst(b *testing.B) {
	const classes, students = 50, 50
	for _, kind := range []string{"sqlite", "mariadb"} {
		for _, grouped := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/grouped=%v", kind, grouped), func(b *testing.B) {
				db := modelstest.SQLite(b)
				if kind == "mariadb" {
					db = modelstest.MariaDB(b)
				}
				store := db.Open(b, models.Options{Mode: models.ModeSigned})
				var marking []func(models.Status) error
				for c := range classes {
					class := models.ID{Key: fmt.Sprint("class ", c)}
					students := classroom(b, store, class, students)
					session := must(store.SessionsBetween(b.Context(), asha, class, "", ""))(b)[0].ID
					for _, who := range students {
						marking = append(marking, func(status models.Status) error {
							if !grouped {
								_, err := store.CorrectMark(b.Context(), asha, session, who.ID, status, "alone")
								return err
							}
							req := models.MarkRequest{ClassID: class, Status: status, SessionType: "lecture"}
							_, err := store.Record(b.Context(), who, req)
							return err
						})
					}
				}
				var took []time.Duration
				b.ResetTimer()
				for i := 0; b.Loop(); i++ {
					status := []models.Status{models.Present, models.Late}[i%2]
					took = append(took, burst(b, marking, status)...)
				}
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "marks/s")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}

// burst runs all markings at once and returns how long each took.
func burst(b *testing.B, marking []func(models.Status) error, status models.Status) []time.Duration {
	took := make([]time.Duration, len(marking))
	var all sync.WaitGroup
	start := make(chan struct{})
	for i, mark := range marking {
		all.Go(func() {
			<-start
			began := time.Now()
			if err := mark(status); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(began)
		})
	}
	close(start)
	all.Wait()
	return took
}

// BenchmarkSingleMark is one mark at a time on an idle server.
func BenchmarkSingleMark(b *testing.B) {
	for _, kind := range []string{"sqlite", "mariadb"} {
		b.Run(kind, func(b *testing.B) {
			db := modelstest.SQLite(b)
			if kind == "mariadb" {
				db = modelstest.MariaDB(b)
			}
			store := db.Open(b, models.Options{Mode: models.ModeSigned})
			who := classroom(b, store, mathClass, 50)[0]
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				req := models.MarkRequest{ClassID: mathClass, Status: []models.Status{models.Present, models.Late}[i%2], SessionType: "lecture"}
				if _, err := store.Record(b.Context(), who, req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMarkWhileRostersAreReplaced has a student mark every 5 ms while three rosters of 10,000 are replaced four times each at the
// same time, by the same students and by others.
func BenchmarkMarkWhileRostersAreReplaced(b *testing.B) {
	for name, rosters := range map[string][2][]models.Student{
		"unchanged": {numbered("a", 10_000), numbered("a", 10_000)},
		"others":    {numbered("a", 10_000), numbered("b", 10_000)},
	} {
		b.Run(name, func(b *testing.B) {
			store := modelstest.SQLite(b).Open(b, models.Options{})
			lesson(b, store)
			var took []time.Duration
			for b.Loop() {
				took = append(took, markWhileReplacing(b, store, rosters)...)
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
		})
	}
}

// markWhileReplacing returns how long each mark took.
func markWhileReplacing(b *testing.B, store *models.Store, rosters [2][]models.Student) (took []time.Duration) {
	var replacing sync.WaitGroup
	for _, key := range []string{"physics", "chemistry", "biology"} {
		class := models.ID{Key: key}
		if _, err := store.CreateClass(b.Context(), asha, class, ""); err != nil && !errors.Is(err, models.ErrClassExists) {
			b.Fatal(err)
		}
		replacing.Go(func() {
			for i := range 4 {
				if _, err := store.ReplaceRoster(b.Context(), asha, class, rosters[i%2]); err != nil {
					b.Error(err)
				}
			}
		})
	}
	replaced := make(chan struct{})
	go func() {
		replacing.Wait()
		close(replaced)
	}()
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for i := 0; ; i++ {
		select {
		case <-replaced:
			return took
		case <-every.C:
			began := time.Now()
			if _, err := record(b, store, chen, chen.ID, []models.Status{models.Present, models.Late}[i%2]); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
	}
}
