// Package identity verifies the JSON Web Token of a client. A Verifier is safe for concurrent use. With a key set, Identify and
// Verify may wait a few seconds for the network when a token names an unknown key.
package identity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/neuracampus/attendance/models"
)

// Options says which tokens are accepted. One of Secret, PublicKey and JWKSURL is set; it alone decides which algorithms
// a token may be signed with.
type Options struct {
	Secret    []byte           // HS256
	PublicKey crypto.PublicKey // RS256 for an RSA key, ES256 for a P-256 key
	JWKSURL   string           // RS256 and ES256, keys from this address

	Issuer   string           // when set, iss must be this
	Audience string           // when set, aud must contain this
	Leeway   time.Duration    // how far the issuer's clock may be from this one's, for exp, nbf and iat
	MaxAge   time.Duration    // when set, tokens expire this long after their iat, which they then need
	Cookie   string           // name of the cookie that may carry the token
	Clock    func() time.Time // nil: time.Now
	Logger   *slog.Logger     // nil: slog.Default()

	// JWKSWait is how long New waits for the server of JWKSURL if it is not up yet; zero: 30 seconds.
	JWKSWait time.Duration
}

// Claims are those of an accepted token.
type Claims struct {
	Actor   models.Actor
	Expires time.Time // zero: never
}

// Verifier checks tokens.
type Verifier struct {
	parser *jwt.Parser
	key    jwt.Keyfunc
	keys   *keySet // nil without JWKSURL

	cookie         string
	leeway, maxAge time.Duration
	clock          func() time.Time
	log            *slog.Logger
	warnNoExpiry   sync.Once // of tokens that never expire
}

// New returns a Verifier. With JWKSURL it fetches the keys first, until ctx ends or JWKSWait has passed.
func New(ctx context.Context, o Options) (*Verifier, error) {
	v := &Verifier{cookie: o.Cookie, leeway: o.Leeway, maxAge: o.MaxAge, clock: o.Clock, log: o.Logger}
	if v.clock == nil {
		v.clock = time.Now
	}
	if v.log == nil {
		v.log = slog.Default()
	}
	methods, err := v.setKeys(ctx, o)
	if err != nil {
		return nil, err
	}
	rules := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithJSONNumber(), jwt.WithLeeway(o.Leeway), jwt.WithTimeFunc(v.clock)}
	if o.Issuer != "" {
		rules = append(rules, jwt.WithIssuer(o.Issuer))
	}
	if o.Audience != "" {
		rules = append(rules, jwt.WithAudience(o.Audience))
	}
	v.parser = jwt.NewParser(rules...)
	return v, nil
}

// setKeys sets the key that tokens have to be signed with, and returns the algorithms that fit it.
func (v *Verifier) setKeys(ctx context.Context, o Options) (methods []string, err error) {
	switch {
	case len(o.Secret) > 0:
		v.key = func(*jwt.Token) (any, error) { return o.Secret, nil }
		return []string{"HS256"}, nil
	case o.PublicKey != nil:
		v.key = func(*jwt.Token) (any, error) { return o.PublicKey, nil }
		return []string{methodOf(o.PublicKey)}, CheckKey(o.PublicKey)
	case o.JWKSURL != "":
		v.keys, err = openKeySet(ctx, o.JWKSURL, o.JWKSWait, v.log, keySetTransport())
		if err != nil {
			return nil, fmt.Errorf("fetch the keys of JWT_JWKS_URL: %w", err)
		}
		v.key = v.keys.keysFor
		return []string{"RS256", "ES256"}, nil
	}
	return nil, errors.New("identity needs a secret, a public key or a key set")
}

// Refresh fetches the key set again once an hour, until ctx ends. Without JWKSURL it returns at once.
func (v *Verifier) Refresh(ctx context.Context) {
	if v.keys != nil {
		v.keys.refresh(ctx)
	}
}

// CheckKey returns why a public key cannot be used, or nil. RS256 takes RSA keys of 2048 bits and more (RFC 7518, section 3.3),
// ES256 takes P-256 keys.
func CheckKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return errors.New("an RSA key needs at least 2048 bits")
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return errors.New("an elliptic key must be P-256, which is what ES256 uses")
		}
	default:
		return fmt.Errorf("%T is not supported, only RSA and P-256", key)
	}
	return nil
}

// methodOf returns the one algorithm that a public key is used with.
func methodOf(key crypto.PublicKey) string {
	if _, elliptic := key.(*ecdsa.PublicKey); elliptic {
		return "ES256"
	}
	return "RS256"
}

// Verify returns the claims of a token. The error is a *Refusal.
func (v *Verifier) Verify(token string) (Claims, error) {
	if isPlaceholder(token) {
		return Claims{}, &Refusal{ReasonMissing, "there is none"}
	}
	claims, refused := v.verify(token)
	if refused != nil {
		return Claims{}, refused
	}
	return claims, nil
}

func (v *Verifier) verify(token string) (Claims, *Refusal) {
	if len(token) > maxToken {
		return Claims{}, invalid(fmt.Sprintf("it has more than %d bytes", maxToken))
	}
	fields := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(token, fields, v.key); err != nil {
		return Claims{}, refusal(err)
	}
	expires, refused := v.expiry(fields)
	if refused != nil {
		return Claims{}, refused
	}
	actor, refused := actorOf(fields)
	if refused != nil {
		return Claims{}, refused
	}
	return Claims{actor, expires}, nil
}

// expiry returns when a token expires: at its exp, or at MaxAge if that is earlier. A token that is past it, but within the
// leeway, expires at the end of the leeway.
func (v *Verifier) expiry(fields jwt.MapClaims) (time.Time, *Refusal) {
	now := v.clock()
	var expires time.Time
	if exp, err := fields.GetExpirationTime(); err == nil && exp != nil {
		expires = exp.Time
	}
	if v.maxAge > 0 {
		issued, err := fields.GetIssuedAt()
		switch {
		case err != nil || issued == nil:
			return expires, invalid("it has no iat, which JWT_MAX_AGE asks for")
		case issued.After(now.Add(v.leeway)):
			return expires, invalid("its iat is still to come, by more than JWT_LEEWAY")
		}
		if oldest := issued.Add(v.maxAge); expires.IsZero() || oldest.Before(expires) {
			expires = oldest
		}
		if !now.Before(expires.Add(v.leeway)) {
			return expires, &Refusal{ReasonExpired, "it is older than JWT_MAX_AGE"}
		}
	}
	switch {
	case expires.IsZero():
		v.warnNoExpiry.Do(func() {
			v.log.Warn("a token without exp was accepted, which never expires; set JWT_MAX_AGE, or have its issuer add exp")
		})
	case !now.Before(expires):
		expires = expires.Add(v.leeway)
	}
	return expires, nil
}

// actorOf reads the user from the claim names that issuers use for it, the registered one first.
func actorOf(fields jwt.MapClaims) (models.Actor, *Refusal) {
	role, _ := fields["role"].(string)
	actor := models.Actor{Role: models.Role(role)}
	switch actor.Role {
	case models.RoleTeacher, models.RoleStudent, models.RoleAdmin:
	default:
		return actor, invalid("its role is not teacher, student or admin")
	}
	for _, name := range []string{"sub", "id", "_id", "userId"} {
		value, ok := fields[name]
		if !ok {
			continue
		}
		text, err := json.Marshal(value)
		if err == nil {
			err = actor.ID.UnmarshalJSON(text)
		}
		if err != nil {
			return actor, invalid("its claim " + name + " is no id")
		}
		return actor, nil
	}
	return actor, invalid("it has none of the claims sub, id, _id and userId")
}
