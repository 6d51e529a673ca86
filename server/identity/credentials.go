package identity

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	// maxToken bounds what is decoded for an unauthenticated client, in bytes. Common servers take no longer headers, either.
	maxToken = 8 << 10
	// maxAuth bounds the auth payload of a CONNECT packet, in bytes: a token and what an app sends beside it.
	maxAuth = maxToken + 1<<10
	// maxTries is how many tokens of one handshake are verified at the most.
	maxTries = 8
)

// Identify returns the claims of a handshake. It tries the tokens of the auth payload's key token, then of Authorization: Bearer,
// then of the query's token, then of the cookies, and takes the first that is valid: a browser keeps sending old cookies beside
// a new one, and some apps send a placeholder. If two valid tokens name different users, the one that the app set wins over
// a cookie. The error is a *Refusal.
func (v *Verifier) Identify(header http.Header, query url.Values, auth json.RawMessage) (Claims, error) {
	worst := &Refusal{ReasonMissing, "there is none"}
	for _, token := range v.tokens(header, query, auth) {
		claims, err := v.verify(token)
		if err == nil {
			return claims, nil
		}
		// An expired token says more than an invalid one: it was valid once.
		if worst.Reason == ReasonMissing || worst.Reason == ReasonInvalid && err.Reason == ReasonExpired {
			worst = err
		}
	}
	return Claims{}, worst
}

// tokens returns the tokens of a handshake in the order in which Identify tries them, each once, maxTries at most.
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

// authToken returns the token of an auth payload, "" if it has another shape, which is allowed.
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

// isPlaceholder reports whether a value stands for no token: scripts send these for a variable that is not set, and servers
// leave them in a cookie that they delete.
func isPlaceholder(token string) bool {
	return slices.Contains([]string{"", "undefined", "null", "deleted"}, token)
}

// withoutBearer removes the scheme, which some clients write into auth.token too.
func withoutBearer(value string) string {
	if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return value
}
