package identity

import (
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var testSecret = []byte("a secret that nobody knows, really")

func refusalOf(t *testing.T, err error) *Refusal {
	t.Helper()
	refused, ok := errors.AsType[*Refusal](err)
	if !ok || !errors.Is(err, ErrUnauthorized) {
		t.Fatalf("%v is not a Refusal", err)
	}
	return refused
}

func TestRefusalNamesCauseWithoutTokenContent(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret, Issuer: "campus", Audience: "attendance", Leeway: 30 * time.Second})
	good := jwt.MapClaims{"iss": "campus", "aud": "attendance"}
	signed := func(changes jwt.MapClaims) string {
		claims := with(good)
		maps.Copy(claims, changes)
		maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
		return sign(t, jwt.SigningMethodHS256, testSecret, claims)
	}
	long := signed(jwt.MapClaims{"hunter2": strings.Repeat("x", maxToken)})
	for name, tt := range map[string]struct {
		token  string
		reason Reason
		cause  string
	}{
		"nothing":           {"", ReasonMissing, "there is none"},
		"a placeholder":     {"undefined", ReasonMissing, "there is none"},
		"no token":          {"hunter2", ReasonInvalid, "it is not a JSON Web Token"},
		"broken claims":     {"eyJhbGciOiJIUzI1NiJ9.aHVudGVyMg.x", ReasonInvalid, "it is not a JSON Web Token"},
		"another algorithm": {sign(t, jwt.SigningMethodHS384, testSecret, with(good)), ReasonInvalid, "it was not signed with the key and the algorithm that are configured"},
		"unknown algorithm": {"eyJhbGciOiJodW50ZXIyIn0.e30.x", ReasonInvalid, "its algorithm is not known"},
		"another secret":    {sign(t, jwt.SigningMethodHS256, []byte("hunter2"), with(good)), ReasonInvalid, "it was not signed with the key and the algorithm that are configured"},
		"expired":           {signed(jwt.MapClaims{"exp": now.Add(-time.Minute).Unix()}), ReasonExpired, "its exp has passed"},
		"not yet":           {signed(jwt.MapClaims{"nbf": now.Add(time.Minute).Unix()}), ReasonInvalid, "its nbf is still to come, by more than JWT_LEEWAY"},
		"foreign issuer":    {signed(jwt.MapClaims{"iss": "hunter2"}), ReasonInvalid, "its iss is not JWT_ISSUER"},
		"foreign audience":  {signed(jwt.MapClaims{"aud": "hunter2"}), ReasonInvalid, "its aud does not contain JWT_AUDIENCE"},
		"no issuer":         {signed(jwt.MapClaims{"iss": nil}), ReasonInvalid, "it has no iss or aud, which JWT_ISSUER and JWT_AUDIENCE ask for"},
		"exp of no type":    {signed(jwt.MapClaims{"exp": "hunter2"}), ReasonInvalid, "a registered claim of it has the wrong type"},
		"another role":      {signed(jwt.MapClaims{"role": "hunter2"}), ReasonInvalid, "its role is not teacher, student or admin"},
		"no id":             {signed(jwt.MapClaims{"sub": nil}), ReasonInvalid, "it has none of the claims sub, id, _id and userId"},
		"an id of no type":  {signed(jwt.MapClaims{"sub": []string{"hunter2"}}), ReasonInvalid, "its claim sub is no id"},
		// A new token of this issuer would be refused as well, so the reason is not that this one has expired.
		"expired, foreign": {signed(jwt.MapClaims{"exp": now.Add(-time.Hour).Unix(), "iss": "hunter2"}), ReasonInvalid, "its iss is not JWT_ISSUER"},
		"more than 8 kB":   {long, ReasonInvalid, "it has more than 8192 bytes"},
		"8 kB of nothing":  {strings.Repeat("hunter2", 2000), ReasonInvalid, "it has more than 8192 bytes"},
	} {
		_, err := v.Verify(tt.token)
		refused := refusalOf(t, err)
		if refused.Reason != tt.reason || refused.Cause != tt.cause || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := v.Verify(signed(nil)); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestVerifyLeewayAcceptsClockSkew(t *testing.T) {
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, tt := range map[string]struct {
		leeway, maxAge time.Duration
		claims         jwt.MapClaims
		expires        time.Duration // from now; 0 when refused
	}{
		"nbf 1 s ahead":              {30 * time.Second, 0, jwt.MapClaims{"nbf": at(time.Second)}, time.Hour},
		"iat 1 s ahead":              {30 * time.Second, 0, jwt.MapClaims{"iat": at(time.Second)}, time.Hour},
		"nbf 30 s ahead":             {30 * time.Second, 0, jwt.MapClaims{"nbf": at(30 * time.Second)}, time.Hour},
		"nbf 31 s ahead":             {30 * time.Second, 0, jwt.MapClaims{"nbf": at(31 * time.Second)}, 0},
		"nbf ahead, no leeway":       {0, 0, jwt.MapClaims{"nbf": at(time.Second)}, 0},
		"exp to come":                {30 * time.Second, 0, jwt.MapClaims{"exp": at(time.Second)}, time.Second},
		"exp 1 s ago":                {30 * time.Second, 0, jwt.MapClaims{"exp": at(-time.Second)}, 29 * time.Second},
		"exp now":                    {30 * time.Second, 0, jwt.MapClaims{"exp": at(0)}, 30 * time.Second},
		"exp 30 s ago":               {30 * time.Second, 0, jwt.MapClaims{"exp": at(-30 * time.Second)}, 0},
		"exp 1 s ago, no leeway":     {0, 0, jwt.MapClaims{"exp": at(-time.Second)}, 0},
		"age below the greatest":     {0, 2 * time.Hour, jwt.MapClaims{"iat": at(-time.Hour), "exp": nil}, time.Hour},
		"age ends before exp":        {0, 2 * time.Hour, jwt.MapClaims{"iat": at(-time.Hour - 30*time.Minute)}, 30 * time.Minute},
		"exp before the age ends":    {0, 8 * time.Hour, jwt.MapClaims{"iat": at(0)}, time.Hour},
		"age above the greatest":     {30 * time.Second, time.Hour, jwt.MapClaims{"iat": at(-61 * time.Minute), "exp": nil}, 0},
		"age within the leeway":      {30 * time.Second, time.Hour, jwt.MapClaims{"iat": at(-time.Hour - time.Second), "exp": nil}, 29 * time.Second},
		"age without iat":            {0, time.Hour, jwt.MapClaims{"exp": nil}, 0},
		"age without iat, but exp":   {0, 2 * time.Hour, nil, 0},
		"age with iat far ahead":     {30 * time.Second, time.Hour, jwt.MapClaims{"iat": at(time.Hour)}, 0},
		"age with iat that is words": {0, time.Hour, jwt.MapClaims{"iat": "today"}, 0},
	} {
		v := verifier(t, Options{Secret: testSecret, Leeway: tt.leeway, MaxAge: tt.maxAge})
		got, err := v.Verify(sign(t, jwt.SigningMethodHS256, testSecret, with(tt.claims)))
		if tt.expires == 0 {
			if err == nil {
				t.Errorf("%s: good until %v", name, got.Expires)
			}
			continue
		}
		if err != nil || !got.Expires.Equal(now.Add(tt.expires)) {
			t.Errorf("%s: %v, %v; want %v", name, got.Expires, err, now.Add(tt.expires))
		}
	}
}

func TestVerifyTokenWithoutExpWarnsOnce(t *testing.T) {
	var log strings.Builder
	v := verifier(t, Options{Secret: testSecret, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for range 3 {
		claims, err := v.Verify(sign(t, jwt.SigningMethodHS256, testSecret, with(jwt.MapClaims{"exp": nil})))
		if err != nil || !claims.Expires.IsZero() {
			t.Fatal(claims, err)
		}
	}
	if lines := strings.Count(log.String(), "JWT_MAX_AGE"); lines != 1 {
		t.Errorf("warned %d times:\n%s", lines, &log)
	}
}
