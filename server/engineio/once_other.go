//go:build !unix

package engineio

import "errors"

// canReadOnce says that readOnce and writeOnce work on this system.
const canReadOnce = false

func readOnce(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }

func writeOnce(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
