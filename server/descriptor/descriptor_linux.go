//go:build !386 && !s390x

// Package descriptor reads and writes the descriptors of network connections, which never wait.
//
// On Linux it does not tell the scheduler of the system call, which is what syscall.RawSyscall leaves out. That matters where
// calls are few and far between: after each pause the first call that the scheduler hears of wakes its monitor thread, which
// then looks around every 20 µs until all is quiet again. The price is that nothing else can run on that processor for
// the microseconds that the call takes; so no call ever waits.
//
// The calls are send(2) and recv(2), which find the socket behind a descriptor on a shorter way than write(2) and read(2), those of
// every file. Two architectures have them under another name, and do without this package.
package descriptor

import (
	"syscall"
	"unsafe"
)

// Available says that there are descriptors to read and write.
const Available = true

// Read reads once what has arrived. The errors are those of recv(2), syscall.EAGAIN if nothing has.
func Read(descriptor uintptr, buffer []byte) (int, error) {
	return call(syscall.SYS_RECVFROM, descriptor, buffer)
}

// Write writes once as much of data as is taken at once. The errors are those of send(2), syscall.EAGAIN if nothing is.
func Write(descriptor uintptr, data []byte) (int, error) {
	return call(syscall.SYS_SENDTO, descriptor, data)
}

const flags = syscall.MSG_DONTWAIT | syscall.MSG_NOSIGNAL

func call(trap, descriptor uintptr, bytes []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(trap, descriptor,
			uintptr(unsafe.Pointer(unsafe.SliceData(bytes))), uintptr(len(bytes)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
