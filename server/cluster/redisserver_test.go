package cluster

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// redisServer is a real redis-server of one test.
type redisServer struct {
	t       *testing.T
	port    int
	dir     string
	options []string    // of the program, in addition to the usual ones
	tls     *tls.Config // nil: it takes no TLS
	process *exec.Cmd
}

const redisPassword = "sesame"

// startRedis starts a Redis that asks for a password and has little memory.
func startRedis(t *testing.T, options ...string) *redisServer {
	t.Helper()
	s := &redisServer{t: t, port: freePort(t), dir: t.TempDir(), options: options}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func (s *redisServer) url() string {
	scheme := "redis"
	if s.tls != nil {
		scheme = "rediss"
	}
	return fmt.Sprintf("%s://:%s@127.0.0.1:%d/3", scheme, redisPassword, s.port)
}

func (s *redisServer) start() {
	s.t.Helper()
	logFile := filepath.Join(s.dir, "log")
	options := []string{
		"--port", fmt.Sprint(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--logfile", logFile,
		"--requirepass", redisPassword, "--masterauth", redisPassword, "--maxmemory", "8mb", "--maxmemory-policy", "noeviction",
	}
	s.process = exec.Command("redis-server", append(options, s.options...)...)
	if err := s.process.Start(); err != nil {
		s.t.Fatalf("%v: apt-get install redis-server", err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if answer, err := s.command("PING"); err == nil && answer == "+PONG" {
			return
		}
		if time.Now().After(deadline) {
			content, _ := os.ReadFile(logFile)
			s.t.Fatalf("redis-server does not answer:\n%s", content)
		}
	}
}

// kill ends the server at once. It does nothing if the server was killed before.
func (s *redisServer) kill() {
	if s.process.ProcessState == nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait() // says that it was killed
	}
}

func (s *redisServer) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// command runs a command with the password and returns the first line of its answer.
func (s *redisServer) command(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.port), time.Second)
	if err != nil {
		return "", err
	}
	if s.tls != nil {
		conn = tls.Client(conn, s.tls)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\n%s\r\n", redisPassword, command); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(conn)
	lines.Scan() // the answer to AUTH
	lines.Scan()
	return lines.Text(), lines.Err()
}

func (s *redisServer) must(command string) {
	s.t.Helper()
	if answer, err := s.command(command); err != nil || strings.HasPrefix(answer, "-") {
		s.t.Fatalf("%s: %q, %v", command, answer, err)
	}
}

// fill stores values until Redis takes no more.
func (s *redisServer) fill() {
	s.t.Helper()
	for i := 0; ; i++ {
		answer, err := s.command(fmt.Sprintf("SET key:%d %s", i, strings.Repeat("x", 60_000)))
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(answer, "-OOM") {
			return
		}
	}
}
