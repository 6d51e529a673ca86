package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/neuracampus/attendance/models"
)

var now = time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)

func verifier(t *testing.T, o Options) *Verifier {
	t.Helper()
	o.Clock = func() time.Time { return now }
	o.Cookie = "accessToken"
	v, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sign(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "k1"
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// with returns the claims of a valid token with changes; nil removes a claim.
func with(changes jwt.MapClaims) jwt.MapClaims {
	claims := jwt.MapClaims{"sub": "t1", "role": "teacher", "exp": now.Add(time.Hour).Unix()}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func TestVerifyClaimsAcceptedOrRefused(t *testing.T) {
	secret := []byte("a secret that nobody knows, really")
	v := verifier(t, Options{Secret: secret, Issuer: "campus", Audience: "attendance"})
	campus := jwt.MapClaims{"iss": "campus", "aud": "attendance"}
	for _, tt := range []struct {
		name   string
		change jwt.MapClaims
		want   string // the id as JSON; "" when refused
	}{
		{"sub", nil, `"t1"`},
		{"id as a number", jwt.MapClaims{"sub": nil, "id": 17}, `17`},
		{"_id", jwt.MapClaims{"sub": nil, "_id": "65f0"}, `"65f0"`},
		{"userId", jwt.MapClaims{"sub": nil, "userId": "u"}, `"u"`},
		{"no exp never expires", jwt.MapClaims{"exp": nil}, `"t1"`},
		{"one of several audiences", jwt.MapClaims{"aud": []string{"x", "attendance"}}, `"t1"`},
		{"no id", jwt.MapClaims{"sub": nil}, ""},
		{"an id that is no id", jwt.MapClaims{"sub": []string{"t1"}}, ""},
		{"an empty id", jwt.MapClaims{"sub": ""}, ""},
		{"no role", jwt.MapClaims{"role": nil}, ""},
		{"another role", jwt.MapClaims{"role": "principal"}, ""},
		{"expired", jwt.MapClaims{"exp": now.Add(-time.Second).Unix()}, ""},
		{"not yet", jwt.MapClaims{"nbf": now.Add(time.Minute).Unix()}, ""},
		{"foreign issuer", jwt.MapClaims{"iss": "elsewhere"}, ""},
		{"no issuer", jwt.MapClaims{"iss": nil}, ""},
		{"foreign audience", jwt.MapClaims{"aud": "shop"}, ""},
		{"exp that is no time", jwt.MapClaims{"exp": "tomorrow"}, ""},
	} {
		claims := with(campus)
		maps.Copy(claims, tt.change)
		maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
		got, err := v.Verify(sign(t, jwt.SigningMethodHS256, secret, claims))
		if tt.want == "" {
			if !errors.Is(err, ErrUnauthorized) {
				t.Errorf("%s: accepted as %v (%v)", tt.name, got, err)
			}
			continue
		}
		id, _ := json.Marshal(got.Actor.ID)
		if err != nil || string(id) != tt.want || got.Actor.Role != models.RoleTeacher {
			t.Errorf("%s: %s %s, %v", tt.name, id, got.Actor.Role, err)
		}
		if _, expires := claims["exp"]; expires == got.Expires.IsZero() {
			t.Errorf("%s: expires %v", tt.name, got.Expires)
		}
	}
}

func TestVerifyOtherKeyOrAlgorithmRefused(t *testing.T) {
	secret := []byte("a secret that nobody knows, really")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	otherEC, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwks := serveKeys(t, jwk(&ecKey.PublicKey, "k1"), jwk(&rsaKey.PublicKey, "k2")).URL

	tokens := map[string]string{
		"HS256":              sign(t, jwt.SigningMethodHS256, secret, with(nil)),
		"HS256 other secret": sign(t, jwt.SigningMethodHS256, []byte("another"), with(nil)),
		"HS384":              sign(t, jwt.SigningMethodHS384, secret, with(nil)),
		"RS256":              sign(t, jwt.SigningMethodRS256, rsaKey, with(nil)),
		"PS256":              sign(t, jwt.SigningMethodPS256, rsaKey, with(nil)),
		"ES256":              sign(t, jwt.SigningMethodES256, ecKey, with(nil)),
		"ES256 other key":    sign(t, jwt.SigningMethodES256, otherEC, with(nil)),
		"none":               sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, with(nil)),
		"empty":              "",
		"no token":           "a.b.c",
		// Key confusion: the public key, which is no secret, used as the secret of HS256.
		"HS256 with RSA key's PEM": sign(t, jwt.SigningMethodHS256, publicPEM(t, &rsaKey.PublicKey), with(nil)),
		"HS256 with EC key's PEM":  sign(t, jwt.SigningMethodHS256, publicPEM(t, &ecKey.PublicKey), with(nil)),
	}
	for _, tt := range []struct {
		name    string
		options Options
		good    map[string]bool
	}{
		{"secret", Options{Secret: secret}, map[string]bool{"HS256": true}},
		{"RSA key", Options{PublicKey: &rsaKey.PublicKey}, map[string]bool{"RS256": true}},
		{"EC key", Options{PublicKey: &ecKey.PublicKey}, map[string]bool{"ES256": true}},
		// All tokens name the key k1, which is the elliptic one.
		{"key set", Options{JWKSURL: jwks}, map[string]bool{"ES256": true}},
	} {
		v := verifier(t, tt.options)
		for name, token := range tokens {
			if _, err := v.Verify(token); (err == nil) != tt.good[name] {
				t.Errorf("%s, token %s: %v", tt.name, name, err)
			}
		}
	}
}

func publicPEM(t *testing.T, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestNewWithoutKeyIsRefused(t *testing.T) {
	if _, err := New(t.Context(), Options{}); err == nil {
		t.Error("started without any key")
	}
}
