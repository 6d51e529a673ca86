//go:build linux

package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	goContender   = "go"
	nodeContender = "node"
)

// bench starts servers, each with an empty database.
type bench struct {
	root     string // of the repository
	scratch  string // directory for builds, logs and data, removed at the end
	database *mariaDB
	redis    *redisServer // nil until a scenario needs it
	sqlite   bool         // the Go servers use SQLite; the reference knows MariaDB only
	profiles string       // directory for CPU profiles of the Go server, or ""
	files    int          // limit of open files, of the servers and of the generator
	started  int
}

// server is a contender that runs.
type server struct {
	*process
	port     int
	profiled string // the beginning of its profiles' file names, or ""
	profiles int    // how many were begun
}

func (s *server) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

//go:embed profile.go.txt
var profileSource []byte

// prepare builds what a contender needs.
func (b *bench) prepare(ctx context.Context, contender string) error {
	var cmd *exec.Cmd
	switch contender {
	case goContender:
		arguments := []string{"build", "-o", filepath.Join(b.scratch, "server")}
		if b.profiles != "" {
			overlay, err := b.profileOverlay()
			if err != nil {
				return err
			}
			arguments = append(arguments, "-overlay", overlay)
		}
		cmd = exec.CommandContext(ctx, "go", append(arguments, "./server")...)
		cmd.Dir = b.root
	case nodeContender:
		cmd = exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund")
		cmd.Dir = b.reference()
		if _, err := os.Stat(filepath.Join(cmd.Dir, "node_modules", "socket.io")); err == nil {
			return nil
		}
	default:
		_, err := os.Stat(contender)
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

func (b *bench) reference() string { return filepath.Join(b.root, "server", "loadtest", "reference") }

// profileOverlay adds a file to the server for this build alone, so that the real one has no profiling in it.
func (b *bench) profileOverlay() (string, error) {
	source, overlay := filepath.Join(b.scratch, "profile.go"), filepath.Join(b.scratch, "overlay.json")
	replace := map[string]any{"Replace": map[string]string{filepath.Join(b.root, "server", "loadtest_profile.go"): source}}
	text, err := json.Marshal(replace)
	return overlay, errors.Join(err, os.WriteFile(source, profileSource, 0o600), os.WriteFile(overlay, text, 0o600))
}

// startAlone runs a contender with an empty database.
func (b *bench) startAlone(ctx context.Context, contender string) (*server, error) {
	schema, err := b.newSchema(ctx)
	if err != nil {
		return nil, err
	}
	return b.start(ctx, contender, schema)
}

// newSchema creates an empty schema, and returns its name, which is also that of a directory. SQLite has a file there instead.
func (b *bench) newSchema(ctx context.Context) (string, error) {
	b.started++
	name := fmt.Sprintf("bench_%d", b.started)
	if b.database == nil {
		return name, nil
	}
	if err := b.database.fresh(ctx, name); err != nil {
		return "", fmt.Errorf("create a schema: %w", err)
	}
	return name, nil
}

// start runs a contender on a free port with a schema, and settings in addition to the usual ones.
func (b *bench) start(ctx context.Context, contender, schema string, settings ...string) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{port: port}
	directory, err := os.MkdirTemp(b.scratch, schema+"-")
	if err != nil {
		return nil, err
	}
	environment := append(os.Environ(), "PORT="+strconv.Itoa(port), "HOST=127.0.0.1")
	var cmd *exec.Cmd
	if contender == nodeContender {
		cmd = exec.CommandContext(ctx, "node", "server.js")
		cmd.Dir = b.reference()
		environment = append(environment, "NODE_ENV=production",
			"DATABASE_PORT="+strconv.Itoa(b.database.port), "DATABASE_NAME="+schema)
	} else {
		binary := contender
		if contender == goContender {
			binary = filepath.Join(b.scratch, "server")
		}
		cmd = exec.CommandContext(ctx, binary)
		cmd.Dir = directory // no .env there
		environment = append(environment, "DATA_DIR="+directory, "LOG_LEVEL=warn",
			"EVENT_RATE=10000", "EVENT_BURST=10000") // in small classes the same student marks again and again
		if !b.sqlite {
			environment = append(environment, "DATABASE_DSN="+b.database.dsn(schema))
		}
		if b.profiles != "" && contender == goContender {
			s.profiled = filepath.Join(b.profiles, filepath.Base(directory))
			environment = append(environment, "LOADTEST_PROFILE="+s.profiled)
		}
	}
	cmd.Env = append(environment, settings...)
	if s.process, err = start(contender, directory+".log", cmd); err != nil {
		return nil, err
	}
	if err := s.ready(time.Minute, func() error { return s.healthy(ctx) }); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) healthy(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address()+"/healthz", nil)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// profile starts and stops the CPU profile of a server that was built for it. When it has stopped it, all files are written.
func (s *server) profile(on bool) error {
	if s.profiled == "" {
		return nil
	}
	if on {
		s.profiles++
		return s.cmd.Process.Signal(syscall.SIGUSR1)
	}
	if err := s.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		return err
	}
	last := fmt.Sprintf("%s-%d.memory", s.profiled, s.profiles)
	return s.ready(10*time.Second, func() error {
		_, err := os.Stat(last)
		return err
	})
}

// measure runs one scenario against a new server.
func (b *bench) measure(ctx context.Context, s scenario, contender string) outcome {
	result := outcome{Scenario: s.name, Contender: contender}
	servers, err := b.startAll(ctx, contender, s.cluster)
	defer stopAll(servers)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	server := servers[0]
	r := &run{server: server, others: servers[1:], database: b.database, files: b.files}
	if b.sqlite && contender != nodeContender {
		r.database = nil
	}
	err = s.run(r)
	result.Metrics = r.metrics
	if err != nil {
		result.Error = fmt.Sprintf("%v; the end of the server's log: %q", err, server.logTail())
	}
	return result
}
