//go:build !linux || 386 || s390x

package descriptor

import "errors"

// Available says that there are descriptors to read and write.
const Available = false

// Read fails.
func Read(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }

// Write fails.
func Write(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
