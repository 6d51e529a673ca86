// Package identity decides who a client is from its JSON Web Token. A Verifier is safe for concurrent use; with a
// key set it asks the network now and then, in the background.
package identity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"github.com/neuracampus/attendance/models"
)

// ErrUnauthorized is all that a client learns about a token that was refused. The rest of the error is for the log.
var ErrUnauthorized = errors.New("unauthorized")

// Options says which tokens are good. One of Secret, PublicKey and JWKSURL is set; it alone decides which algorithms
// a token may be signed with.
type Options struct {
	Secret    []byte           // HS256
	PublicKey crypto.PublicKey // RS256 for an RSA key, ES256 for a P-256 key
	JWKSURL   string           // RS256 and ES256, keys from this address

	Issuer   string           // when set, iss must be this
	Audience string           // when set, aud must contain this
	Cookie   string           // name of the cookie that may carry the token
	Clock    func() time.Time // nil: time.Now
}

// Claims is what a good token says.
type Claims struct {
	Actor   models.Actor
	Expires time.Time // zero when the token never does
}

// Verifier checks tokens.
type Verifier struct {
	parser *jwt.Parser
	key    jwt.Keyfunc
	cookie string
}

// New returns a Verifier. With JWKSURL it fetches the keys first, and again in the background until ctx ends.
func New(ctx context.Context, o Options) (*Verifier, error) {
	methods, key, err := o.keys(ctx)
	if err != nil {
		return nil, err
	}
	rules := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithJSONNumber()}
	if o.Issuer != "" {
		rules = append(rules, jwt.WithIssuer(o.Issuer))
	}
	if o.Audience != "" {
		rules = append(rules, jwt.WithAudience(o.Audience))
	}
	if o.Clock != nil {
		rules = append(rules, jwt.WithTimeFunc(o.Clock))
	}
	return &Verifier{parser: jwt.NewParser(rules...), key: key, cookie: o.Cookie}, nil
}

func (o Options) keys(ctx context.Context) ([]string, jwt.Keyfunc, error) {
	switch {
	case len(o.Secret) > 0:
		return []string{"HS256"}, func(*jwt.Token) (any, error) { return o.Secret, nil }, nil
	case o.PublicKey != nil:
		method := "RS256"
		if _, elliptic := o.PublicKey.(*ecdsa.PublicKey); elliptic {
			method = "ES256"
		}
		return []string{method}, func(*jwt.Token) (any, error) { return o.PublicKey, nil }, nil
	case o.JWKSURL != "":
		startWithoutKeys := false
		set, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{o.JWKSURL}, keyfunc.Override{
			NoErrorReturnFirstHTTPReq: &startWithoutKeys,
			HTTPTimeout:               10 * time.Second,
			// A key id that is unknown makes it ask again, once in five minutes. Nobody else who sends one waits for that.
			RateLimitWaitMax: time.Millisecond,
		})
		if err != nil {
			return nil, nil, fmt.Errorf("fetch the keys of JWT_JWKS_URL: %w", err)
		}
		return []string{"RS256", "ES256"}, set.Keyfunc, nil
	}
	return nil, nil, errors.New("identity needs a secret, a public key or a key set")
}

// Verify returns who the token speaks for. Every error wraps ErrUnauthorized.
func (v *Verifier) Verify(token string) (Claims, error) {
	fields := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(token, fields, v.key); err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	actor, err := actorOf(fields)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	claims := Claims{Actor: actor}
	if expires, err := fields.GetExpirationTime(); err == nil && expires != nil {
		claims.Expires = expires.Time
	}
	return claims, nil
}

// actorOf reads the user from the claim names that are in use for it, the registered one first.
func actorOf(fields jwt.MapClaims) (models.Actor, error) {
	role, _ := fields["role"].(string)
	actor := models.Actor{Role: models.Role(role)}
	if actor.Role != models.RoleTeacher && actor.Role != models.RoleStudent {
		return actor, fmt.Errorf("the claim role is %q, neither teacher nor student", role)
	}
	for _, name := range []string{"sub", "id", "_id", "userId"} {
		value, ok := fields[name]
		if !ok {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return actor, fmt.Errorf("the claim %s: %w", name, err)
		}
		if err := actor.ID.UnmarshalJSON(text); err != nil {
			return actor, fmt.Errorf("the claim %s: %w", name, err)
		}
		return actor, nil
	}
	return actor, errors.New("none of the claims sub, id, _id and userId is there")
}

// Token finds the token of a handshake or request: in the auth payload's key token, then in Authorization: Bearer,
// then in the query's token, then in the cookie. It returns "" when there is none.
func (v *Verifier) Token(header http.Header, query url.Values, auth json.RawMessage) string {
	var payload struct {
		Token string `json:"token"`
	}
	// An auth payload of another shape has no token in it, which is no mistake by itself.
	if err := json.Unmarshal(auth, &payload); err == nil && payload.Token != "" {
		return withoutBearer(payload.Token)
	}
	if value := header.Get("Authorization"); withoutBearer(value) != value {
		return withoutBearer(value)
	}
	if value := query.Get("token"); value != "" {
		return withoutBearer(value)
	}
	return v.CookieToken(header)
}

// CookieToken returns the token that the cookie carries. A browser adds cookies by itself, so whoever acts upon one
// has to know that the request comes from a page that may.
func (v *Verifier) CookieToken(header http.Header) string {
	cookie, err := (&http.Request{Header: header}).Cookie(v.cookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// withoutBearer takes the scheme off, which some clients write into auth.token too.
func withoutBearer(value string) string {
	if scheme, token, found := strings.Cut(value, " "); found && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return value
}
