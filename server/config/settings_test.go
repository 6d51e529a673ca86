package config

import (
	"slices"
	"testing"
)

func TestPrintedSettingsTakeEffectAgainAsTheyAre(t *testing.T) {
	for _, environ := range [][]string{
		{"RETENTION="},
		{
			"RETENTION=400d", "CAMPUS_TZ=Asia/Kolkata", "CORS_ORIGINS=https://campus.example,https://*.campus.example", "LOG_LEVEL=debug",
			"TRUSTED_PROXIES=127.0.0.1,10.0.0.0/8", "DRAIN_SPREAD=500ms", "SESSION_MAX=90m", "OPEN_MODE=true", "HOST=10.0.0.1",
		},
		{"RETENTION=1d", "DOMAIN=attendance.school.example", "HOST=10.0.0.1", "OPEN_MODE=true"},
	} {
		before, err := Load(environ, noFile)
		if err != nil {
			t.Fatal(err)
		}
		var printed []string
		for _, setting := range before.Settings() {
			printed = append(printed, setting.Name+"="+setting.Value)
		}
		if !slices.Contains(printed, environ[0]) {
			t.Errorf("%s is not printed as it was set", environ[0])
		}
		after, err := Load(printed, noFile)
		if err != nil {
			t.Errorf("with %q, the printed settings are refused: %v", environ, err)
			continue
		}
		if !slices.Equal(before.Settings(), after.Settings()) {
			t.Errorf("with %q, the printed settings have another effect: %v", environ, after.Settings())
		}
	}
}
