package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// activate makes a command take listening sockets as systemd passes them (sd_listen_fds(3)).
func activate(c process, files ...*os.File) process {
	c.Args = []string{"sh", "-c", `LISTEN_PID=$$ exec "$0"`, c.Path}
	c.Path = "/bin/sh"
	c.Env = append(c.Env, "LISTEN_FDS="+strconv.Itoa(len(files)))
	c.ExtraFiles = files
	return c
}

// socketFile opens a listening socket at which this process accepts nothing.
func socketFile(t *testing.T, network, address string) (_ *os.File, listening string) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	file, err := listener.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = file.Close() // the listener's own error says as much
		_ = listener.Close()
	})
	return file, listener.Addr().String()
}

// handshake begins a session on a connection of its own.
func handshake(url string) (status int, err error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: engineiotest.Deadline}
	response, err := client.Get(url + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close() // the test needs the status only
	return response.StatusCode, nil
}

// A service manager that keeps the socket open can restart the server at any time: who connects waits for the next process.
func TestRestartWithPassedSocketRefusesNobody(t *testing.T) {
	file, address := socketFile(t, "tcp", "127.0.0.1:0")
	url := "http://" + address
	directory := t.TempDir()
	begin := func() process {
		p := activate(prepareProcess(t, "DATA_DIR="+directory, "DRAIN_SPREAD=200ms", "MAX_PENDING=1000000"), file)
		p.begin(t)
		p.logs(t, "is ready")
		return p
	}
	serving := begin()
	stop := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if status, err := handshake(url); status != http.StatusOK {
					t.Errorf("a client that connects is answered %d: %v", status, err)
					return
				}
			}
		})
	}
	for range 3 {
		serving.signal(t, syscall.SIGTERM)
		serving.drained(t)
		serving = begin()
	}
	close(stop)
	load.Wait()
}

func TestUnusablePassedSocketEndsTheStart(t *testing.T) {
	everywhere, _ := socketFile(t, "tcp", "0.0.0.0:0")
	unix, _ := socketFile(t, "unix", filepath.Join(t.TempDir(), "socket"))
	for name, tt := range map[string]struct {
		file *os.File
		want string
	}{
		"open mode on every address": {everywhere, "beyond this machine"},
		"a Unix socket":              {unix, "no listening TCP socket"},
	} {
		p := activate(prepareProcess(t), tt.file)
		p.begin(t)
		p.logs(t, tt.want)
		if err := p.Wait(); p.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The second signal is for an operator who cannot wait for SHUTDOWN_TIMEOUT.
func TestSecondSIGTERMStopsAtOnce(t *testing.T) {
	p := startProcess(t, "DRAIN_DELAY=50m", "SHUTDOWN_TIMEOUT=1h")
	p.logs(t, "is ready")
	p.signal(t, syscall.SIGTERM)
	p.logs(t, "stopping")
	p.signal(t, syscall.SIGTERM)
	p.logs(t, "stopped before everything was finished")
	if err := p.Wait(); p.ProcessState.ExitCode() != 1 {
		t.Errorf("the process ended with %v", err)
	}
}

// TestServiceManagerIsNotifiedOfEachState reads what systemd reads (sd_notify(3)).
func TestServiceManagerIsNotifiedOfEachState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		t.Helper()
		for {
			buffer := make([]byte, 1024)
			n, err := socket.Read(buffer)
			if err != nil {
				t.Fatalf("systemd is not told %s: %v", want, err)
			}
			switch got := string(buffer[:n]); {
			case got == want:
				return
			case got != "WATCHDOG=1":
				t.Fatalf("systemd is told %s before %s", got, want)
			}
		}
	}
	p := startProcess(t, "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=300000", "DRAIN_DELAY=5m", "SHUTDOWN_TIMEOUT=1h")
	expect("READY=1")
	expect("WATCHDOG=1")
	expect("WATCHDOG=1")
	p.signal(t, syscall.SIGTERM)
	expect("STOPPING=1")
	expect("WATCHDOG=1") // a long stop is no hang
	p.signal(t, syscall.SIGTERM)
	p.logs(t, "stopped before everything was finished")
}

// drained reads the log to its end and fails unless the process ended well.
func (p process) drained(t *testing.T) {
	t.Helper()
	var read []string
	for p.log.Scan() {
		read = append(read, p.log.Text())
	}
	if err := p.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(read, "\n"))
	}
}
