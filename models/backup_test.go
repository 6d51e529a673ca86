package models_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

// Marks are made all the while. The copy has those that were confirmed before it began, and works in the place of the database.
func TestBackupWhileMarksAreMadeHasThemAll(t *testing.T) {
	db := modelstest.SQLite(t)
	store := db.Open(t, models.Options{})
	session := lesson(t, store)
	var mu sync.Mutex
	var confirmed []models.ID
	stop := make(chan struct{})
	enough := make(chan struct{})
	var marking sync.WaitGroup
	for n := range 4 {
		marking.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				who := student(fmt.Sprintf("line %d, student %d", n, i))
				if _, err := store.Record(t.Context(), who, models.MarkRequest{ClassID: mathClass, SessionType: "lecture"}); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				confirmed = append(confirmed, who.ID)
				if len(confirmed) == 100 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	<-enough
	mu.Lock()
	before := confirmed[:len(confirmed):len(confirmed)]
	mu.Unlock()
	file := filepath.Join(t.TempDir(), "backup.db")
	err := models.Backup(t.Context(), db.DataDir, file)
	close(stop)
	marking.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy's mode is %v, %v", info.Mode(), err)
	}

	restored := modelstest.SQLite(t)
	if err := os.Rename(file, filepath.Join(restored.DataDir, "attendance.db")); err != nil {
		t.Fatal(err)
	}
	_, marks, err := restored.Open(t, models.Options{}).SessionRecords(t.Context(), asha, session.ID)
	if err != nil {
		t.Fatal(err)
	}
	marked := map[models.ID]bool{}
	for _, mark := range marks {
		marked[mark.StudentID] = mark.Status == models.Present
	}
	for _, id := range before {
		if !marked[id] {
			t.Errorf("the mark of %s is missing", id)
		}
	}
}

func TestBackupRefusalSaysWhatToDo(t *testing.T) {
	db := modelstest.SQLite(t)
	existing := filepath.Join(t.TempDir(), "existing.db")
	if err := os.WriteFile(existing, []byte("keep me"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := models.Backup(t.Context(), db.DataDir, filepath.Join(t.TempDir(), "b.db")); err == nil || !strings.Contains(err.Error(), "no database to copy") {
		t.Error(err)
	}
	db.Open(t, models.Options{})
	if err := models.Backup(t.Context(), db.DataDir, existing); err == nil || !strings.Contains(err.Error(), "name a new file") {
		t.Error(err)
	}
	if content, err := os.ReadFile(existing); err != nil || string(content) != "keep me" {
		t.Errorf("the file that was there: %q, %v", content, err)
	}
	nowhere := filepath.Join(t.TempDir(), "missing", "b.db")
	if err := models.Backup(t.Context(), db.DataDir, nowhere); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Error(err)
	}
}
