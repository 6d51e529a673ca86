package models

import (
	"crypto/rand"
	"encoding/hex"
)

// secret is what the codes of a session are made of. It never leaves the server: every way of printing it gives "[redacted]".
type secret string

const redacted = "[redacted]"

// String implements fmt.Stringer.
func (secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (secret) GoString() string { return redacted }

// MarshalText implements encoding.TextMarshaler.
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// secretBytes is the size of a secret: 128 bits.
const secretBytes = 16

func newSecret() secret {
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails
	return secret(hex.EncodeToString(random))
}
