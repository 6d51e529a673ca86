//go:build !linux || 386 || s390x

package descriptor

import "errors"

// Ring does not exist here.
type Ring struct{}

// NewRing fails.
func NewRing(int) (*Ring, error) { return nil, errors.ErrUnsupported }

// Add is never called.
func (*Ring) Add(uintptr, []byte) (room bool) { return false }

// Write is never called.
func (*Ring) Write() []Result { return nil }
