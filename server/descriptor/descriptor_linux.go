// Package descriptor reads and writes the descriptors of network connections, which never wait.
//
// On Linux it does not tell the scheduler of the system call, which is what syscall.RawSyscall leaves out. That matters where
// calls are few and far between: after each pause the first call that the scheduler hears of wakes its monitor thread, which
// then looks around every 20 µs until all is quiet again. The price is that nothing else can run on that processor for
// the microseconds that the call takes; so it is for descriptors in non-blocking mode alone.
package descriptor

import (
	"syscall"
	"unsafe"
)

// Available says that there are descriptors to read and write.
const Available = true

// Read reads once what has arrived. The errors are those of read(2), syscall.EAGAIN if nothing has.
func Read(descriptor uintptr, buffer []byte) (int, error) {
	return call(syscall.SYS_READ, descriptor, buffer)
}

// Write writes once as much of data as is taken at once. The errors are those of write(2), syscall.EAGAIN if nothing is.
func Write(descriptor uintptr, data []byte) (int, error) {
	return call(syscall.SYS_WRITE, descriptor, data)
}

func call(trap, descriptor uintptr, bytes []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(trap, descriptor, uintptr(unsafe.Pointer(unsafe.SliceData(bytes))), uintptr(len(bytes)))
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}
