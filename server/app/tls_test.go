package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// selfSigned returns a certificate for localhost with this serial number, and its key, as PEM.
func selfSigned(t *testing.T, serial int64) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// servedSerial returns the serial number of the certificate that a server shows.
func servedSerial(t *testing.T, a *App) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", a.listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}) // a test's own
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

func TestRenewedCertificateFilesAreNoticed(t *testing.T) {
	directory := t.TempDir()
	cert, key := filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
	firstCert, firstKey := selfSigned(t, 1)
	write(t, cert, firstCert)
	write(t, key, firstKey)
	a, _ := start(t, settings(t, "HOST=127.0.0.1", "TLS_CERT="+cert, "TLS_KEY="+key), func(a *App) { a.certificate.interval = 0 })
	secondCert, secondKey := selfSigned(t, 22) // another length, should the times be the same
	for _, step := range []struct {
		what string
		do   func()
		want int64
	}{
		{"at the start", func() {}, 1},
		{"with the new certificate and the old key", func() { write(t, cert, secondCert) }, 1},
		{"with both", func() { write(t, key, secondKey) }, 22},
		{"with a broken file", func() { write(t, cert, []byte("broken")) }, 22},
		{"with no file", func() { _ = os.Remove(key) }, 22},
		{"with the first again", func() { write(t, cert, firstCert); write(t, key, firstKey) }, 1},
	} {
		step.do()
		if got := servedSerial(t, a); got != step.want {
			t.Errorf("%s, the certificate is number %d, want %d", step.what, got, step.want)
		}
	}
}

func TestUnreadableCertificateEndsTheStart(t *testing.T) {
	cert, _ := selfSigned(t, 1)
	_, key := selfSigned(t, 2)
	directory := t.TempDir()
	write(t, filepath.Join(directory, "cert.pem"), cert)
	write(t, filepath.Join(directory, "key.pem"), key)
	for name, file := range map[string]string{"no such file": "nowhere.pem", "the key of another": "key.pem"} {
		c := settings(t, "TLS_CERT="+filepath.Join(directory, "cert.pem"), "TLS_KEY="+filepath.Join(directory, file))
		if a, err := New(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil {
			a.close()
			t.Errorf("%s: it starts", name)
		}
	}
}

// Over TLS everything works as without it.
func TestClientsConnectOverTLS(t *testing.T) {
	directory := t.TempDir()
	cert, key := filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
	certificate, private := selfSigned(t, 1)
	write(t, cert, certificate)
	write(t, key, private)
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, plain, _ := net.SplitHostPort(probe.Addr().String())
	_ = probe.Close() // the port is free again
	a, _ := start(t, settings(t, "HOST=127.0.0.1", "TLS_CERT="+cert, "TLS_KEY="+key, "HTTP_PORT="+plain))

	c := dial(t, a)
	c.ask(`"identify",{"userId":"asha","role":"student"}`)

	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}} // a test's own
	defer insecure.CloseIdleConnections()
	polling := engineiotest.Open(t, insecure, a.URL()+"/socket.io/", 4)
	polling.Post(t, "40")
	if answer := polling.Get(t); answer.Status != http.StatusOK {
		t.Errorf("over polling: %d %s", answer.Status, answer.Body)
	}
	response, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get("http://127.0.0.1:" + plain + "/docs?x=1")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close() // the test needs the header only
	_, port, _ := net.SplitHostPort(a.listener.Addr().String())
	if location := response.Header.Get("Location"); response.StatusCode != http.StatusPermanentRedirect || location != "https://127.0.0.1:"+port+"/docs?x=1" {
		t.Errorf("plain HTTP is answered %d %s", response.StatusCode, location)
	}
}
