//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// process is a program that the generator has started.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // file that holds what it printed
	done chan struct{}
}

// start runs a program with its output in logFile. It dies with the generator, whatever ends that.
func start(name, logFile string, cmd *exec.Cmd) (*process, error) {
	out, err := os.Create(logFile)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // the child has a descriptor of its own
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: logFile, done: make(chan struct{})}
	go func() { // ends with the program
		_ = cmd.Wait() // how it ended shows in its log
		close(p.done)
	}()
	return p, nil
}

// stop asks the program to end and kills it when it does not.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// ready calls check until it succeeds. It fails after limit or when the program ends.
func (p *process) ready(limit time.Duration, check func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended at once; the end of its log:\n%s", p.name, p.logTail())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %v: %w; the end of its log:\n%s", p.name, limit, err, p.logTail())
		}
	}
}

func (p *process) logTail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// cpu returns the processor time that the program's threads have used, to the nanosecond.
func (p *process) cpu() time.Duration {
	// The clock id of another process's CPU time, as clock_getcpuclockid(3) makes it.
	return cpuClock(uintptr(^int32(p.cmd.Process.Pid))<<3 | 2)
}

// ownCPU returns the processor time of the generator itself.
func ownCPU() time.Duration {
	const processCPUTime = 2 // CLOCK_PROCESS_CPUTIME_ID
	return cpuClock(processCPUTime)
}

func cpuClock(id uintptr) time.Duration {
	var spec syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(uint32(id)), uintptr(unsafe.Pointer(&spec)), 0); errno != 0 {
		return 0 // the process has ended; the scenario fails on its lost connections
	}
	return time.Duration(spec.Nano())
}

// memory returns the program's resident memory in bytes.
func (p *process) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(status) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(rest)), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}

// TCP states in /proc/net/tcp.
const (
	stateEstablished = "01"
	stateCloseWait   = "08"
)

// sockets counts the sockets whose local end is port, by state.
func sockets(port int) (map[string]int, error) {
	counts := make(map[string]int)
	suffix := fmt.Sprintf(":%04X", port)
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) > 3 && strings.HasSuffix(fields[1], suffix) {
				counts[fields[3]]++
			}
		}
		if err := errors.Join(lines.Err(), file.Close()); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// freePort returns a port of 127.0.0.1 that nobody listens on at the moment.
func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// openFilesLimit raises the limit of open files as far as allowed, for the servers too, and returns it.
func openFilesLimit() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	limit.Cur = limit.Max
	return int(limit.Cur), syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
