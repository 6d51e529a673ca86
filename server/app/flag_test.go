package app

import (
	"net/http"
	"strings"
	"testing"
)

func onDevice(student, device string) string {
	return strings.Replace(mark(student, "present"), `"status"`, `"deviceId":"`+device+`","status"`, 1)
}

// TestFlagReachesTheTeachersOfTheClassAlone has everybody who can be in the room of a class, on one server and on two, whatever students see
// of each other.
func TestFlagReachesTheTeachersOfTheClassAlone(t *testing.T) {
	for kind := range serversOf {
		for _, visibility := range []string{"class", "own"} {
			t.Run(kind+" "+visibility, func(t *testing.T) {
				nodes := serversOf[kind](t)
				teachers := map[string]*client{"asha": enter(t, nodes[0], "asha", "teacher")}
				if got := as(t, nodes[0], "asha", http.MethodPut, "/teachers/gita", ""); got != http.StatusOK {
					t.Fatalf("another teacher was answered %d", got)
				}
				teachers["gita"] = enter(t, nodes[1], "gita", "teacher")
				see(t, nodes[0], visibility)
				others := map[string]*client{"boris, who teaches elsewhere,": enter(t, nodes[1], "boris", "teacher")}
				for i, student := range []string{"chen", "divya", "hugo"} {
					others[student] = enter(t, nodes[i%2], student, "student")
				}
				teachers["asha"].succeeds(initiateLecture)
				others["divya"].awaits("attendanceStarted") // so its server knows the session
				others["chen"].tell(onDevice("chen", "one phone"))
				others["divya"].tell(onDevice("divya", "one phone"))

				for who, teacher := range teachers {
					text := teacher.awaits("attendance:flag")
					for _, part := range []string{
						`{"classId":"Math","sessionType":"lecture","kind":"shared_device","studentIds":["chen","divya"],`,
						`"message":"2 students marked themselves on one device","timestamp":"20`,
					} {
						if !strings.Contains(text, part) {
							t.Errorf("%s was sent %s", who, text)
						}
					}
					if strings.Contains(text, "one phone") {
						t.Errorf("%s was sent the id of the device: %s", who, text)
					}
				}
				teachers["asha"].tell(endLecture)
				for who, other := range others {
					if seen := strings.Join(other.until(`42["attendanceEnded"`), " "); strings.Contains(seen, "flag") || strings.Contains(seen, "one phone") {
						t.Errorf("%s was sent %s", who, seen)
					}
				}
			})
		}
	}
}
