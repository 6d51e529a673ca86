package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"github.com/caddyserver/certmagic"
	"go.uber.org/zap"

	"github.com/neuracampus/attendance/server/config"
)

// acme gets the certificate of DOMAIN by the protocol of that name (RFC 8555), and renews it.
type acme struct {
	domain string
	cache  *certmagic.Cache
	config *certmagic.Config
	issuer *certmagic.ACMEIssuer
}

// newACME returns an acme that stores keys and certificates in DATA_DIR.
func newACME(settings config.Config, logger *slog.Logger) *acme {
	a := &acme{domain: settings.Domain}
	a.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return a.config, nil },
		Logger:           zap.NewNop(),
	})
	a.config = certmagic.New(a.cache, certmagic.Config{
		Storage:           &certmagic.FileStorage{Path: filepath.Join(settings.DataDir, "certificates")},
		DefaultServerName: settings.Domain, // for clients that name no server
		OnEvent:           func(_ context.Context, event string, data map[string]any) error { return report(logger, event, data) },
		Logger:            zap.NewNop(), // the events say what matters
	})
	a.issuer = certmagic.NewACMEIssuer(a.config, certmagic.ACMEIssuer{
		CA: settings.ACMEDirectory, Email: settings.ACMEEmail, Agreed: true,
		AltHTTPPort: settings.HTTPPort, DisableHTTPChallenge: settings.HTTPPort == 0,
		Logger: zap.NewNop(),
	})
	a.config.Issuers = []certmagic.Issuer{a.issuer}
	return a
}

// report logs what concerns the operator.
func report(logger *slog.Logger, event string, data map[string]any) error {
	switch event {
	case "cert_obtained":
		logger.Info("there is a new certificate", "domain", data["identifier"], "renewal", data["renewal"])
	case "cert_failed":
		logger.Error("no certificate; another try follows", "domain", data["identifier"], "renewal", data["renewal"], "err", data["error"])
	}
	return nil
}

// manage gets the certificate, now and before it expires, until ctx ends. The listeners must serve by then: the issuer's challenges come to
// them. Address is that of the first.
func (a *acme) manage(ctx context.Context, address *net.TCPAddr) error {
	a.issuer.AltTLSALPNPort = address.Port
	if !address.IP.IsUnspecified() {
		a.issuer.ListenHost = address.IP.String()
	}
	return a.config.ManageAsync(ctx, []string{a.domain})
}

func (a *acme) tlsConfig() *tls.Config { return a.config.TLSConfig() }

// answerChallenges returns a handler that answers the challenges over HTTP, and leaves all else to next.
func (a *acme) answerChallenges(next http.Handler) http.Handler {
	return a.issuer.HTTPChallengeHandler(next)
}
