package identity

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// ErrUnauthorized is what every refusal is. Its text is all that clients in use know of one.
var ErrUnauthorized = errors.New("unauthorized")

// Reason is one word for programs: why a client was not let in.
type Reason string

// The reasons. A client whose token has expired gets a new one; any other person has to sign in.
const (
	ReasonMissing Reason = "token_missing"
	ReasonInvalid Reason = "token_invalid"
	ReasonExpired Reason = "token_expired"
)

// Refusal is the error for a client that is not let in. It is ErrUnauthorized. Neither Reason nor Cause holds anything
// that the client has sent, so both may be logged.
type Refusal struct {
	Reason Reason
	Cause  string // for the operator, such as "its iss is not JWT_ISSUER"
}

func (r *Refusal) Error() string { return "unauthorized: " + string(r.Reason) + ": " + r.Cause }

// Unwrap makes every Refusal ErrUnauthorized.
func (r *Refusal) Unwrap() error { return ErrUnauthorized }

func invalid(cause string) *Refusal { return &Refusal{ReasonInvalid, cause} }

// causes are looked through in this order: a new token helps only if the old one is merely too old, so that comes last.
// The library's own texts hold parts of the token.
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

// refusal turns what the library says of a token into what may be logged.
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
