package app

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateInterval is how often the files of a certificate are looked at, while clients connect.
const certificateInterval = 10 * time.Second

// certificateFiles serves the certificate of TLS_CERT and TLS_KEY, and takes a renewed one without a restart.
type certificateFiles struct {
	cert, key string
	interval  time.Duration
	logger    *slog.Logger

	mu      sync.Mutex
	looked  time.Time
	seen    fileVersions
	current *tls.Certificate
}

// fileVersions tells whether the files are those that were read before.
type fileVersions [2]struct {
	modified time.Time
	size     int64
}

// newCertificateFiles reads the files for the first time.
func newCertificateFiles(cert, key string, logger *slog.Logger) (*certificateFiles, error) {
	c := &certificateFiles{cert: cert, key: key, interval: certificateInterval, logger: logger, looked: time.Now()}
	c.seen, _ = c.versions() // reading says more about what is wrong
	loaded, err := LoadCertificate(cert, key)
	if err != nil {
		return nil, err
	}
	c.current = &loaded
	return c, nil
}

// LoadCertificate reads the files of TLS_CERT and TLS_KEY.
func LoadCertificate(cert, key string) (tls.Certificate, error) {
	loaded, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return loaded, fmt.Errorf("TLS_CERT and TLS_KEY must be a certificate and its key in PEM files that the server can read: %w", err)
	}
	return loaded, nil
}

func (c *certificateFiles) versions() (versions fileVersions, err error) {
	for i, name := range []string{c.cert, c.key} {
		info, err := os.Stat(name)
		if err != nil {
			return versions, err
		}
		versions[i].modified, versions[i].size = info.ModTime(), info.Size()
	}
	return versions, nil
}

// get is tls.Config.GetCertificate. It keeps the certificate that it has while the files do not fit each other: whoever renews them
// writes one after the other.
func (c *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= c.interval {
		c.looked = now
		c.reload()
	}
	return c.current, nil
}

// reload reads the files if they are not the same as before. The caller holds mu.
func (c *certificateFiles) reload() {
	versions, err := c.versions()
	if err == nil && versions == c.seen {
		return
	}
	var loaded tls.Certificate
	if err == nil {
		loaded, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	if err != nil {
		c.logger.Error("the certificate stays as it is, because TLS_CERT and TLS_KEY cannot be read", "err", err)
		return
	}
	c.seen, c.current = versions, &loaded
	c.logger.Info("the certificate was renewed", "until", loaded.Leaf.NotAfter)
}
