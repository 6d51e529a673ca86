package models_test

import (
	"errors"
	"testing"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func TestOpenModeOnSignedDatabaseIsRefused(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *modelstest.Database) {
		for _, step := range []struct {
			name    string
			mode    models.Mode
			allow   bool
			refused bool
		}{
			{"a new database", models.ModeOpen, false, false},
			{"open again", models.ModeOpen, false, false},
			{"signed for the first time", models.ModeSigned, false, false},
			{"signed again", models.ModeSigned, false, false},
			{"the secret is missing", models.ModeOpen, false, true},
			{"open is allowed", models.ModeOpen, true, false},
			{"it is not forgotten", models.ModeOpen, false, true},
			{"signed after all", models.ModeSigned, false, false},
		} {
			store, err := models.Open(t.Context(), models.Options{
				DSN: db.DSN, DataDir: db.DataDir, Mode: step.mode, AllowOpen: step.allow,
			})
			if step.refused != errors.Is(err, models.ErrDatabaseSigned) || step.refused != (err != nil) {
				t.Errorf("%s: %v", step.name, err)
			}
			if err == nil {
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
