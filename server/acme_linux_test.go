package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

const domain = "attendance.test"

// freePort returns a port of 127.0.0.1 that nothing listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// inACME runs the go command in the module of the ACME server.
func inACME(t *testing.T, arguments ...string) string {
	t.Helper()
	var problems bytes.Buffer
	c := exec.CommandContext(t.Context(), "go", append([]string{"-C", "../.ci/acme"}, arguments...)...)
	c.Stderr = &problems
	output, err := c.Output()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", arguments, err, problems.String())
	}
	return strings.TrimSpace(string(output))
}

// runUntilEnd starts a program until the end of the test.
func runUntilEnd(t *testing.T, environ []string, name string, arguments ...string) (end func()) {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, arguments...)
	c.Env = append(os.Environ(), environ...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() {
		_ = c.Process.Kill() // it may have ended already
		_ = c.Wait()         // reports the kill
	}
	t.Cleanup(end)
	return end
}

// acmeServer is Pebble, Let's Encrypt's ACME server for tests. It finds every name at 127.0.0.1.
type acmeServer struct {
	directory string
	trusted   string // the file with the authority of its own certificate
	roots     string // the address of the authority of those that it issues
	end       func()
}

func startACME(t *testing.T, httpPort, tlsPort int) acmeServer {
	t.Helper()
	binaries := t.TempDir()
	inACME(t, "build", "-o", binaries, "github.com/letsencrypt/pebble/v2/cmd/pebble", "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv")
	certificates := filepath.Join(inACME(t, "list", "-m", "-f", "{{.Dir}}", "github.com/letsencrypt/pebble/v2"), "test", "certs")
	address := func() string { return fmt.Sprintf("127.0.0.1:%d", freePort(t)) }
	names, serving, management := address(), address(), address()
	runUntilEnd(t, nil, filepath.Join(binaries, "pebble-challtestsrv"), "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dnsserver", names,
		"-management", address(), "-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "")
	configuration, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": serving, "managementListenAddress": management,
		"certificate": filepath.Join(certificates, "localhost", "cert.pem"), "privateKey": filepath.Join(certificates, "localhost", "key.pem"),
		"httpPort": httpPort, "tlsPort": tlsPort,
		"profiles": map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": 7776000}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(binaries, "configuration.json")
	if err := os.WriteFile(file, configuration, 0o600); err != nil {
		t.Fatal(err)
	}
	end := runUntilEnd(t, []string{"PEBBLE_VA_NOSLEEP=1"}, filepath.Join(binaries, "pebble"), "-config", file, "-dnsserver", names)
	return acmeServer{"https://" + serving + "/dir", filepath.Join(certificates, "pebble.minica.pem"), "https://" + management + "/roots/0", end}
}

// authority returns what the certificates that it issues are verified with.
func (s acmeServer) authority(t *testing.T) *x509.CertPool {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}}} // a test server's
	defer client.CloseIdleConnections()
	pool := x509.NewCertPool()
	engineiotest.Eventually(t, func() error {
		response, err := client.Get(s.roots)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return err
		}
		if !pool.AppendCertsFromPEM(content) {
			return fmt.Errorf("no certificate: %s", content)
		}
		return nil
	})
	return pool
}

// TestDomainGetsCertificateByACME starts the server with a DOMAIN, and again when the certificate's issuer is away.
func TestDomainGetsCertificateByACME(t *testing.T) {
	httpPort, tlsPort := freePort(t), freePort(t)
	issuer := startACME(t, httpPort, tlsPort)
	authority := issuer.authority(t)
	data := t.TempDir()
	start := func() process {
		p := startProcess(t, "DOMAIN="+domain, "HOST=127.0.0.1", fmt.Sprint("PORT=", tlsPort), fmt.Sprint("HTTP_PORT=", httpPort),
			"ACME_DIRECTORY="+issuer.directory, "SSL_CERT_FILE="+issuer.trusted, "DATA_DIR="+data, "JWT_SECRET=0c5d7e3f7ce2b1a94b60a1d6f2c98e35")
		p.logs(t, "is ready")
		return p
	}
	shown := func() (serial string) {
		engineiotest.Eventually(t, func() error {
			conn, err := tls.Dial("tcp", fmt.Sprint("127.0.0.1:", tlsPort), &tls.Config{ServerName: domain, RootCAs: authority, MinVersion: tls.VersionTLS12})
			if err != nil {
				return err
			}
			serial = conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
			return conn.Close()
		})
		return serial
	}
	serving := start()
	first := shown()
	serving.signal(t, syscall.SIGTERM)
	serving.logs(t, "stopping")
	_ = serving.Wait() // a stop is not what this test is about
	issuer.end()
	start()
	if second := shown(); second != first {
		t.Error("the next process has another certificate")
	}
}
