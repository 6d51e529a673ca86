//go:build !unix

package engineio

import "syscall"

// rawIO is false where descriptors are not sockets: reads keep their buffer, and every write goes to a goroutine.
const rawIO = false

func readDescriptor(uintptr, []byte) (int, error) { return 0, syscall.EINVAL }

func writeDescriptor(uintptr, []byte) (int, error) { return 0, syscall.EINVAL }
