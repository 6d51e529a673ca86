//go:build !386 && !s390x

package descriptor

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// Ring writes to many sockets in one system call, by io_uring(7). One goroutine at a time may use it.
//
// What a system call costs by itself is up to a fifth of a write to a socket, and is paid once for all of them (docs/performance.md).
// They are all done when the call returns: a socket that takes nothing at once says so, and is not waited for.
type Ring struct {
	ringMemory

	sent     *atomic.Uint32 // how many requests were ever put into the ring, modulo 2³²; the kernel reads it
	answered *atomic.Uint32 // how many answers the kernel has ever put into it
	read     *atomic.Uint32 // how many of them we have read; the kernel reads it
	requests []ringRequest
	answers  []ringAnswer

	added   [][]byte // what requests point to that the kernel has not been told of
	results []Result
}

// ringMemory is what the kernel has given us.
type ringMemory struct {
	descriptor int
	mappings   [2][]byte
}

// ringRequest is struct io_uring_sqe of linux/io_uring.h, with the fields that send(2) has there.
type ringRequest struct {
	operation, flags uint8
	priority         uint16
	descriptor       int32
	offset           uint64
	address          uint64
	length           uint32
	sendFlags        uint32
	label            uint64 // comes back with the answer
	_                [3]uint64
}

// ringAnswer is struct io_uring_cqe.
type ringAnswer struct {
	label  uint64
	result int32 // what send(2) returned, or a negative errno
	flags  uint32
}

// ringParameters is struct io_uring_params. The offsets are those of fields in the memory that is shared with the kernel.
type ringParameters struct {
	requests, answers                      uint32
	flags, cpu, idle, features, otherQueue uint32
	_                                      [3]uint32
	requestOffsets                         struct{ head, tail, mask, entries, flags, dropped, order, _, _, _ uint32 }
	answerOffsets                          struct{ head, tail, mask, entries, overflow, list, flags, _, _, _ uint32 }
}

// From linux/io_uring.h and asm/unistd.h.
const (
	sysRingSetup = 425 // on every architecture but MIPS, where it is the number of nothing
	sysRingEnter = 426

	// Features that the kernel must have: the order of requests and the answers are in one mapping; and one that came with
	// Linux 5.7, the first in which sends can be relied upon.
	ringFeatures = 1<<0 | 1<<5

	ringMapping      = 0
	requestsMapping  = 0x10000000
	ringAwaitAnswers = 1 << 0
	operationSend    = 26
)

// NewRing returns a ring for up to size writes at a time. It fails where the kernel has none (before Linux 5.7) or does not let this
// process have one, which is so in most containers.
func NewRing(size int) (*Ring, error) {
	var p ringParameters
	fd, _, errno := syscall.Syscall(sysRingSetup, uintptr(size), uintptr(unsafe.Pointer(&p)), 0)
	if errno != 0 {
		return nil, fmt.Errorf("set up an io_uring: %w", errno)
	}
	r := &Ring{ringMemory: ringMemory{descriptor: int(fd)}}
	if err := r.share(&p); err != nil {
		r.release()
		return nil, fmt.Errorf("set up an io_uring: %w", err)
	}
	runtime.AddCleanup(r, ringMemory.release, r.ringMemory)
	return r, nil
}

func (m ringMemory) release() {
	for _, mapping := range m.mappings {
		if mapping != nil {
			_ = syscall.Munmap(mapping) // nobody uses it, so nothing is lost if this fails
		}
	}
	_ = syscall.Close(m.descriptor)
}

// share maps the memory that is shared with the kernel.
func (r *Ring) share(p *ringParameters) (err error) {
	if p.features&ringFeatures != ringFeatures {
		return errors.ErrUnsupported
	}
	request, answer := uint32(unsafe.Sizeof(ringRequest{})), uint32(unsafe.Sizeof(ringAnswer{}))
	size := max(p.requestOffsets.order+p.requests*4, p.answerOffsets.list+p.answers*answer)
	const readWrite = syscall.PROT_READ | syscall.PROT_WRITE
	ring, err := syscall.Mmap(r.descriptor, ringMapping, int(size), readWrite, syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return err
	}
	r.mappings[0] = ring
	requests, err := syscall.Mmap(r.descriptor, requestsMapping, int(p.requests*request), readWrite, syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return err
	}
	r.mappings[1] = requests

	r.sent = (*atomic.Uint32)(unsafe.Pointer(&ring[p.requestOffsets.tail]))
	r.answered = (*atomic.Uint32)(unsafe.Pointer(&ring[p.answerOffsets.tail]))
	r.read = (*atomic.Uint32)(unsafe.Pointer(&ring[p.answerOffsets.head]))
	r.requests = unsafe.Slice((*ringRequest)(unsafe.Pointer(&requests[0])), p.requests)
	r.answers = unsafe.Slice((*ringAnswer)(unsafe.Pointer(&ring[p.answerOffsets.list])), p.answers)
	order := unsafe.Slice((*uint32)(unsafe.Pointer(&ring[p.requestOffsets.order])), p.requests)
	for i := range order { // which request is at which place in the order; here always the same
		order[i] = uint32(i)
	}
	return nil
}

// Add prepares a write. Until Write has returned, the descriptor must stay open and data as it is. It returns whether there is room for
// another one.
func (r *Ring) Add(descriptor uintptr, data []byte) (room bool) {
	label := len(r.added)
	r.added = append(r.added, data)
	r.requests[(r.sent.Load()+uint32(label))%uint32(len(r.requests))] = ringRequest{
		operation:  operationSend,
		descriptor: int32(descriptor),
		address:    uint64(uintptr(unsafe.Pointer(unsafe.SliceData(data)))), // stays where it is: the heap's objects do not move
		length:     uint32(len(data)),
		sendFlags:  syscall.MSG_DONTWAIT | syscall.MSG_NOSIGNAL,
		label:      uint64(label),
	}
	return label+1 < len(r.requests)
}

// Write does all writes that were added, each as the function Write does, and returns how each went, in the order in which they
// were added. The results are good until it is called again. A write that the kernel did not even begin has syscall.EAGAIN.
func (r *Ring) Write() []Result {
	r.results = r.results[:0]
	for range r.added {
		r.results = append(r.results, Result{Err: syscall.EAGAIN})
	}
	// The kernel keeps no reference to the data after this: sends that must not wait are over when it returns.
	for range r.enter(uint32(len(r.added))) {
		number := r.read.Load()
		answer := r.answers[number%uint32(len(r.answers))]
		r.read.Store(number + 1)
		result := &r.results[answer.label]
		if result.Written, result.Err = int(answer.result), nil; answer.result < 0 {
			result.Written, result.Err = 0, syscall.Errno(-answer.result)
		}
	}
	runtime.KeepAlive(r.added)
	clear(r.added)
	r.added = r.added[:0]
	return r.results
}

// enter lets the kernel do count requests. It returns for how many there is an answer: fewer if the kernel is out of memory.
func (r *Ring) enter(count uint32) (answers uint32) {
	before := r.answered.Load()
	r.sent.Add(count)
	for begun := uint32(0); begun < count || answers < begun; answers = r.answered.Load() - before {
		n, _, errno := syscall.RawSyscall6(sysRingEnter, uintptr(r.descriptor), uintptr(count-begun), uintptr(count), ringAwaitAnswers, 0, 0)
		switch errno {
		case 0:
			begun += uint32(n)
		case syscall.EINTR:
		default:
			r.sent.Add(begun - count) // takes the others back
			return answers
		}
	}
	return answers
}
