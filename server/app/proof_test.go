package app

import (
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models/modelstest"
)

// recorder is a client that keeps every frame that it is sent.
type recorder struct {
	*client
	frames []string
}

func (r *recorder) ask(event string) string {
	r.t.Helper()
	r.Send(r.t, "421["+event+"]")
	for {
		text := r.Receive(r.t).Text
		r.frames = append(r.frames, text)
		if answer, ok := strings.CutPrefix(text, "431"); ok {
			return answer
		}
	}
}

func (r *recorder) wants(event, part string) string {
	r.t.Helper()
	answer := r.ask(event)
	if !strings.Contains(answer, part) {
		r.t.Fatalf("%s was answered %s, want %s", event, answer, part)
	}
	return answer
}

// TestCodeReachesTheTeacherAlone records every frame, REST answer and log line of a lesson with a code and a device that two students use.
// The secret and the id of the device are in none, the codes and guesses are in the answers to the teacher's own questions alone, and only the
// teacher is sent the flag.
func TestCodeReachesTheTeacherAlone(t *testing.T) {
	var log modelstest.Log
	c := settings(t, "CODE_PERIOD=60s")
	a, stop := startLogged(t, c, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	join := func(user, role string) *recorder {
		r := &recorder{client: dial(t, a)}
		r.wants(`"identify",{"userId":"`+user+`","role":"`+role+`"}`, `"success":true`)
		r.wants(`"joinClass",{"userId":"`+user+`","classId":"Math"}`, `"success":true`)
		return r
	}
	teacher, chen, divya := join("asha", "teacher"), join("chen", "student"), join("divya", "student")
	watching := join("boris", "teacher") // of another class
	const device = "device-5f2d7c1e8a44"
	const ofLecture = `{"classId":"Math","sessionType":"lecture"}`
	mark := func(student, code string) string {
		return `"attendanceMarked",{"classId":"Math","studentId":"` + student + `","sessionType":"lecture","code":"` + code + `","deviceId":"` + device + `"}`
	}
	teacher.wants(`"initiateAttendance",{"classId":"Math","teacherId":"asha","sessionType":"lecture","proof":"code","lateAfter":10}`, `"success":true`)
	var shown struct{ Code string }
	answer := teacher.wants(`"fetchAttendanceCode",`+ofLecture, `"success":true`)
	if err := json.Unmarshal([]byte(strings.Trim(answer, "[]")), &shown); err != nil || len(shown.Code) != 6 {
		t.Fatalf("%s: %v", answer, err)
	}
	chen.wants(mark("chen", ""), `"reason":"code_required"`)
	chen.wants(mark("chen", "GUESS2"), `"reason":"code_wrong"`)
	for _, guess := range []string{"GUESS3", "GUESS4", "GUESS5", "GUESS6"} {
		divya.wants(mark("divya", guess), `"reason":"code_wrong"`)
	}
	again := join("divya", "student") // another device of the same student
	again.wants(mark("divya", "GUESS7"), `"reason":"code_wrong"`)
	again.wants(mark("divya", shown.Code), `"reason":"code_throttled"`)
	chen.wants(mark("chen", shown.Code), `"success":true`)
	elif := join("elif", "student")
	elif.wants(mark("elif", shown.Code), `"success":true`) // on chen's device
	chen.wants(`"fetchAttendanceCode",`+ofLecture, `"reason":"not_owner"`)
	watching.wants(`"fetchAttendanceCode",`+ofLecture, `"reason":"not_owner"`)
	seen := map[string]string{}
	for _, path := range []string{
		"/api/classes", "/api/classes/Math", "/api/classes/Math/sessions", "/api/sessions/1", "/api/sessions/1/changes", "/api/sessions/1/export", "/api/sessions/1/flags",
		"/api/classes/Math/roster", "/api/classes/Math/presence", "/healthz", "/readyz",
	} {
		_, _, body := ask(t, http.MethodGet, a.URL()+path, "X-User", "asha")
		seen["GET "+path] = body
	}
	latecomer := join("faye", "student")
	teacher.wants(`"fetchAttendance",{"classId":"Math","date":"`+a.store.Now().String()+`","sessionType":"lecture"}`, `"success":true`)
	teacher.wants(`"endAttendance",{"classId":"Math","teacherId":"asha","sessionType":"lecture"}`, `"success":true`)
	for _, r := range []*recorder{chen, divya, again, elif, watching, latecomer, teacher} { // all that was sent before comes before the answer
		r.ask(`"fetchAttendance",{"classId":"Math","date":"2026-01-01","sessionType":"lecture"}`)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	for name, r := range map[string]*recorder{"chen": chen, "divya": divya, "again": again, "elif": elif, "watching": watching, "latecomer": latecomer} {
		seen["frames of "+name] = strings.Join(r.frames, "\n")
	}
	seen["log"] = log.String()
	for where, text := range seen {
		for _, part := range []string{shown.Code, "GUESS", "attendance:flag"} {
			if strings.Contains(text, part) {
				t.Errorf("%s: %s has %s", where, text, part)
			}
		}
	}
	seen["frames of the teacher"] = strings.Join(teacher.frames, "\n")
	if !strings.Contains(seen["GET /api/sessions/1/flags"], "shared_device") || strings.Count(seen["frames of the teacher"], "attendance:flag") != 1 {
		t.Errorf("chen and elif are not flagged once: %s", seen["frames of the teacher"])
	}
	for where, text := range seen {
		if strings.Contains(text, device) || strings.Contains(text, "deviceId") {
			t.Errorf("%s has the id of a device: %s", where, text)
		}
	}
	secret := storedSecret(t, c.DataDir)
	for where, text := range seen {
		if strings.Contains(text, secret) || text == "" {
			t.Errorf("%s is empty or has the secret: %s", where, text)
		}
	}
	if count := strings.Count(seen["frames of the teacher"], shown.Code); count != 2 { // the event and the acknowledgement
		t.Errorf("the teacher was sent the code %d times", count)
	}
}

func storedSecret(t *testing.T, dataDir string) (secret string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dataDir, "attendance.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT secret FROM sessions").Scan(&secret); err != nil || len(secret) != 32 {
		t.Fatalf("the secret is %q: %v", secret, err)
	}
	return secret
}
