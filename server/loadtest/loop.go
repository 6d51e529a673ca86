//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
	"unsafe"
)

// errDeadline is what waiting returns when its time is over.
var errDeadline = errors.New("deadline passed")

// sysEpollPwait2 is epoll_pwait2(2), which has the same number on amd64 and arm64. Its timeout is in nanoseconds;
// epoll_wait's milliseconds would clump marks that are meant to be spread.
const sysEpollPwait2 = 441

// sourceConnections is how many connections leave from one source address before the next of 127.0.0.0/8 is taken:
// comfortably fewer than there are ephemeral ports.
const sourceConnections = 10000

// streamOwner is notified of what happens on a stream. All calls come from the loop, one after the other.
type streamOwner interface {
	opened(s *stream)
	// received is given everything that is unread and returns how much of it was used up.
	received(s *stream, data []byte) (used int, err error)
	// closed follows once when the peer or an error has ended the stream, never after close.
	closed(s *stream, reason error)
}

// loop owns every connection of the generator and runs on one goroutine, so that ten thousand clients need one epoll
// set and no lock. Scenarios are sequential code that calls until to wait.
type loop struct {
	epoll   int
	streams []*stream // by descriptor
	events  []syscall.EpollEvent
	buffer  []byte
	dialled int
	now     time.Time // when the events at hand were read, so that a delivery costs no clock call of its own

	everySecond func(now time.Time) // may be nil
	lastSecond  time.Time
}

func newLoop() (*loop, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create epoll set: %w", err)
	}
	return &loop{epoll: epoll, events: make([]syscall.EpollEvent, 512), buffer: make([]byte, 256<<10), now: time.Now()}, nil
}

// close drops every connection and the loop itself.
func (l *loop) close() {
	for _, s := range l.streams {
		if s != nil {
			s.close()
		}
	}
	_ = syscall.Close(l.epoll) // nothing can be done about it, and the process ends soon
}

// until serves the connections until done returns true; done is asked after every round of events. It returns
// errDeadline when that takes longer than limit.
func (l *loop) until(limit time.Duration, done func() bool) error {
	deadline := time.Now().Add(limit)
	for !done() {
		if l.now = time.Now(); l.now.After(deadline) {
			return errDeadline
		}
		if err := l.round(min(time.Until(deadline), 100*time.Millisecond)); err != nil {
			return err
		}
	}
	return nil
}

// sleepUntil serves the connections until the given moment.
func (l *loop) sleepUntil(moment time.Time) error {
	for {
		rest := time.Until(moment)
		if rest <= 0 {
			return nil
		}
		if err := l.round(min(rest, 100*time.Millisecond)); err != nil {
			return err
		}
	}
}

// round waits at most timeout for events and handles those that came.
func (l *loop) round(timeout time.Duration) error {
	if now := time.Now(); l.everySecond != nil && now.Sub(l.lastSecond) >= time.Second {
		l.lastSecond = now
		l.everySecond(now)
	}
	spec := syscall.NsecToTimespec(max(0, timeout.Nanoseconds()))
	n, _, errno := syscall.Syscall6(sysEpollPwait2, uintptr(l.epoll), uintptr(unsafe.Pointer(&l.events[0])),
		uintptr(len(l.events)), uintptr(unsafe.Pointer(&spec)), 0, 0)
	if errno == syscall.EINTR {
		return nil
	}
	if errno != 0 {
		return fmt.Errorf("wait for events: %w", errno)
	}
	for _, event := range l.events[:n] {
		// An earlier event of this round may have closed the stream.
		if s := l.streams[event.Fd]; s != nil {
			l.now = time.Now()
			s.handle(event.Events)
		}
	}
	return nil
}

// dial begins to connect; owner.opened or owner.closed is called later.
func (l *loop) dial(address *net.TCPAddr, owner streamOwner) (*stream, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	source := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + l.dialled/sourceConnections%250)}}
	target := &syscall.SockaddrInet4{Addr: [4]byte(address.IP.To4()), Port: address.Port}
	const bindAddressNoPort = 24 // IP_BIND_ADDRESS_NO_PORT: the port is chosen at connect, per source and target
	err = errors.Join(
		syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1),
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, bindAddressNoPort, 1),
		syscall.Bind(fd, source),
	)
	if err == nil {
		if err = syscall.Connect(fd, target); errors.Is(err, syscall.EINPROGRESS) {
			err = nil
		}
	}
	s := &stream{loop: l, fd: fd, owner: owner, connecting: true}
	if err == nil {
		err = syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd,
			&syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLOUT, Fd: int32(fd)})
	}
	if err != nil {
		_ = syscall.Close(fd) // the error that matters is returned
		return nil, fmt.Errorf("connect to %v: %w", address, err)
	}
	for len(l.streams) <= fd {
		l.streams = append(l.streams, nil)
	}
	l.streams[fd] = s
	l.dialled++
	return s, nil
}

// stream is one TCP connection.
type stream struct {
	loop       *loop
	fd         int
	owner      streamOwner
	connecting bool
	isClosed   bool
	unread     []byte // the beginning of a message whose rest has not come
	unsent     []byte // what the kernel did not take at once
}

func (s *stream) handle(events uint32) {
	if s.connecting {
		if code, err := syscall.GetsockoptInt(s.fd, syscall.SOL_SOCKET, syscall.SO_ERROR); err != nil || code != 0 {
			s.fail(fmt.Errorf("connect: %w", syscall.Errno(code)))
			return
		}
		s.connecting = false
		s.watch(syscall.EPOLLIN)
		s.owner.opened(s)
	} else if events&syscall.EPOLLOUT != 0 {
		rest := s.unsent
		s.unsent = nil
		s.watch(syscall.EPOLLIN)
		s.write(rest)
	}
	if !s.isClosed && events&(syscall.EPOLLIN|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		s.read()
	}
}

func (s *stream) read() {
	n, err := syscall.Read(s.fd, s.loop.buffer)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return
	}
	if err == nil && n == 0 {
		err = errors.New("closed by the server")
	}
	if err != nil {
		s.fail(err)
		return
	}
	data := s.loop.buffer[:n]
	if len(s.unread) > 0 {
		s.unread = append(s.unread, data...)
		data = s.unread
	}
	used, err := s.owner.received(s, data)
	if s.isClosed {
		return
	}
	if err != nil {
		s.fail(err)
		return
	}
	if used == len(data) {
		s.unread = nil
	} else {
		s.unread = append([]byte(nil), data[used:]...)
	}
}

func (s *stream) write(data []byte) {
	if s.isClosed || len(data) == 0 {
		return
	}
	if len(s.unsent) > 0 {
		s.unsent = append(s.unsent, data...)
		return
	}
	n, err := syscall.Write(s.fd, data)
	if err != nil && !errors.Is(err, syscall.EAGAIN) {
		s.fail(err)
		return
	}
	if n = max(n, 0); n < len(data) {
		s.unsent = append(s.unsent, data[n:]...)
		s.watch(syscall.EPOLLIN | syscall.EPOLLOUT)
	}
}

func (s *stream) watch(events uint32) {
	event := syscall.EpollEvent{Events: events, Fd: int32(s.fd)}
	if err := syscall.EpollCtl(s.loop.epoll, syscall.EPOLL_CTL_MOD, s.fd, &event); err != nil {
		s.fail(err)
	}
}

func (s *stream) fail(reason error) {
	if !s.isClosed {
		s.close()
		s.owner.closed(s, reason)
	}
}

// close ends the connection without a closing handshake.
func (s *stream) close() {
	if s.isClosed {
		return
	}
	s.isClosed = true
	s.loop.streams[s.fd] = nil
	_ = syscall.Close(s.fd) // also takes it out of the epoll set
}
