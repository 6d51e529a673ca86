// Package iouring sends to many sockets in one system call, by io_uring(7). It knows nothing of the connections behind the descriptors.
package iouring

// Result is how one send went.
type Result struct {
	Sent int   // bytes
	Err  error // a syscall.Errno; syscall.EAGAIN if the socket took nothing at once
}
