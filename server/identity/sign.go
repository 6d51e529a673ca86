package identity

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Sign makes a token of a user that a Verifier with the same secret, issuer and audience accepts. Issuer and audience may be empty.
func Sign(secret []byte, user, role, issuer, audience string, lifetime time.Duration) (string, error) {
	now := time.Now()
	claims := jwt.MapClaims{"sub": user, "role": role, "iat": now.Unix(), "exp": now.Add(lifetime).Unix()}
	if issuer != "" {
		claims["iss"] = issuer
	}
	if audience != "" {
		claims["aud"] = audience
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
}
