//go:build unix

package engineio

import (
	"errors"
	"syscall"
)

// rawIO says that connections can be read and written without waiting.
const rawIO = true

func readDescriptor(descriptor uintptr, buffer []byte) (int, error) {
	for {
		n, err := syscall.Read(int(descriptor), buffer)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

func writeDescriptor(descriptor uintptr, data []byte) (int, error) {
	for {
		n, err := syscall.Write(int(descriptor), data)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
