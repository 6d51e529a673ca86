package identity

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func TestHandshakeTokensFoundInOrder(t *testing.T) {
	v := verifier(t, Options{Secret: []byte("s")})
	bearer := http.Header{"Authorization": {"Bearer header"}}
	cookie := http.Header{"Cookie": {"theme=dark; accessToken=cookie"}}
	both := http.Header{"Authorization": bearer["Authorization"], "Cookie": cookie["Cookie"]}
	for name, tt := range map[string]struct {
		header http.Header
		query  string
		auth   string
		want   []string
	}{
		"all in order":               {both, "token=query", `{"token":"auth"}`, []string{"auth", "header", "query", "cookie"}},
		"auth with scheme":           {nil, "", `{"token":"Bearer auth"}`, []string{"auth"}},
		"no auth":                    {both, "token=query", `{}`, []string{"header", "query", "cookie"}},
		"empty auth":                 {cookie, "", `{"token":""}`, []string{"cookie"}},
		"another scheme is no token": {http.Header{"Authorization": {"Basic abc"}}, "", ``, nil},
		"auth of another shape":      {cookie, "", `["token"]`, []string{"cookie"}},
		"a token that is no text":    {cookie, "", `{"token":5}`, []string{"cookie"}},
		"nothing":                    {nil, "", ``, nil},
		"the same twice":             {http.Header{"Cookie": {"accessToken=a"}}, "token=a", ``, []string{"a"}},
		"several of each":            {http.Header{"Authorization": {"Bearer a", "bearer b"}, "Cookie": {"accessToken=e; accessToken=f", "accessToken=g"}}, "token=c&token=d", ``, []string{"a", "b", "c", "d", "e", "f", "g"}},
		"placeholders":               {http.Header{"Authorization": {"Bearer undefined"}, "Cookie": {`accessToken=; accessToken=deleted; accessToken="x"`}}, "token=null", `{"token":"undefined"}`, []string{"x"}},
		"other cookies":              {http.Header{"Cookie": {"accessTokens=a; xaccessToken=b"}}, "", ``, nil},
	} {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.tokens(tt.header, query, json.RawMessage(tt.auth)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// sources are the parts of a handshake that may hold a token, filled with several values.
var sources = map[string]func(values ...string) (http.Header, url.Values){
	"cookies": func(values ...string) (http.Header, url.Values) {
		header := http.Header{}
		header.Set("Cookie", "accessToken="+strings.Join(values, "; accessToken="))
		return header, nil
	},
	"cookie headers": func(values ...string) (http.Header, url.Values) {
		header := http.Header{}
		for _, value := range values {
			header.Add("Cookie", "accessToken="+value)
		}
		return header, nil
	},
	"queries": func(values ...string) (http.Header, url.Values) { return http.Header{}, url.Values{"token": values} },
	"headers": func(values ...string) (http.Header, url.Values) {
		header := http.Header{}
		for _, value := range values {
			header.Add("Authorization", "Bearer "+value)
		}
		return header, nil
	},
	"auth, then a cookie": nil,
}

func TestIdentifyGoodTokenBesideBadAccepted(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret})
	good := sign(t, jwt.SigningMethodHS256, testSecret, with(nil))
	bad := map[string]string{
		"expired":        sign(t, jwt.SigningMethodHS256, testSecret, with(jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()})),
		"foreign":        sign(t, jwt.SigningMethodHS256, []byte("another secret"), with(nil)),
		"empty":          "",
		"deleted":        "deleted",
		"undefined":      "undefined",
		"null":           "null",
		"nonsense":       "a.b.c",
		"more than 8 kB": strings.Repeat("x", maxToken+1),
	}
	for source, fill := range sources {
		for name, value := range bad {
			for _, order := range [][]string{{value, good}, {good, value}, {value, value, good}} {
				var auth json.RawMessage
				var header http.Header
				var query url.Values
				if fill != nil {
					header, query = fill(order...)
				} else {
					auth, _ = json.Marshal(map[string]string{"token": order[0]})
					header, query = sources["cookies"](order[1:]...)
				}
				claims, err := v.Identify(header, query, auth)
				if err != nil || claims.Actor.ID.Key != "t1" {
					t.Errorf("%s in %s: %v, %v", name, source, claims, err)
				}
			}
		}
	}
}

func TestIdentifySeveralBadTokensReturnsOneReason(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret})
	expired := sign(t, jwt.SigningMethodHS256, testSecret, with(jwt.MapClaims{"exp": now.Add(-time.Hour).Unix()}))
	for name, tt := range map[string]struct {
		tokens []string
		want   Reason
	}{
		"none":                  {nil, ReasonMissing},
		"placeholders":          {[]string{"null", ""}, ReasonMissing},
		"nonsense":              {[]string{"null", "a.b.c"}, ReasonInvalid},
		"expired":               {[]string{expired}, ReasonExpired},
		"nonsense, expired":     {[]string{"a.b.c", expired}, ReasonExpired},
		"expired, then a wrong": {[]string{expired, "a.b.c"}, ReasonExpired},
	} {
		_, err := v.Identify(nil, url.Values{"token": tt.tokens}, nil)
		if refused := refusalOf(t, err); refused.Reason != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A token that the app sets wins over a cookie, which may be that of another user of the same computer.
func TestIdentifySeveralGoodTokensFirstWins(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret})
	token := func(id string) string {
		return sign(t, jwt.SigningMethodHS256, testSecret, with(jwt.MapClaims{"sub": id}))
	}
	header := http.Header{"Authorization": {"Bearer " + token("header")}, "Cookie": {"accessToken=" + token("cookie")}}
	query := url.Values{"token": {token("query")}}
	auth := json.RawMessage(`{"token":"` + token("auth") + `"}`)
	for _, want := range []string{"auth", "header", "query", "cookie"} {
		claims, err := v.Identify(header, query, auth)
		if err != nil || claims.Actor.ID.Key != want {
			t.Errorf("%v, %v; want %s", claims, err, want)
		}
		switch want {
		case "auth":
			auth = nil
		case "header":
			header.Del("Authorization")
		case "query":
			query = nil
		}
	}
}

func TestIdentifyTokensPerHandshakeAreBounded(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret})
	good := sign(t, jwt.SigningMethodHS256, testSecret, with(nil))
	for _, tt := range []struct {
		before  int
		refused bool
	}{{maxTries - 1, false}, {maxTries, true}, {5000, true}} {
		var cookies strings.Builder
		for i := range tt.before {
			cookies.WriteString("accessToken=a.b." + strconv.Itoa(i) + "; ")
		}
		_, err := v.Identify(http.Header{"Cookie": {cookies.String() + "accessToken=" + good}}, nil, nil)
		if tt.refused != (err != nil) {
			t.Errorf("after %d others: %v", tt.before, err)
		}
	}
}

func TestIdentifyOversizedAuthIsNotDecoded(t *testing.T) {
	v := verifier(t, Options{Secret: testSecret})
	good := sign(t, jwt.SigningMethodHS256, testSecret, with(nil))
	for size, refused := range map[int]bool{1000: false, maxAuth - 1000: false, maxAuth: true, 900_000: true} {
		auth := json.RawMessage(`{"more":"` + strings.Repeat("x", size) + `","token":"` + good + `"}`)
		_, err := v.Identify(nil, nil, auth)
		if refused != (err != nil) {
			t.Errorf("%d bytes: %v", len(auth), err)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	v, err := New(f.Context(), Options{Secret: testSecret, Cookie: "accessToken"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Bearer a.b.c", "accessToken=a; accessToken=b", "token=x", `{"token":"y"}`)
	f.Fuzz(func(t *testing.T, authorization, cookie, query, auth string) {
		values, _ := url.ParseQuery(query) // the part that can be parsed
		header := http.Header{"Authorization": {authorization}, "Cookie": {cookie}}
		if _, err := v.Identify(header, values, json.RawMessage(auth)); err == nil {
			t.Error("accepted")
		}
		if tokens := v.tokens(header, values, json.RawMessage(auth)); len(tokens) > maxTries {
			t.Errorf("%d tries", len(tokens))
		}
	})
}
