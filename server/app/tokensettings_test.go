package app

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// TestTokenSettingsReachTheVerifier has a token for each setting that says which tokens are accepted: the setting changes the answer.
func TestTokenSettingsReachTheVerifier(t *testing.T) {
	const accepted = "40{"
	const cookie = "campus"
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	for _, test := range []struct {
		setting       string
		claims        jwt.MapClaims
		without, with string // how the answer to CONNECT begins, or the reason of the refusal
	}{
		{"JWT_MAX_AGE=1h", jwt.MapClaims{"iat": at(-2 * time.Hour)}, accepted, "token_expired"},
		{"JWT_LEEWAY=5m", jwt.MapClaims{"exp": at(-2 * time.Minute)}, "token_expired", accepted},
		{"JWT_ISSUER=campus", jwt.MapClaims{"iss": "another"}, accepted, "token_invalid"},
		{"JWT_AUDIENCE=attendance", jwt.MapClaims{"aud": "another"}, accepted, "token_invalid"},
		{"JWT_COOKIE=" + cookie, nil, "token_missing", accepted},
	} {
		t.Run(test.setting, func(t *testing.T) {
			claims := jwt.MapClaims{"sub": "asha", "role": "teacher", "exp": at(time.Hour)}
			for name, value := range test.claims {
				claims[name] = value
			}
			token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(strings.TrimPrefix(signed, "JWT_SECRET=")))
			if err != nil {
				t.Fatal(err)
			}
			for settingOf, want := range map[string]string{"": test.without, test.setting: test.with} {
				a, stop := start(t, settings(t, signed, settingOf))
				var fields []string
				packet := `40{"token":"` + token + `"}`
				if strings.HasPrefix(test.setting, "JWT_COOKIE") {
					fields, packet = []string{"Cookie", cookie + "=" + token}, "40"
				} else {
					wanted := http.StatusOK
					if want != accepted {
						wanted = http.StatusUnauthorized
					}
					if status, _, body := ask(t, http.MethodGet, a.URL()+"/api/classes", "Authorization", "Bearer "+token); status != wanted {
						t.Errorf("with %q, REST answers %d %s", settingOf, status, body)
					}
				}
				socket := engineiotest.Dial(t, a.URL()+"/socket.io/?EIO=4&transport=websocket", fields...)
				socket.ExpectPrefix(t, "0")
				socket.Send(t, packet)
				answer := socket.Receive(t).Text
				if !strings.HasPrefix(answer, want) && !strings.Contains(answer, `"reason":"`+want+`"`) {
					t.Errorf("with %q, CONNECT is answered %s, want %s", settingOf, answer, want)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
