package modelstest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// User may do everything in the schemas of MariaDB, with Password.
const (
	User     = "attendance"
	Password = "pass word/:@?"
)

// Server is a MariaDB with data of its own. It listens on a Unix socket only, and dies with the test binary.
type Server struct {
	dir     string
	options []string
	admin   *sql.DB

	process *os.Process
	exited  chan struct{}

	template []string // the tables of templateName; nil: it is not there yet
}

var (
	sharedOnce   sync.Once
	sharedServer *Server
	errShared    error
	runs         bool
)

// Run runs a package's tests and then stops the MariaDB that they started. Call it from TestMain.
func Run(m *testing.M) int {
	runs = true
	code := m.Run()
	if sharedServer != nil {
		if err := errors.Join(sharedServer.admin.Close(), sharedServer.Stop(), os.RemoveAll(sharedServer.dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return max(code, 1)
		}
	}
	return code
}

func shared(t testing.TB) *Server {
	t.Helper()
	if !runs {
		t.Fatal("the package's TestMain must call modelstest.Run, which stops MariaDB at the end")
	}
	sharedOnce.Do(func() {
		dir, err := os.MkdirTemp("", "mariadb-") //lint:ignore usetesting it outlives the test that needs it first
		if err != nil {
			errShared = err
			return
		}
		if sharedServer, errShared = StartServer(dir); errShared != nil {
			errShared = errors.Join(errShared, os.RemoveAll(dir))
		}
	})
	if errShared != nil {
		t.Fatal(errShared)
	}
	return sharedServer
}

// StartServer makes a MariaDB in dir, which must be empty, and starts it. Options are mariadbd's.
func StartServer(dir string, options ...string) (*Server, error) {
	for _, program := range []string{"mariadbd", "mariadb-install-db"} {
		if _, err := find(program); err != nil {
			return nil, fmt.Errorf("%s is missing: install the package mariadb-server", program)
		}
	}
	// Each server has a directory of its own for temporary tables: a server that starts removes those that it finds.
	s := &Server{dir: dir, options: append([]string{"--tmpdir=" + dir}, options...)}
	program, _ := find("mariadb-install-db")
	install := exec.Command(program, "--no-defaults", "--datadir="+s.dataDir(), "--auth-root-authentication-method=normal",
		"--skip-test-db", "--skip-name-resolve", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M",
		"--innodb-flush-method=nosync", "--debug-no-sync", "--skip-sync-frm")
	if os.Geteuid() == 0 {
		install.Args = append(install.Args, "--user=root")
	}
	install.Args = append(install.Args, s.options...)
	if output, err := install.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, output)
	}
	if err := s.Start(); err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "unix", s.socket()
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	s.admin = sql.OpenDB(connector)
	for _, statement := range []string{
		fmt.Sprintf("CREATE USER '%s'@'localhost' IDENTIFIED BY '%s'", User, Password),
		fmt.Sprintf("GRANT ALL ON `attendance%%`.* TO '%s'@'localhost'", User),
	} {
		if _, err := s.admin.Exec(statement); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	return s, nil
}

// find looks where Debian puts servers, too.
func find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return exec.LookPath(filepath.Join("/usr/sbin", program))
}

func (s *Server) dataDir() string { return filepath.Join(s.dir, "data") }
func (s *Server) socket() string  { return filepath.Join(s.dir, "socket") }

// DSN returns how to reach a schema as some user.
func (s *Server) DSN(user, password, schema string) string {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = user, password, "unix", s.socket(), schema
	return config.FormatDSN()
}

// Admin returns a pool of connections that may do everything.
func (s *Server) Admin() *sql.DB { return s.admin }

// Exec runs a statement as the administrator.
func (s *Server) Exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := s.admin.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Start starts the server again after Stop or Kill, and waits until it answers.
func (s *Server) Start() error {
	program, err := find("mariadbd")
	if err != nil {
		return err
	}
	args := append([]string{
		"--no-defaults", "--datadir=" + s.dataDir(), "--socket=" + s.socket(), "--skip-networking",
		"--pid-file=" + filepath.Join(s.dir, "pid"), "--log-error=" + filepath.Join(s.dir, "log"), "--skip-name-resolve",
		"--performance-schema=OFF", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=8M",
		"--innodb-flush-log-at-trx-commit=1", "--max-connections=500",
		// Tests kill the process, never the machine: what it has written survives in the kernel without being synced to the disk.
		"--innodb-flush-method=nosync", "--debug-no-sync", "--skip-sync-frm",
	}, s.options...)
	if os.Geteuid() == 0 {
		args = append(args, "--user=root")
	}
	cmd := exec.Command(program, args...)
	// The server is killed when the thread that started it ends, so that thread is kept until the server has ended.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	exited := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(exited)
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait() // that it was killed is no news
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.exited = cmd.Process, exited
	return s.await()
}

func (s *Server) await() error {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = "root", "unix", s.socket()
	config.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := connector.Connect(ctx)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.exited:
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("mariadbd ended at once:\n%s", log)
		case <-ctx.Done():
			return fmt.Errorf("mariadbd does not answer: %w", err)
		}
	}
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() error { return s.signal(syscall.SIGKILL) }

// Stop ends the server in order.
func (s *Server) Stop() error { return s.signal(syscall.SIGTERM) }

// Freeze makes the server hang until Thaw.
func (s *Server) Freeze() error { return s.process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error { return s.process.Signal(syscall.SIGCONT) }

func (s *Server) signal(signal os.Signal) error {
	if err := s.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(time.Minute):
		return errors.Join(errors.New("mariadbd did not stop within a minute"), s.process.Kill())
	}
}
