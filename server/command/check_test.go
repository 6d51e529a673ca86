package command_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCheckReportsExpiredAndUnreadableCertificates(t *testing.T) {
	for _, test := range []struct {
		validFor time.Duration // 0: there are no files
		status   int
		want     string
	}{
		{time.Hour, 0, "ok    certificate: valid until "},
		{-time.Hour, 1, "FAULT certificate: it was valid until "},
		{0, 1, "FAULT certificate: TLS_CERT and TLS_KEY must be a certificate and its key"},
	} {
		directory := t.TempDir()
		cert, key := filepath.Join(directory, "cert.pem"), filepath.Join(directory, "key.pem")
		if test.validFor != 0 {
			writeCertificate(t, cert, key, time.Now().Add(test.validFor))
		}
		status, stdout, _ := run(t, "check", "", "DATA_DIR="+filepath.Join(directory, "data"), "TLS_CERT="+cert, "TLS_KEY="+key)
		if status != test.status || !strings.Contains(stdout, test.want) {
			t.Errorf("a certificate valid for %v: exit status %d, %s", test.validFor, status, stdout)
		}
	}
}

func writeCertificate(t *testing.T, cert, key string, notAfter time.Time) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: notAfter.Add(-24 * time.Hour), NotAfter: notAfter}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
