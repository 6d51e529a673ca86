//go:build unix

package engineio

import (
	"errors"
	"syscall"
)

// canReadOnce says that readOnce and writeOnce work on this system.
const canReadOnce = true

// readOnce reads what has arrived at a descriptor that does not block. The error is syscall.EAGAIN if nothing has.
func readOnce(descriptor uintptr, buffer []byte) (int, error) {
	return once(syscall.Read, descriptor, buffer)
}

// writeOnce writes as much as a descriptor that does not block takes at once. The error is syscall.EAGAIN if that is nothing.
func writeOnce(descriptor uintptr, data []byte) (int, error) {
	return once(syscall.Write, descriptor, data)
}

func once(call func(fd int, data []byte) (int, error), descriptor uintptr, data []byte) (int, error) {
	for {
		n, err := call(int(descriptor), data)
		if !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}
