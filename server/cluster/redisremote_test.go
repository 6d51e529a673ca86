package cluster

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// certificate writes a certificate of 127.0.0.1 with its key, and returns the files.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	write := func(name, kind string, content []byte) string {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert", "CERTIFICATE", der), write("key", "PRIVATE KEY", private), pool
}

func TestRedisOverTLSNotifies(t *testing.T) {
	cert, key, pool := certificate(t)
	t.Setenv("SSL_CERT_FILE", cert) // the system's certificates are read once in a process, here
	s := &redisServer{t: t, port: freePort(t), dir: t.TempDir(), tls: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}}
	s.options = []string{
		"--port", "0", "--tls-port", fmt.Sprint(s.port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert,
		"--tls-auth-clients", "no",
	}
	s.start()
	t.Cleanup(s.kill)
	p := startPair(t, s.url())
	p.notified()
	s.kill()
	p.commit()
	s.start()
	p.notified()
}

// TestRedisFailoverIsFollowed kills the primary of a Redis that a Sentinel watches, and waits for the replica's notifications.
func TestRedisFailoverIsFollowed(t *testing.T) {
	primary := startRedis(t)
	replica := startRedis(t, "--replicaof", fmt.Sprintf("127.0.0.1 %d", primary.port))
	sentinel := startSentinel(t, primary)
	for deadline := time.Now().Add(deadline); ; time.Sleep(20 * time.Millisecond) {
		if known, err := sentinel.replicas(); err == nil && known {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the Sentinel does not find the replica")
		}
	}
	p := startPair(t, sentinel.url())
	p.notified()
	primary.kill()
	p.commit()
	p.notified()
	if answer, err := replica.command("ROLE"); err != nil || answer != "*3" {
		t.Fatalf("ROLE: %s, %v", answer, err)
	}
	if answer, err := replica.command("PUBSUB NUMSUB test:a"); err != nil || answer != "*2" {
		t.Errorf("the replica has no subscribers: %s, %v", answer, err)
	}
}

// sentinel is a real Redis Sentinel of one test.
type sentinel struct {
	*redisServer
	primary *redisServer
}

func startSentinel(t *testing.T, primary *redisServer) *sentinel {
	t.Helper()
	s := &sentinel{&redisServer{t: t, port: freePort(t), dir: t.TempDir()}, primary}
	file := filepath.Join(s.dir, "sentinel.conf")
	configuration := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nlogfile %s/log\nsentinel monitor main 127.0.0.1 %d 1\nsentinel auth-pass main %s\n"+
		"sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n", s.port, s.dir, s.dir, primary.port, redisPassword)
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	s.process = exec.Command("redis-server", file, "--sentinel")
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}

func (s *sentinel) url() string {
	return fmt.Sprintf("redis://:%s@127.0.0.1:%d/3?master_set=main", redisPassword, s.port)
}

// replicas tells whether the Sentinel knows the replica. Its second line says how many there are.
func (s *sentinel) replicas() (bool, error) {
	answer, err := s.command("SENTINEL REPLICAS main")
	return answer == "*1", err
}
