package identity

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	// maxToken bounds what is decoded of somebody who is not known yet. Headers of common servers hold no more, either.
	maxToken = 8 << 10
	// maxAuth bounds the auth payload of a CONNECT packet: a token, and what an app may have beside it.
	maxAuth = maxToken + 1<<10
	// maxTries bounds the signatures that are checked for one handshake.
	maxTries = 8
)

// Identify returns who a handshake speaks for. Tokens are looked for in the auth payload's key token, then in
// Authorization: Bearer, then in the query's token, then in the cookies. The first that is good counts, because a browser
// keeps sending old cookies beside a new one, and some apps send a placeholder. So where two good ones name different people,
// what the app gave by itself wins over a cookie. The error is a *Refusal.
func (v *Verifier) Identify(header http.Header, query url.Values, auth json.RawMessage) (Claims, error) {
	worst := &Refusal{ReasonMissing, "there is none"}
	for _, token := range v.tokens(header, query, auth) {
		claims, err := v.verify(token)
		if err == nil {
			return claims, nil
		}
		// Of several, an expired one says most: it was good once.
		if worst.Reason == ReasonMissing || worst.Reason == ReasonInvalid && err.Reason == ReasonExpired {
			worst = err
		}
	}
	return Claims{}, worst
}

// tokens returns the tokens of a handshake in the order in which they are to be tried, each once, maxTries at most.
func (v *Verifier) tokens(header http.Header, query url.Values, auth json.RawMessage) []string {
	var all []string
	add := func(token string) {
		if token = withoutBearer(token); !isPlaceholder(token) && !slices.Contains(all, token) {
			all = append(all, token)
		}
	}
	add(authToken(auth))
	for _, value := range header.Values("Authorization") {
		if withoutBearer(value) != value {
			add(value)
		}
	}
	for _, value := range query["token"] {
		add(value)
	}
	for _, cookie := range (&http.Request{Header: header}).CookiesNamed(v.cookie) {
		add(cookie.Value)
	}
	return all[:min(len(all), maxTries)]
}

// authToken returns the token of an auth payload. A payload of another shape has none, which is no mistake by itself.
func authToken(auth json.RawMessage) string {
	if len(auth) > maxAuth {
		return string(auth[:maxToken+1]) // refused for its length like any other token
	}
	var payload struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(auth, &payload); err != nil {
		return ""
	}
	return payload.Token
}

// isPlaceholder reports whether a value stands for no token: what scripts make of a variable that is not set, and what
// servers leave in a cookie that they take away.
func isPlaceholder(token string) bool {
	return slices.Contains([]string{"", "undefined", "null", "deleted"}, token)
}

// withoutBearer takes the scheme off, which some clients write into auth.token too.
func withoutBearer(value string) string {
	if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return value
}
