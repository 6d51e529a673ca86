package identity

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// ErrUnauthorized is wrapped by every Refusal. Existing clients depend on its text.
var ErrUnauthorized = errors.New("unauthorized")

// Reason is why a token was refused, as one word for programs.
type Reason string

// The reasons. A client whose token has expired can get a new one; with the others, the user has to sign in.
const (
	ReasonMissing Reason = "token_missing"
	ReasonInvalid Reason = "token_invalid"
	ReasonExpired Reason = "token_expired"
)

// Refusal is the error for a client that is refused. It wraps ErrUnauthorized. Neither Reason nor Cause holds anything that the
// client has sent, so both may be logged.
type Refusal struct {
	Reason Reason
	Cause  string // for the operator, such as "its iss is not JWT_ISSUER"
}

func (r *Refusal) Error() string { return "unauthorized: " + string(r.Reason) + ": " + r.Cause }

// Unwrap returns ErrUnauthorized.
func (r *Refusal) Unwrap() error { return ErrUnauthorized }

func invalid(cause string) *Refusal { return &Refusal{ReasonInvalid, cause} }

// causes replaces the library's texts, which hold parts of the token. The order matters: expiry comes after all of them, because a new
// token helps only if nothing else is wrong with the old one.
var causes = []struct {
	err   error
	cause string
}{
	{jwt.ErrTokenMalformed, "it is not a JSON Web Token"},
	{errNoKey, "its kid is that of no key in the key set"},
	{jwt.ErrTokenUnverifiable, "its algorithm is not known"},
	{jwt.ErrTokenSignatureInvalid, "it was not signed with the key and the algorithm that are configured"},
	{jwt.ErrTokenInvalidIssuer, "its iss is not JWT_ISSUER"},
	{jwt.ErrTokenInvalidAudience, "its aud does not contain JWT_AUDIENCE"},
	{jwt.ErrTokenRequiredClaimMissing, "it has no iss or aud, which JWT_ISSUER and JWT_AUDIENCE ask for"},
	{jwt.ErrTokenNotValidYet, "its nbf is still to come, by more than JWT_LEEWAY"},
}

// refusal returns the Refusal for an error of the library.
func refusal(err error) *Refusal {
	for _, known := range causes {
		if errors.Is(err, known.err) {
			return invalid(known.cause)
		}
	}
	if errors.Is(err, jwt.ErrInvalidType) {
		return invalid("a registered claim of it has the wrong type")
	}
	if errors.Is(err, jwt.ErrTokenExpired) {
		return &Refusal{ReasonExpired, "its exp has passed"}
	}
	return invalid("its claims are not valid")
}
