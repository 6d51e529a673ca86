//go:build !linux || !(amd64 || arm64)

package iouring

import "errors"

// Ring is a ring that this system does not have.
type Ring struct{}

// New fails with errors.ErrUnsupported.
func New(int) (*Ring, error) { return nil, errors.ErrUnsupported }

// Add does nothing.
func (*Ring) Add(uintptr, []byte) (room bool) { return false }

// Send does nothing.
func (*Ring) Send() []Result { return nil }
